// The resolver with its sockets and its clock: performs what the core asks for, and tells it what came of it.
// Law: the core is entered from here alone, once at a time; replies, failures and timers wait for their turn.
// RFC 5452 §9, RFC 7766 §6, RFC 7858 §3 (upstream); RFC 4035 §3.2, RFC 8914 §2 (to clients)

import { randomInt } from 'node:crypto'
import { EXTENDED_ERROR, formatName, type Name, type Question, RCODE } from '@scop/dns'
import type { IncomingMessage } from '@scop/dns/node'
import { formatClientReply, readClientMessage, type ReplyOptions, replyWith } from '../client-message.ts'
import { RESOLVER_CONFIG } from '../config.ts'
import type { ResolverAction, ResolverEvent, TraceStep, Transport } from '../event.ts'
import type { Outcome } from '../outcome.ts'
import { ReplyCache } from '../reply-cache.ts'
import type { Exchanges, Reports } from './exchange.ts'
import { streamExchanges } from './stream-exchanges.ts'
import type { StreamLimits } from './stream-connection.ts'
import { udpExchanges, type UdpLimits } from './udp-exchanges.ts'

/** The core as the shell sees it. */
export type ResolverCore = { readonly handle: (event: ResolverEvent, nowMs: number) => readonly ResolverAction[] }

export type ShellOptions = {
  readonly core: ResolverCore
  /** Keeps what `persist` says, durably: state of trust anchors by their zone. */
  readonly persist?: (zone: Name, text: string) => void
  /** What of the configuration shows in replies. Default `RESOLVER_CONFIG`. */
  readonly replies?: ReplyOptions
  /** Whether a client at this address may ask; others are REFUSED. Default: everybody. */
  readonly mayAsk?: (address: string) => boolean
  /** PEM: who may sign the certificates of servers that are asked by TLS; default: the runtime's own list. */
  readonly authorities?: string | undefined
  readonly udp?: Partial<UdpLimits>
  readonly streams?: Partial<StreamLimits>
  /** Octets of replies kept as they are; 0: none. */
  readonly replyCacheOctets?: number
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** An integer from 0 up to, and without, `below`, that nobody can guess. Default `crypto.randomInt`. */
  readonly random?: (below: number) => number
}

export type LookUpOptions = {
  /** What validation refuses is told as well. */
  readonly checkingDisabled?: boolean
  /** Told each step until the answer: of this question and of those that it sets off, in their order. */
  readonly onStep?: (step: TraceStep) => void
}

export type ResolverShell = {
  /** A question of our own. Always answered: with what is known when the time is over. */
  lookUp(question: Question, options?: LookUpOptions): Promise<Outcome>
  /** A client's message and the reply to it, as `serveDns` wants them. */
  handle(incoming: IncomingMessage): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** Questions that wait for their answers. */
  readonly waiting: number
  /** Whether somebody wants the steps. */
  readonly tracing: boolean
  /** Resolves when none waits any more. */
  drained(): Promise<void>
  figures(): ShellFigures
  /** Ends everything at once: what waits gets SERVFAIL. */
  close(): void
}

export type ShellFigures = {
  readonly queries: number
  readonly repliesFromCache: number
  readonly refused: number
  readonly dropped: number
  readonly sent: Readonly<Record<Transport, number>>
  readonly failed: number
  readonly underWay: number
}

export function createResolverShell(options: ShellOptions): ResolverShell {
  return new Shell(options)
}

type Waiting = {
  readonly question: Question
  readonly done: (outcome: Outcome | undefined) => void
  readonly trace: Trace | undefined
}

