// The table of the client: every state that waits for a reply, and what a reply does there.
// RFC 5321 §3.1 (greeting), §3.2 (EHLO, then HELO), §3.3 (transactions), §4.2.1 (severities)

import { encodeUtf8 } from '@scop/octets'
import type { ClientError } from './client-error.ts'
import type { ClientExtension, ExchangeStep } from './client-extension.ts'
import type { Offers, ServerFacts } from './client-facts.ts'
import type { ClientState, ClientStates, ClientStep, Learned, Outcome } from './client-state.ts'
import type { ClientLimits } from './limits.ts'
import { type Reply, severity } from './reply.ts'

export type ClientContext = {
  /** Our name. */
  readonly hostname: string
  /** In the order in which they prepare the session. */
  readonly extensions: readonly ClientExtension[]
  readonly limits: ClientLimits
}

type Cell<S> = (state: S, reply: Reply, context: ClientContext) => ClientStep

export const CLIENT_TRANSITIONS: { readonly [N in keyof ClientStates]: Cell<ClientStates[N]> } = {
  greeting: ({ learned }, reply, context) =>
    reply.code === 220 ? sayEhlo({ ...learned, greeting: reply }, context) : fail({ kind: 'refused', reply }),
  ehlo: ({ learned }, reply, context) => {
    if (reply.code === 250) return prepare(meet(learned, reply, true), 0, context)
    // RFC 5321 §3.2: an older server.
    if (severity(reply) === 5) return say({ name: 'helo', learned }, `HELO ${context.hostname}`)
    return fail({ kind: 'refused', reply })
  },
  helo: ({ learned }, reply, context) =>
    reply.code === 250 ? prepare(meet(learned, reply, false), 0, context) : fail({ kind: 'refused', reply }),
  exchange: ({ facts, index, exchange }, reply) => ({
    state: { name: 'performing', facts, index },
    actions: [{ kind: 'perform', run: () => exchange.next(reply) }],
  }),
  ready: (_, reply) => fail({ kind: 'unexpected-reply', reply }),
  envelope: (state, reply, context) => proceed({ ...state, replies: [...state.replies, reply] }, context),
  content: ({ replies }, reply) => ({
    state: { name: 'closed' },
    actions: severity(reply) >= 4 ? [{ kind: 'sent', outcome: outcomeOf(replies, reply) }] : [unexpected(reply)],
  }),
  result: ({ facts, replies, empty }, reply) => {
    if (severity(reply) === 3) return fail({ kind: 'unexpected-reply', reply })
    return done(facts, outcomeOf(replies, empty ? undefined : reply))
  },
  cleaning: ({ facts, outcome }, reply) =>
    severity(reply) === 2 ? done(facts, outcome) : { ...done(facts, outcome), state: { name: 'closed' } },
  resetting: ({ facts }, reply) =>
    severity(reply) === 2
      ? { state: { name: 'ready', facts }, actions: [{ kind: 'replied', reply }] }
      : { state: { name: 'closed' }, actions: [{ kind: 'replied', reply }] },
  quitting: () => ({ state: { name: 'closed' }, actions: [{ kind: 'closed' }] }),
}

export function fail(error: ClientError): ClientStep {
  return { state: { name: 'closed' }, actions: [{ kind: 'failed', error }] }
}

export function say(state: ClientState, ...lines: readonly string[]): ClientStep {
  return { state, actions: [{ kind: 'write', octets: encodeUtf8(lines.map((line) => `${line}\r\n`).join('')) }] }
}

export function sayEhlo(learned: Learned & { readonly greeting: Reply }, { hostname }: ClientContext): ClientStep {
  return say({ name: 'ehlo', learned }, `EHLO ${hostname}`)
}

/** Lets each extension from `index` on do what it must before the session is ready. */
export function prepare(facts: ServerFacts, index: number, context: ClientContext): ClientStep {
  for (const [i, extension] of context.extensions.entries()) {
    if (i < index || extension.prepare === undefined) continue
    const prepared = extension.prepare(facts)
    if (!prepared.ok) return fail(prepared.error)
    const exchange = prepared.value
    if (exchange === undefined) continue
    if ('begin' in exchange) {
      return { state: { name: 'performing', facts, index: i }, actions: [{ kind: 'perform', run: exchange.begin }] }
    }
    return performed(facts, i, { kind: 'say', exchange }, context)
  }
  return { state: { name: 'ready', facts }, actions: [{ kind: 'ready', facts }] }
}

