// What whole answers were: the RRsets of each section by reference, so that an RRset that is known better serves all of them.
// RFC 2308 §5 (denials), §7 and RFC 9520 §3 (failures), RFC 8020 §2 (nothing below), RFC 8767 §4 (past their time)

import {
  CLASS,
  DNAME,
  type ExtendedError,
  isAtOrBelow,
  type Name,
  NSEC,
  NSEC3,
  parentName,
  type Question,
  RCODE,
} from '@scop/dns'
import { BoundedStore } from './bounded-store.ts'
import type { ResolverConfig } from './config.ts'
import type { Fetched } from './outcome.ts'
import { type Rrset, rrsetKey, type Security } from './rrset.ts'
import type { CachedRrset, RrsetCache } from './rrset-cache.ts'

type Reference = { readonly key: string; readonly version: number }

type CachedMessage = {
  readonly question: Question
  readonly rcode: number
  readonly answer: readonly Reference[]
  readonly authority: readonly Reference[]
  readonly additional: readonly Reference[]
  readonly security: Security
  readonly ede: readonly ExtendedError[]
  readonly zoneName: Name
  readonly storedAtMs: number
  readonly expiresAtMs: number
  readonly octets: number
  readonly zone: string
  /** What was good and is past its time: it comes back if what took its place fails validation. */
  readonly before: CachedMessage | undefined
}

export type FoundMessage = {
  readonly fetched: Fetched
  readonly storedAtMs: number
  readonly expiresAtMs: number
}

export class MessageCache {
  readonly #store: BoundedStore<CachedMessage>
  readonly #failures = new Map<
    string,
    { readonly untilMs: number; readonly seconds: number; readonly ede: readonly ExtendedError[] }
  >()
  readonly #rrsets: RrsetCache
  readonly #config: ResolverConfig

  constructor(config: ResolverConfig, rrsets: RrsetCache) {
    const { messageCacheOctets, cacheZoneShare } = config.limits
    this.#config = config
    this.#rrsets = rrsets
    this.#store = new BoundedStore(messageCacheOctets, cacheZoneShare)
  }

  get octets(): number {
    return this.#store.octets
  }

  /** The answer to a question, all of it within its time; with `stale`, past it, as far as that is allowed. */
  find(question: Question, nowMs: number, stale = false): FoundMessage | undefined {
    const message = this.#store.get(keyOf(question))
    if (message === undefined) return undefined
    if (stale ? this.#tooOld(message, nowMs) : message.expiresAtMs <= nowMs) return undefined
    const fetched = this.#restore(message, nowMs, stale)
    return fetched === undefined
      ? undefined
      : { fetched, storedAtMs: message.storedAtMs, expiresAtMs: message.expiresAtMs }
  }

  /** The denial of an ancestor, not above `apex`, that says that `name` does not exist either. RFC 8020 §2 */
  findCut(name: Name, nowMs: number, klass: number = CLASS.IN, apex?: Name): Fetched | undefined {
    const { nxdomainCut } = this.#config
    if (nxdomainCut === 'no') return undefined
    for (let at = parentName(name); at !== undefined; at = parentName(at)) {
      if (apex !== undefined && !isAtOrBelow(at, apex)) return undefined
      for (const type of CUT_TYPES) {
        const message = this.#store.peek(keyOf({ name: at, type, class: klass }))
        if (message === undefined || message.rcode !== RCODE.NXDOMAIN || message.expiresAtMs <= nowMs) continue
        if (message.answer.length > 0 || (nxdomainCut === 'secure' && message.security !== 'secure')) continue
        const fetched = this.#restore(message, nowMs, false)
        if (fetched !== undefined) return fetched
      }
    }
    return undefined
  }

  /** Keeps an answer whose RRsets the RRset cache has taken, until the first of them ends. */
  store(fetched: Fetched, nowMs: number, expiresAtMs: number): void {
    const { question, rcode, ede, zone } = fetched
    const key = keyOf(question)
    const known = this.#store.peek(key)
    const replaces = this.#config.stale !== undefined && fetched.security === 'unchecked' && known !== undefined
    const good = known?.security === 'unchecked' ? known.before : known?.security === 'bogus' ? undefined : known
    this.#failures.delete(key)
    const refer = (rrsets: readonly Rrset[]): readonly Reference[] =>
      rrsets.map((rrset) => {
        const at = rrsetKey(rrset.name, rrset.type, rrset.class)
        return { key: at, version: this.#rrsets.at(at)?.version ?? -1 }
      })
    const [answer, authority, additional] = [refer(fetched.answer), refer(fetched.authority), refer(fetched.additional)]
    const octets = 400 + 2 * question.name.octets.length + 120 * (answer.length + authority.length + additional.length)
    this.#store.set(key, {
      question,
      rcode,
      answer,
      authority,
      additional,
      security: fetched.security,
      ede,
      zoneName: zone,
      storedAtMs: nowMs,
      expiresAtMs,
      octets,
      zone: zone.key,
      before: replaces && good !== undefined ? { ...good, before: undefined } : undefined,
    })
  }