class Shell implements ResolverShell {
  readonly #core: ResolverCore
  readonly #options: ShellOptions
  readonly #now: () => number
  readonly #ways: Readonly<Record<Transport, Exchanges>>
  /** Which way an exchange went, for its cancelling. */
  readonly #sent = new Map<number, Transport>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #replies: ReplyCache | undefined
  readonly #counts = { queries: 0, repliesFromCache: 0, refused: 0, dropped: 0, failed: 0, udp: 0, tcp: 0, tls: 0 }
  #traced = 0
  #next = 0
  #timer: NodeJS.Timeout | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #closed = false
  #whenDrained: (() => void)[] = []

  constructor(options: ShellOptions) {
    this.#options = options
    this.#core = options.core
    this.#now = options.now ?? Date.now
    const octets = options.replyCacheOctets ?? DEFAULT_REPLY_OCTETS
    this.#replies = octets > 0 ? new ReplyCache(octets) : undefined
    const reports: Reports = {
      reply: (exchange, reply) => {
        if (this.#sent.has(exchange)) this.#enter({ kind: 'reply', exchange, octets: reply })
      },
      failed: (exchange, reason) => {
        if (!this.#sent.delete(exchange)) return
        this.#counts.failed++
        this.#enter({ kind: 'failed', exchange, reason })
      },
    }
    const { authorities, streams = {}, udp = {} } = options
    this.#ways = {
      udp: udpExchanges(reports, { limits: udp, random: options.random ?? ((below) => randomInt(below)) }),
      tcp: streamExchanges(reports, { transport: 'tcp', limits: streams }),
      tls: streamExchanges(reports, { transport: 'tls', limits: streams, authorities }),
    }
    this.#enter({ kind: 'tick' }) // what is due from the start: probes of trust anchors
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get tracing(): boolean {
    return this.#traced > 0
  }

  lookUp(question: Question, { checkingDisabled = false, onStep }: LookUpOptions = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const trace = onStep && new Trace(question, onStep)
      const done = (outcome: Outcome | undefined): void => resolve(outcome ?? DROPPED)
      this.#ask({ question, done, trace }, { question, recursionDesired: true, checkingDisabled }, undefined)
    })
  }

  handle({ octets, transport, peer }: IncomingMessage): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#counts.queries++
    const may = this.#options.mayAsk?.(peer.address) ?? true
    const channel = transport === 'udp' ? 'datagram' : 'stream'
    if (may) {
      const kept = this.#replies?.answer(octets, channel, this.#now())
      if (kept !== undefined) {
        this.#counts.repliesFromCache++
        return kept
      }
    }
    const read = readClientMessage(octets)
    if (read.kind !== 'question') return read.kind === 'reply' ? read.octets : undefined
    const { message, query } = read
    if (!may) {
      this.#counts.refused++
      return replyWith(message, RCODE.REFUSED, transport, [NOT_FOR_YOU])
    }
    const settled: { readonly reply: Uint8Array | undefined }[] = []
    let later: ((reply: Uint8Array | undefined) => void) | undefined
    const done = (outcome: Outcome | undefined): void => {
      const reply = outcome && formatClientReply(message, outcome, transport, this.#options.replies ?? RESOLVER_CONFIG)
      if (outcome !== undefined && reply !== undefined) {
        this.#replies?.keep(octets, channel, reply, outcome, this.#now())
      }
      settled.push({ reply })
      later?.(reply)
    }
    this.#ask({ question: query.question, done, trace: undefined }, query, peer.address)
    // What the cache answers is answered in the same turn.
    const [now] = settled
    if (now !== undefined) return now.reply
    return new Promise((resolve) => {
      later = resolve
    })
  }

