// AUTH at the server: any SASL mechanism over SMTP lines; the mechanisms come from outside.
// RFC 4954 §4 (exchange), §5 (AUTH= of MAIL), §6 (codes), §4.4 (12288 octets)

import { decodeBase64, decodeLatin1 } from '@scop/octets'
import { err, ok } from '@scop/result'
import type { SessionFacts } from '../facts.ts'
import { challengeReply, type Reply, reply } from '../reply.ts'
import { type Parameter, parameterEntry, type ServerExtension } from '../server-extension.ts'
import { answer, answerAndClose, ask, type Context, type ReadyState, type Step } from '../server-state.ts'
import type { Slot } from '../slots.ts'

/** One authentication; `@scop/sasl`'s `ServerMechanism` is one. */
export interface ServerMechanism {
  /** `undefined`: the client sent no initial response. */
  next(response: Uint8Array | undefined): Promise<MechanismStep>
}

export type MechanismStep =
  | { readonly kind: 'challenge'; readonly octets: Uint8Array }
  | { readonly kind: 'success'; readonly identity: string; readonly octets?: Uint8Array }
  | { readonly kind: 'failure'; readonly reason: unknown }

export type Mechanisms = {
  /** Upper case, best first; empty: none over this connection, so AUTH is not offered. */
  readonly offered: (facts: SessionFacts) => readonly string[]
  readonly start: (name: string, facts: SessionFacts) => ServerMechanism
  /** Whether a failure says nothing of the credentials, and may be gone next time: 454, and not counted. RFC 4954 §6 */
  readonly isTemporary?: (reason: unknown) => boolean
  /** Where a failure is counted or logged; the client is told nothing but 535 or 454. */
  readonly onFailure?: (name: string, reason: unknown, facts: SessionFacts) => void
}

/** `MAIL … AUTH=`: who the client says submitted it; `undefined` inside: `<>`. To be trusted only from trusted clients. */
export const AUTH_PARAMETER: Parameter<{ readonly submitter: string | undefined }> = {
  name: 'AUTH',
  parse(value) {
    if (value === '<>') return ok({ submitter: undefined })
    const submitter = value === undefined ? undefined : decodeXtext(value)
    return submitter === undefined
      ? err(reply(501, '5.5.4', 'AUTH needs an address in xtext, or <>'))
      : ok({ submitter })
  },
}

export function auth(mechanisms: Mechanisms): ServerExtension {
  return {
    name: 'AUTH',
    offer(facts) {
      const names = mechanisms.offered(facts)
      return names.length === 0 ? undefined : `AUTH ${names.join(' ')}`
    },
    mailParameters: [parameterEntry(AUTH_PARAMETER)],
    lineOctets: { AUTH: AUTH_LINE - 512, MAIL: 500 },
    rows: { ready: { AUTH: (state, argument, context) => begin(state, argument, context, mechanisms) } },
  }
}

// AUTH = "AUTH" SP sasl-mech [SP initial-response]; initial-response = base64 / "="
function begin(state: ReadyState, argument: string, context: Context, mechanisms: Mechanisms): Step {
  const { facts } = state
  const words = argument.split(' ')
  const [mechanism = '', initial] = words
  if (mechanism === '' || words.length > 2) return answer(state, reply(501, '5.5.4', 'AUTH needs a mechanism'))
  if (facts.identity !== undefined) return answer(state, reply(503, '5.5.1', 'Authenticated already'))
  const offered = mechanisms.offered(facts)
  if (offered.length === 0 && facts.tls === undefined) return answer(state, ENCRYPTION_REQUIRED)
  const name = mechanism.toUpperCase()
  if (!offered.includes(name)) return answer(state, reply(504, '5.5.4', 'Mechanism not offered'))
  const response = initial === undefined ? ok(undefined) : initial === '=' ? ok(EMPTY) : decodeBase64(initial)
  if (!response.ok) return answer(state, NOT_BASE64)
  const exchange: Exchange = { name, mechanism: mechanisms.start(name, facts), mechanisms, context, state }
  return respond(exchange, response.value)
}

type Exchange = {
  readonly name: string
  readonly mechanism: ServerMechanism
  readonly mechanisms: Mechanisms
  readonly context: Context
  /** To go back to. */
  readonly state: ReadyState
}

function respond(exchange: Exchange, response: Uint8Array | undefined): Step {
  const { mechanism, state } = exchange
  return ask(
    state,
    () => mechanism.next(response),
    (next) => {
      switch (next.kind) {
        case 'challenge':
          return challenge(exchange, next.octets, (octets) => respond(exchange, octets))
        case 'failure':
          return fail(exchange, next.reason)
        case 'success':
          if (next.octets === undefined || next.octets.length === 0) return succeed(state, next.identity)
          // RFC 4954 §4: 235 carries no data, so it is one more challenge, answered with nothing.
          return challenge(exchange, next.octets, (octets) =>
            octets.length === 0 ? succeed(state, next.identity) : fail(exchange, { kind: 'unexpected-response' }),
          )
      }
    },
  )
}

function challenge({ state }: Exchange, octets: Uint8Array, responded: (response: Uint8Array) => Step): Step {
  return {
    state: {
      name: 'dialogue',
      facts: state.facts,
      lineOctets: AUTH_LINE,
      line(octets) {
        const text = decodeLatin1(octets)
        if (text === '*') return answer(state, CANCELLED)
        const response = decodeBase64(text)
        return response.ok ? responded(response.value) : answer(state, NOT_BASE64)
      },
    },
    actions: [{ kind: 'reply', reply: challengeReply(octets) }],
  }
}

function succeed(state: ReadyState, identity: string): Step {
  return answer({ name: 'ready', facts: { ...state.facts, identity } }, reply(235, '2.7.0', 'Authenticated'))
}

function fail({ name, mechanisms, context, state }: Exchange, reason: unknown): Step {
  const { facts } = state
  mechanisms.onFailure?.(name, reason, facts)
  if (mechanisms.isTemporary?.(reason) === true) return answer(state, NOT_NOW)
  const failures = (facts.memory.read(FAILURES) ?? 0) + 1
  const next: ReadyState = { name: 'ready', facts: { ...facts, memory: facts.memory.with(FAILURES, failures) } }
  const step = answer(next, INVALID)
  if (failures < context.limits.authenticationFailures) return step
  const closing = answerAndClose(next, TOO_MANY_FAILURES)
  return { state: closing.state, actions: [...step.actions, ...closing.actions] }
}

// xtext = *( xchar / hexchar ); hexchar = "+" 2(%x30-39 / %x41-46)      RFC 3461 §4
function decodeXtext(text: string): string | undefined {
  if (!/^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/.test(text)) return undefined
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const FAILURES: Slot<number> = { name: 'AUTH failures' }
const AUTH_LINE = 12_288
const EMPTY = new Uint8Array(0)
const ENCRYPTION_REQUIRED: Reply = reply(538, '5.7.11', 'Encryption required: use TLS first')
const NOT_BASE64: Reply = reply(501, '5.5.2', 'Cannot read response: not base64')
const NOT_NOW: Reply = reply(454, '4.7.0', 'Temporary authentication failure')
const CANCELLED: Reply = reply(501, '5.7.0', 'Authentication cancelled')
const INVALID: Reply = reply(535, '5.7.8', 'Authentication credentials invalid')
const TOO_MANY_FAILURES: Reply = reply(421, '4.7.0', 'Too many failed authentications, closing')
