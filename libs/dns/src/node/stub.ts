// A stub client: asks resolvers (or, for single zones, the servers named for them), follows aliases, keeps answers for their TTL.
// RFC 1035 §7, RFC 5452 (false answers), RFC 7766 §5 (TCP), RFC 5321 §5.1 and RFC 7505 (mail), RFC 9520 §3.2 (failures are kept a little)

import { randomBytes, randomInt } from 'node:crypto'
import { type DomainName, type IpAddress, parseDomainName } from '@scop/identifiers'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { AnswerCache } from '../answer-cache.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Message } from '../message.ts'
import { equalNames, formatName, isAtOrBelow, type Name, parseName, ROOT } from '../name.ts'
import { decodeRdata } from '../rdata.ts'
import type { ResourceRecord } from '../record.ts'
import { A } from '../rr/a.ts'
import { AAAA } from '../rr/aaaa.ts'
import { MX } from '../rr/mx.ts'
import { formatType } from '../type-names.ts'
import { TXT } from '../rr/txt.ts'
import { readAnswer } from '../stub-answer.ts'
import { encodeQuestion, matchReply } from '../stub-question.ts'
import { type DnsEndpoint, exchangeTcp, exchangeUdp } from './exchange.ts'

export type StubOptions = {
  /** Resolvers, asked in this order. */
  readonly servers: readonly DnsEndpoint[]
  /** Servers for names at or below a zone, instead of `servers`; the longest zone counts. */
  readonly forward?: readonly { readonly zone: string; readonly servers: readonly DnsEndpoint[] }[]
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** An integer from 0 up to, and without, `below`, that nobody can guess. Default `crypto.randomInt`. */
  readonly random?: (below: number) => number
  readonly timeouts?: Partial<StubTimeouts>
  readonly limits?: Partial<StubLimits>
  /** Ask in mixed case, which answers must repeat: harder to guess. Default false, since some servers do not repeat it. */
  readonly mixedCase?: boolean
  readonly signal?: AbortSignal
}

export type StubTimeouts = { readonly udpMs: number; readonly tcpMs: number; readonly totalMs: number }
export type StubLimits = {
  /** Rounds through the servers for one question. */
  readonly rounds: number
  readonly aliasHops: number
  readonly mismatches: number
  /** Questions under way at the same time; more fail at once as temporary. */
  readonly outstanding: number
  readonly cacheEntries: number
  readonly cacheSeconds: number
  readonly failureSeconds: number
  readonly exchanges: number
}

export const STUB_TIMEOUTS: StubTimeouts = { udpMs: 2000, tcpMs: 5000, totalMs: 12_000 }
export const STUB_LIMITS: StubLimits = {
  rounds: 2,
  aliasHops: DEFAULT_LIMITS.aliasHops,
  mismatches: 3,
  outstanding: 512,
  cacheEntries: 10_000,
  cacheSeconds: 86_400,
  failureSeconds: 1,
  exchanges: 20,
}

export type Answer = {
  /** The name at the end of the aliases. */
  readonly name: Name
  /** At least one, all of the type asked for. */
  readonly records: readonly ResourceRecord[]
  /** As it was received; an answer from the cache may have less left. */
  readonly ttlSeconds: number
}

export type StubError =
  /** The name does not exist. */
  | { readonly kind: 'nxdomain'; readonly name: string; readonly type: string }
  /** The name exists and has no such record. */
  | { readonly kind: 'nodata'; readonly name: string; readonly type: string }
  /** Nobody could answer now; later may be different. */
  | { readonly kind: 'temporary'; readonly name: string; readonly type: string; readonly reason: string }
  /** What was asked is no name of the DNS. */
  | { readonly kind: 'bad-name'; readonly name: string; readonly type: string }

export type MxAnswer =
  /** Lowest preference first, equal ones in random order; exchanges that are no host names are left out. */
  | {
      readonly kind: 'mx'
      readonly exchanges: readonly { readonly preference: number; readonly exchange: DomainName }[]
      /** Exchanges that no host can have, as they were. */
      readonly unusable: readonly string[]
    }
  /** The domain says that it takes no mail. RFC 7505 */
  | { readonly kind: 'null-mx' }
  /** No MX: the name itself, if it has an address. RFC 5321 §5.1 */
  | { readonly kind: 'implicit'; readonly exchange: DomainName }

export type Stub = {
  query(name: string | Name, type: number): Promise<Result<Answer, StubError>>
  mx(domain: string): Promise<Result<MxAnswer, StubError>>
  /** The strings of each TXT record joined, one entry per record. */
  txt(name: string): Promise<Result<readonly Uint8Array[], StubError>>
  /** A and AAAA, IPv6 first. An answer for one of them is enough. */
  address(name: string): Promise<Result<readonly IpAddress[], StubError>>
}