  drained(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenDrained.push(resolve))
  }

  figures(): ShellFigures {
    const { udp, tcp, tls, ...rest } = this.#counts
    return { ...rest, sent: { udp, tcp, tls }, underWay: this.#sent.size }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    for (const way of Object.values(this.#ways)) way.close()
    this.#sent.clear()
    for (const { done } of this.#waiting.values()) done(DROPPED)
    this.#waiting.clear()
    this.#sayDrained()
  }

  #ask(
    waiting: Waiting,
    query: { readonly question: Question; readonly recursionDesired: boolean; readonly checkingDisabled: boolean },
    client: string | undefined,
  ): void {
    if (this.#closed) {
      waiting.done(DROPPED)
      return
    }
    const id = this.#next++
    this.#waiting.set(id, waiting)
    if (waiting.trace !== undefined) this.#traced++
    this.#enter({ kind: 'query', id, ...query, ...(client !== undefined && { client }) })
  }

  #enter(event: ResolverEvent): void {
    if (this.#closed) return
    for (const action of this.#core.handle(event, this.#now())) this.#perform(action)
  }

  #perform(action: ResolverAction): void {
    switch (action.kind) {
      case 'send': {
        const { exchange, transport } = action
        this.#counts[transport]++
        this.#sent.set(exchange, transport)
        this.#ways[transport].send(action)
        return
      }
      case 'cancel': {
        const transport = this.#sent.get(action.exchange)
        if (transport === undefined) return
        this.#sent.delete(action.exchange)
        this.#ways[transport].cancel(action.exchange)
        return
      }
      case 'answer':
        return this.#settle(action.id, action.outcome)
      case 'drop':
        this.#counts.dropped++
        return this.#settle(action.id, undefined)
      case 'wake-at':
        return this.#wake(action.atMs)
      case 'resume-soon':
        setImmediate(() => this.#enter({ kind: 'resume' }))
        return
      case 'persist':
        return this.#options.persist?.(action.zone, action.text)
      case 'trace':
        if (this.#traced > 0) for (const { trace } of this.#waiting.values()) trace?.add(action.step)
    }
  }

  #settle(id: number, outcome: Outcome | undefined): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    if (waiting.trace !== undefined) this.#traced--
    waiting.done(outcome)
    if (this.#waiting.size === 0) this.#sayDrained()
  }

  #wake(atMs: number): void {
    if (atMs === this.#wakeAt) return
    this.#wakeAt = atMs
    clearTimeout(this.#timer)
    if (atMs === Number.POSITIVE_INFINITY) return
    const inMs = Math.min(Math.max(atMs - this.#now(), 0), MAX_TIMER_MS)
    this.#timer = setTimeout(() => {
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#enter({ kind: 'tick' })
    }, inMs)
    if (this.#waiting.size === 0) this.#timer.unref()
  }

  #sayDrained(): void {
    for (const tell of this.#whenDrained.splice(0)) tell()
  }
}

/** Of the steps of all lookups, those of one question: its own, and those of lookups that wait for others of it. */
class Trace {
  readonly #question: Question
  readonly #tell: (step: TraceStep) => void
  readonly #lookups = new Set<number>()

  constructor(question: Question, tell: (step: TraceStep) => void) {
    this.#question = question
    this.#tell = tell
  }

  add(step: TraceStep): void {
    const { lookup, parent, question } = step
    const own =
      this.#lookups.has(lookup) ||
      (parent !== undefined && this.#lookups.has(parent)) ||
      (parent === undefined && question.type === this.#question.type && sameName(question.name, this.#question.name))
    if (!own) return
    this.#lookups.add(lookup)
    this.#tell(step)
  }
}

const sameName = (a: Name, b: Name): boolean => a.key === b.key || formatName(a) === formatName(b)

/** What is told when there is no answer of the core's. */
const DROPPED: Outcome = {
  status: 'indeterminate',
  rcode: RCODE.SERVFAIL,
  answer: [],
  authority: [],
  additional: [],
  ede: [{ code: EXTENDED_ERROR.NOT_READY, text: 'the resolver had no time for it' }],
  ttlSeconds: 0,
  stale: false,
  authoritative: false,
}
const NOT_FOR_YOU = { code: EXTENDED_ERROR.PROHIBITED, text: '' }
const DEFAULT_REPLY_OCTETS = 16 * 1024 * 1024
const MAX_TIMER_MS = 2 ** 31 - 1