export function performed(facts: ServerFacts, index: number, step: ExchangeStep, context: ClientContext): ClientStep {
  switch (step.kind) {
    case 'say': {
      const { exchange } = step
      const octets = new Uint8Array(exchange.line.length + 2)
      octets.set(exchange.line)
      octets.set(CRLF, exchange.line.length)
      return { state: { name: 'exchange', facts, index, exchange }, actions: [{ kind: 'write', octets }] }
    }
    case 'done':
      return prepare({ ...facts, identity: step.identity ?? facts.identity }, index + 1, context)
    case 'start-tls':
      return { state: { name: 'securing', facts }, actions: [{ kind: 'start-tls' }] }
    case 'failed':
      return fail(step.error)
  }
}

/** Sends what may be sent next of an envelope, or ends it. */
export function proceed(state: ClientStates['envelope'], context: ClientContext): ClientStep {
  const { facts, lines, sent, replies } = state
  const dataAt = lines.length - 1
  const [mail, ...rest] = replies
  const data = replies[dataAt]
  const accepted = rest.slice(0, dataAt - 1).some((one) => severity(one) === 2)
  const alive = mail !== undefined && severity(mail) === 2
  if (data !== undefined) {
    const before = replies.slice(0, dataAt)
    // A 250 here would look like a message taken over that was never sent. RFC 5321 §4.3.2
    if (data.code !== 354 && severity(data) < 4) return fail({ kind: 'unexpected-reply', reply: data })
    if (data.code !== 354) return clean(facts, outcomeOf(before, alive && accepted ? data : undefined))
    if (alive && accepted) {
      return { state: { name: 'content', facts, replies: before }, actions: [{ kind: 'send-content' }] }
    }
    return say({ name: 'result', facts, replies: before, empty: true }, '.')
  }
  if (replies.length < sent) return { state, actions: [] }
  if (mail !== undefined && !alive) return clean(facts, outcomeOf(replies, undefined))
  if (replies.length === dataAt && !accepted) return clean(facts, outcomeOf(replies, undefined))
  const grouped = context.extensions.some((one) => one.groupsCommands === true && facts.offers.has(one.keyword))
  const until = Math.min(lines.length, sent + (grouped ? context.limits.pipelinedCommands : 1))
  return say({ ...state, sent: until }, ...lines.slice(sent, until))
}

function meet(learned: ClientStates['ehlo']['learned'], hello: Reply, extended: boolean): ServerFacts {
  return { ...learned, hello, extended, offers: extended ? readOffers(hello) : new Map<string, readonly string[]>() }
}

// ehlo-line = ehlo-keyword *( SP ehlo-param ); lines that are none are passed over      RFC 5321 §4.1.1.1
function readOffers({ lines }: Reply): Offers {
  const offers = new Map<string, readonly string[]>()
  for (const line of lines.slice(1)) {
    const [keyword = '', ...parameters] = line.split(' ').filter((word) => word !== '')
    if (KEYWORD.test(keyword)) offers.set(keyword.toUpperCase(), parameters)
  }
  return offers
}

function outcomeOf([mail, ...recipients]: readonly Reply[], data: Reply | undefined): Outcome {
  if (mail === undefined) throw new Error('Cannot report an outcome: MAIL was not answered')
  return { mail, recipients: severity(mail) === 2 ? recipients : [], data }
}

function done(facts: ServerFacts, outcome: Outcome): ClientStep {
  return { state: { name: 'ready', facts }, actions: [{ kind: 'sent', outcome }] }
}

function clean(facts: ServerFacts, outcome: Outcome): ClientStep {
  return say({ name: 'cleaning', facts, outcome }, 'RSET')
}

const unexpected = (reply: Reply): ClientStep['actions'][number] => ({
  kind: 'failed',
  error: { kind: 'unexpected-reply', reply },
})

const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]*$/
const CRLF = new Uint8Array([0x0d, 0x0a])