  /** Notes that a question could not be answered; asked again and again, for longer each time. RFC 9520 §3.2 */
  fail(question: Question, ede: readonly ExtendedError[], nowMs: number): void {
    const { failureSeconds, failureMaxSeconds } = this.#config.limits
    const key = keyOf(question)
    const before = this.#failures.get(key)
    const recent = before !== undefined && before.untilMs + before.seconds * 1000 > nowMs
    const seconds = recent ? Math.min(before.seconds * 2, failureMaxSeconds) : failureSeconds
    this.#failures.delete(key)
    this.#failures.set(key, { untilMs: nowMs + seconds * 1000, seconds, ede })
    if (this.#failures.size > MAX_FAILURES)
      for (const first of this.#failures.keys()) return void this.#failures.delete(first)
  }

  /** Why a question that failed a moment ago is not tried again yet. */
  findFailure(question: Question, nowMs: number): readonly ExtendedError[] | undefined {
    const failure = this.#failures.get(keyOf(question))
    return failure !== undefined && failure.untilMs > nowMs ? failure.ede : undefined
  }

  remove(question: Question): void {
    this.#store.delete(keyOf(question))
    this.#failures.delete(keyOf(question))
  }

  /** Puts back what was good before the answer that failed; whether there was something. */
  putBack(question: Question): boolean {
    const key = keyOf(question)
    const before = this.#store.peek(key)?.before
    if (before !== undefined) this.#store.set(key, before)
    return before !== undefined
  }

  /** As if its time were over. */
  expire(question: Question, nowMs: number): void {
    const message = this.#store.peek(keyOf(question))
    if (message !== undefined) this.#store.replace(keyOf(question), { ...message, expiresAtMs: nowMs })
  }

  /** Past its time it counts as fresh for that much again. RFC 8767 §5 leaves it to us */
  renewStale(question: Question, nowMs: number): void {
    const message = this.#store.peek(keyOf(question))
    if (message !== undefined && message.expiresAtMs <= nowMs)
      this.#store.replace(keyOf(question), { ...message, expiresAtMs: nowMs })
  }

  #tooOld(message: CachedMessage, nowMs: number): boolean {
    const { stale } = this.#config
    if (stale === undefined) return true
    return stale.maxSeconds > 0 && message.expiresAtMs + stale.maxSeconds * 1000 < nowMs
  }

  #restore(message: CachedMessage, nowMs: number, stale: boolean): Fetched | undefined {
    let endsMs = message.expiresAtMs
    const staleSeconds = this.#config.stale?.replySeconds ?? 0
    const section = (references: readonly Reference[], kind: 'data' | 'additional'): readonly Rrset[] | undefined => {
      const rrsets: Rrset[] = []
      for (const { key, version } of references) {
        const cached: CachedRrset | undefined = this.#rrsets.at(key)
        if (cached === undefined || (!stale && cached.expiresAtMs <= nowMs)) return undefined
        // A denial or a DNAME that has changed says something else than this answer did.
        if (cached.version !== version && WHOLE_TYPES.has(cached.rrset.type)) return undefined
        if (message.security === 'secure' && cached.rrset.security !== 'secure' && kind !== 'additional')
          return undefined
        endsMs = Math.min(endsMs, cached.expiresAtMs)
        rrsets.push(stale && cached.expiresAtMs <= nowMs ? pastItsTime(cached, staleSeconds) : counted(cached, nowMs))
      }
      return rrsets
    }
    const answer = section(message.answer, 'data')
    const authority = answer && section(message.authority, 'data')
    const additional = authority && section(message.additional, 'additional')
    if (answer === undefined || authority === undefined || additional === undefined) return undefined
    return {
      question: message.question,
      rcode: message.rcode,
      answer,
      authority,
      additional,
      zone: message.zoneName,
      security: message.security,
      ttlSeconds: secondsLeft(endsMs, nowMs),
      ede: message.ede,
      stale: endsMs <= nowMs,
    }
  }
}

/** The RRset with the time that it has left. */
export function counted({ rrset, expiresAtMs }: CachedRrset, nowMs: number): Rrset {
  if (rrset.ttlSeconds === 0) return rrset
  return { ...rrset, ttlSeconds: secondsLeft(expiresAtMs, nowMs) }
}

/** RFC 8767 §4: a short TTL, and never more than it had. */
function pastItsTime({ rrset }: CachedRrset, staleSeconds: number): Rrset {
  return { ...rrset, ttlSeconds: Math.min(rrset.ttlSeconds, staleSeconds) }
}

/** By the seconds of the clock, so that all that was stored in one second ends in one. */
function secondsLeft(expiresAtMs: number, nowMs: number): number {
  return Math.max(Math.floor(expiresAtMs / 1000) - Math.floor(nowMs / 1000), 0)
}

function keyOf({ name, type, class: klass }: Question): string {
  return rrsetKey(name, type, klass)
}

const CUT_TYPES: readonly number[] = [1, 28, 2, 43]
const WHOLE_TYPES: ReadonlySet<number> = new Set([NSEC.code, NSEC3.code, DNAME.code])
const MAX_FAILURES = 10_000
