// A small internet without sockets: functions that answer by address, a clock that moves only when it is told to, and a
// resolver on top, whose packets are counted.

import {
  type Message,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  formatName,
  type Name,
  parseName,
  parseRecords,
  parseType,
  type Question,
  RCODE,
  type ResourceRecord,
  ROOT,
} from '@scop/dns'
import type { AlgorithmTable } from '@scop/dnssec'
import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import {
  type ClientQuery,
  createResolver,
  type Outcome,
  type Resolver,
  RESOLVER_CONFIG,
  RESOLVER_LIMITS,
  type ResolverAction,
  type ResolverConfig,
  type ResolverEvent,
  type ResolverLimits,
} from '../src/index.ts'

/** `undefined`: silence. Several: the earlier ones are what somebody else sends. */
export type Answerer = (query: Message, question: Question, transport: string) => Reply
export type Reply = Message | Uint8Array | readonly (Message | Uint8Array)[] | undefined

export const name = (text: string): Name => expectOk(parseName(text, ROOT), `read ${text}`)
export const address = (text: string): IpAddress => expectOk(parseIpAddress(text), `read ${text}`)
export const records = (text: string): readonly ResourceRecord[] =>
  expectOk(parseRecords(`$TTL 3600\n${text}\n`, ROOT), 'read records')
export const question = (text: string, type = 'A'): Question => ({
  name: name(text),
  type: parseType(type) ?? 0,
  class: 1,
})

export const ROOT_ADDRESS = '192.0.2.1'

/** An answer with AA; each section in zone-file form. */
export function says(
  query: Message,
  sections: {
    readonly answer?: string
    readonly authority?: string
    readonly additional?: string
    readonly rcode?: number
    readonly aa?: boolean
  },
): Message {
  return {
    ...EMPTY_MESSAGE,
    id: query.id,
    response: true,
    authoritative: sections.aa ?? true,
    rcode: sections.rcode ?? RCODE.NOERROR,
    questions: query.questions,
    answers: records(sections.answer ?? ''),
    authorities: records(sections.authority ?? ''),
    additionals: records(sections.additional ?? ''),
  }
}

export function refers(query: Message, authority: string, additional = ''): Message {
  return says(query, { authority, additional, aa: false })
}

export const denies = (query: Message, zone: string, rcode: number = RCODE.NXDOMAIN): Message =>
  says(query, { rcode, authority: `${zone} 300 SOA ns. h. 1 2 3 4 300` })

export type Sent = Extract<ResolverAction, { kind: 'send' }>

export class Internet {
  readonly resolver: Resolver
  readonly sent: Sent[] = []
  readonly outcomes = new Map<number, Outcome>()
  readonly dropped: number[] = []
  readonly servers: Map<string, Answerer>
  nowMs = 1_000_000
  /** Work that has to be gone on with waits for `resume`; otherwise it is gone on with at once. */
  holdsWork = false
  #held = false
  #ids = 0
  #open: Sent[] = []

  constructor(
    servers: Readonly<Record<string, Answerer>>,
    config: Partial<ResolverConfig> = {},
    limits: Partial<ResolverLimits> = {},
    seed = 1,
    algorithms?: AlgorithmTable,
  ) {
    this.servers = new Map(Object.entries(servers))
    let state = seed
    const random = (octets: number): Uint8Array =>
      Uint8Array.from({ length: octets }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        return state >>> 16
      })
    this.resolver = createResolver(
      {
        ...RESOLVER_CONFIG,
        hints: [{ name: name('root.test'), addresses: [{ address: address(ROOT_ADDRESS), port: 53 }] }],
        minimise: 'no',
        addressesAhead: [],
        ipv6: false,
        ...config,
        limits: { ...RESOLVER_LIMITS, ...limits },
      },
      { random, ...(algorithms && { algorithms }) },
    )
  }

  /** Asks, and serves until nobody waits for anything but silence. */
  ask(text: string, type = 'A', more: Partial<ClientQuery> = {}): Outcome | undefined {
    const id = this.begin(text, type, more)
    this.settle()
    return this.outcomes.get(id)
  }

  begin(text: string, type = 'A', more: Partial<ClientQuery> = {}): number {
    const id = ++this.#ids
    this.event({
      kind: 'query',
      id,
      question: question(text, type),
      recursionDesired: true,
      checkingDisabled: false,
      ...more,
    })
    return id
  }

  /** Every packet is answered, or times out. */
  settle(): void {
    for (let next = this.#open.shift(); next !== undefined; next = this.#open.shift()) this.serve(next)
  }

  serve(sent: Sent): void {
    const query = expectOk(decodeMessage(sent.octets), 'read a query')
    const asked = query.questions[0]
    const reply =
      asked === undefined ? undefined : this.servers.get(sent.server.address)?.(query, asked, sent.transport)
    const replies = reply === undefined ? [] : Array.isArray(reply) ? reply : [reply as Message | Uint8Array] // as: no array
    for (const each of replies as readonly (Message | Uint8Array)[]) {
      const octets = each instanceof Uint8Array ? each : encodeMessage(each).octets
      this.event({ kind: 'reply', exchange: sent.exchange, octets })
    }
    if (!this.#ended.has(sent.exchange)) this.event({ kind: 'failed', exchange: sent.exchange, reason: 'timeout' })
  }

  readonly #ended = new Set<number>()

  event(event: ResolverEvent): readonly ResolverAction[] {
    const actions = this.resolver.handle(event, this.nowMs)
    for (const action of actions) {
      if (action.kind === 'send') {
        this.sent.push(action)
        this.#open.push(action)
      } else if (action.kind === 'cancel') this.#ended.add(action.exchange)
      else if (action.kind === 'answer') this.outcomes.set(action.id, action.outcome)
      else if (action.kind === 'drop') this.dropped.push(action.id)
      else if (action.kind === 'resume-soon') {
        if (this.holdsWork) this.#held = true
        else this.event({ kind: 'resume' })
      }
    }
    return actions
  }

  /** One turn of the work that was held; whether there was any. */
  resume(): boolean {
    if (!this.#held) return false
    this.#held = false
    this.event({ kind: 'resume' })
    return true
  }

  pass(milliseconds: number): void {
    this.nowMs += milliseconds
    this.event({ kind: 'tick' })
  }

  /** Packets since the last count. */
  count(): number {
    return this.sent.splice(0).length
  }
}

/** The root, which refers each top-level name to one address. */
export function root(delegations: Readonly<Record<string, string>>): Answerer {
  return (query, { name: asked, type }) => {
    if (asked.octets.length === 1 && type === 2)
      return says(query, { answer: '. NS root.test.', additional: `root.test. A ${ROOT_ADDRESS}` })
    const labels = formatName(asked)
      .toLowerCase()
      .split('.')
      .filter((label) => label !== '')
    const top = labels.at(-1) ?? ''
    const to = delegations[top]
    return to === undefined ? denies(query, '.') : refers(query, `${top}. NS ns.${top}.`, `ns.${top}. A ${to}`)
  }
}