export function createStub(options: StubOptions): Stub {
  const stub = new StubClient(options)
  return {
    query: (name, type) => stub.query(name, type),
    mx: (domain) => stub.mx(domain),
    txt: (name) => stub.txt(name),
    address: (name) => stub.address(name),
  }
}

class StubClient {
  readonly #options: StubOptions
  readonly #limits: StubLimits
  readonly #timeouts: StubTimeouts
  readonly #now: () => number
  readonly #random: (below: number) => number
  readonly #forward: readonly { readonly zone: Name; readonly servers: readonly DnsEndpoint[] }[]
  readonly #cache: AnswerCache<Result<Answer, StubError>>
  /** Equal questions share one exchange: many at once would make a false answer likelier. */
  readonly #underWay = new Map<string, Promise<Result<Answer, StubError>>>()

  constructor(options: StubOptions) {
    this.#options = options
    this.#limits = { ...STUB_LIMITS, ...options.limits }
    this.#timeouts = { ...STUB_TIMEOUTS, ...options.timeouts }
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? ((below) => randomInt(below))
    this.#forward = (options.forward ?? []).map(({ zone, servers }) => {
      const name = parseName(zone, ROOT)
      if (!name.ok) throw new Error(`Cannot forward zone "${zone}": ${name.error.kind}`)
      return { zone: name.value, servers }
    })
    this.#cache = new AnswerCache(this.#limits.cacheEntries, this.#limits.cacheSeconds)
  }

  query(name: string | Name, type: number): Promise<Result<Answer, StubError>> {
    if (typeof name !== 'string') return this.#queryName(name, type)
    const parsed = parseName(name, ROOT)
    if (parsed.ok) return this.#queryName(parsed.value, type)
    return Promise.resolve(err({ kind: 'bad-name', name, type: formatType(type) }))
  }

  #queryName(name: Name, type: number): Promise<Result<Answer, StubError>> {
    const key = `${type} ${name.key}`
    const cached = this.#cache.get(key, this.#now())
    if (cached !== undefined) return Promise.resolve(cached)
    const shared = this.#underWay.get(key)
    if (shared !== undefined) return shared
    if (this.#underWay.size >= this.#limits.outstanding) {
      return Promise.resolve(this.#temporary(name, type, 'too many questions at once'))
    }
    const asked = this.#resolve(name, type, key).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, asked)
    return asked
  }

  async mx(domain: string): Promise<Result<MxAnswer, StubError>> {
    const answer = await this.query(domain, MX.code)
    if (!answer.ok) {
      const own = parseDomainName(domain)
      if (answer.error.kind === 'nodata' && own.ok) return ok({ kind: 'implicit', exchange: own.value })
      return answer
    }
    const exchanges: { preference: number; exchange: DomainName; order: number }[] = []
    const unusable: string[] = []
    for (const { rdata } of answer.value.records) {
      const mx = decodeRdata(MX, rdata)
      if (!mx.ok) continue
      const text = formatName(mx.value.exchange)
      if (text === '.' && answer.value.records.length === 1) return ok({ kind: 'null-mx' })
      const exchange = parseDomainName(text)
      if (exchange.ok) {
        exchanges.push({ preference: mx.value.preference, exchange: exchange.value, order: this.#random(0x10000) })
      } else unusable.push(text)
    }
    exchanges.sort((a, b) => a.preference - b.preference || a.order - b.order)
    return ok({
      kind: 'mx',
      exchanges: exchanges.map(({ preference, exchange }) => ({ preference, exchange })),
      unusable,
    })
  }

  async txt(name: string): Promise<Result<readonly Uint8Array[], StubError>> {
    const answer = await this.query(name, TXT.code)
    if (!answer.ok) return answer
    const texts: Uint8Array[] = []
    for (const { rdata } of answer.value.records) {
      const txt = decodeRdata(TXT, rdata)
      if (txt.ok) texts.push(concatOctets(txt.value.strings))
    }
    return ok(texts)
  }

  async address(name: string): Promise<Result<readonly IpAddress[], StubError>> {
    const [v6, v4] = await Promise.all([this.query(name, AAAA.code), this.query(name, A.code)])
    const addresses: IpAddress[] = []
    for (const [answer, type] of [
      [v6, AAAA],
      [v4, A],
    ] as const) {
      for (const { rdata } of answer.ok ? answer.value.records : []) {
        const data = decodeRdata(type, rdata)
        if (data.ok) addresses.push(data.value.address)
      }
    }
    if (addresses.length > 0) return ok(addresses)
    // A failure counts more than an absence: the absent half alone proves nothing.
    const failed = [v6, v4].find((answer) => !answer.ok && answer.error.kind === 'temporary') ?? (v4.ok ? v6 : v4)
    return failed.ok ? this.#temporary(failed.value.name, A.code, 'unreadable addresses') : failed
  }

  async #resolve(name: Name, type: number, key: string): Promise<Result<Answer, StubError>> {
    const budget = { exchanges: this.#limits.exchanges, deadlineMs: this.#now() + this.#timeouts.totalMs }
    let at = name
    let ttlSeconds = this.#limits.cacheSeconds
    const seen: Name[] = []
    for (let hop = 0; hop <= this.#limits.aliasHops; hop++) {
      const reading = await this.#askServers(at, type, budget)
      if (reading.kind === 'failed')
        return this.#keep(key, this.#temporary(at, type, reading.reason), this.#limits.failureSeconds)
      ttlSeconds = Math.min(ttlSeconds, reading.ttlSeconds)
      switch (reading.kind) {
        case 'records':
          return this.#keep(key, ok({ name: reading.name, records: reading.records, ttlSeconds }), ttlSeconds)
        case 'nxdomain':
        case 'nodata':
          return this.#keep(
            key,
            err({ kind: reading.kind, name: formatName(name), type: formatType(type) }),
            ttlSeconds,
          )
        case 'alias':
          if (seen.some((each) => equalNames(each, reading.target))) {
            return this.#keep(key, this.#temporary(name, type, 'aliases in a circle'), this.#limits.failureSeconds)
          }
          seen.push(at)
          at = reading.target
      }
    }
    return this.#keep(key, this.#temporary(name, type, 'too many aliases'), this.#limits.failureSeconds)
  }

  /** Asks the servers in turn, and again, until one answers. */
  async #askServers(name: Name, type: number, budget: Budget): Promise<ReturnType<typeof readAnswer>> {
    let reason = 'no servers are configured'
    for (let round = 0; round < this.#limits.rounds; round++) {
      for (const server of this.#serversFor(name)) {
        const message = await this.#ask(server, name, type, budget)
        if (message.ok) {
          const reading = readAnswer(message.value, name, type)
          if (reading.kind !== 'failed') return reading
          reason = `${server.address}#${server.port}: ${reading.reason}`
        } else reason = `${server.address}#${server.port}: ${message.error}`
        if (budget.exchanges <= 0 || this.#now() >= budget.deadlineMs || this.#options.signal?.aborted) {
          return { kind: 'failed', reason }
        }
      }
    }
    return { kind: 'failed', reason }
  }

  async #ask(server: DnsEndpoint, name: Name, type: number, budget: Budget): Promise<Result<Message, string>> {
    const caseBits = this.#options.mixedCase ? randomBytes(32) : undefined
    const sent = encodeQuestion(this.#random(0x10000), name, type, caseBits)
    const common = {
      server,
      octets: sent.octets,
      accept: (octets: Uint8Array) => matchReply(sent, octets),
      maxMismatches: this.#limits.mismatches,
      signal: this.#options.signal,
    }
    const left = (most: number): number => Math.max(1, Math.min(most, budget.deadlineMs - this.#now()))
    budget.exchanges--
    const byUdp = await exchangeUdp({ ...common, timeoutMs: left(this.#timeouts.udpMs) })
    if (byUdp.ok && !byUdp.value.truncated) return byUdp
    if (!byUdp.ok && byUdp.error.kind !== 'mismatches') return err(byUdp.error.reason)
    budget.exchanges--
    const byTcp = await exchangeTcp({ ...common, timeoutMs: left(this.#timeouts.tcpMs) })
    return byTcp.ok ? byTcp : err(`by TCP: ${byTcp.error.reason}`)
  }

  #serversFor(name: Name): readonly DnsEndpoint[] {
    let best: { readonly zone: Name; readonly servers: readonly DnsEndpoint[] } | undefined
    for (const each of this.#forward) {
      const longer = best === undefined || each.zone.octets.length > best.zone.octets.length
      if (longer && isAtOrBelow(name, each.zone)) best = each
    }
    return best?.servers ?? this.#options.servers
  }

  #keep(key: string, result: Result<Answer, StubError>, ttlSeconds: number): Result<Answer, StubError> {
    this.#cache.set(key, result, ttlSeconds, this.#now())
    return result
  }

  #temporary(name: Name, type: number, reason: string): Result<never, StubError> {
    return err({ kind: 'temporary', name: formatName(name), type: formatType(type), reason })
  }
}

type Budget = { exchanges: number; readonly deadlineMs: number }
// todo RFC 6891 §6.2.2: ask again without OPT where a server answers FORMERR to it
