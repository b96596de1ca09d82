// The RRsets that are known, each until its time: what is trusted more replaces what is trusted less, and never the reverse.
// RFC 2181 §5.4.1 (ranking), RFC 1035 §7.4, RFC 8767 §4 (kept past their time), RFC 4035 §4.5

import { CLASS, type Name, NS, ROOT } from '@scop/dns'
import { BoundedStore } from './bounded-store.ts'
import type { ResolverConfig } from './config.ts'
import { isAddress } from './scrub.ts'
import { type Rrset, rrsetKey, sameData, type Security, TRUST } from './rrset.ts'

export type CachedRrset = {
  readonly rrset: Rrset
  readonly expiresAtMs: number
  /** Changes with the data, so that a message can tell whether it still means the same. */
  readonly version: number
  readonly octets: number
  readonly zone: string
  /** What was good and is past its time: it comes back if what took its place fails validation. */
  readonly before: CachedRrset | undefined
}

export type StoreOptions = { readonly askedAtMs?: number; readonly zone?: Name; readonly leewayMs?: number }

export class RrsetCache {
  readonly #store: BoundedStore<CachedRrset>
  readonly #config: ResolverConfig
  #version = 0

  constructor(config: ResolverConfig) {
    const { rrsetCacheOctets, cacheZoneShare } = config.limits
    this.#config = config
    this.#store = new BoundedStore(rrsetCacheOctets, cacheZoneShare)
  }

  get octets(): number {
    return this.#store.octets
  }

  /** What is known and not past its time. */
  find(name: Name, type: number, nowMs: number, klass: number = CLASS.IN): CachedRrset | undefined {
    const entry = this.#store.get(rrsetKey(name, type, klass))
    return entry !== undefined && entry.expiresAtMs > nowMs ? entry : undefined
  }

  /** By `rrsetKey`, also past its time. */
  at(key: string): CachedRrset | undefined {
    return this.#store.get(key)
  }

  /**
   * Keeps an RRset that the servers of `zone` gave, unless what is known is better. Gives the one that holds now.
   * `askedAtMs`: when the question was put; a delegation that ended since then is not kept alive by its own servers.
   * `leewayMs`: what ends within it counts as ended, for it is being renewed.
   */
  store(rrset: Rrset, nowMs: number, { askedAtMs = nowMs, zone = ROOT, leewayMs = 0 }: StoreOptions = {}): CachedRrset {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const known = this.#store.peek(key)
    const { minSeconds, maxSeconds } = this.#config.ttl
    const ttl = Math.min(Math.max(rrset.ttlSeconds, minSeconds), maxSeconds)
    // TTL 0 is for the transaction: for the questions that belong together, to the end of the next second.
    let expiresAtMs = ttl === 0 ? Math.floor(nowMs / 1000) * 1000 + 1999 : nowMs + ttl * 1000
    const same = known !== undefined && sameData(known.rrset, rrset)
    if (known !== undefined) {
      if (!isBetter(rrset, known, same, nowMs + leewayMs)) return known
      // RFC 2181 §5.4.1 would let a zone's own NS records live on after its delegation: a ghost domain.
      // Nor its own addresses live on after their glue.
      const glue = isAddress(rrset.type) && known.rrset.trust === TRUST.additional
      if (
        (rrset.type === NS.code || glue) &&
        known.expiresAtMs > askedAtMs + leewayMs &&
        known.rrset.trust < TRUST.ultimate
      )
        expiresAtMs = Math.min(expiresAtMs, known.expiresAtMs)
    }
    const security = same && known.rrset.security === 'secure' && known.expiresAtMs > nowMs ? 'secure' : rrset.security
    const entry: CachedRrset = {
      rrset: security === rrset.security ? rrset : { ...rrset, security },
      expiresAtMs,
      version: same ? known.version : ++this.#version,
      octets: octetsOf(rrset),
      zone: zone.key,
      before: this.#worthKeeping(known, nowMs),
    }
    this.#store.set(key, entry)
    return entry
  }

  /** Notes what validation said of an RRset, if it is still the one that is kept. */
  judge(rrset: Rrset, security: Security): void {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const known = this.#store.peek(key)
    if (known === undefined || known.rrset.security === security || !sameData(known.rrset, rrset)) return
    if (security === 'bogus' && known.before !== undefined) return this.#store.set(key, known.before)
    const trust = security === 'secure' ? TRUST.validated : known.rrset.trust
    this.#store.replace(key, { ...known, rrset: { ...known.rrset, security, trust } })
  }

  #worthKeeping(known: CachedRrset | undefined, nowMs: number): CachedRrset | undefined {
    if (this.#config.stale === undefined || known === undefined || known.expiresAtMs > nowMs) return undefined
    return known.rrset.security === 'bogus' ? undefined : { ...known, before: undefined }
  }

  /** Takes back an RRset for what was good before it. */
  putBack(rrset: Rrset): void {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const before = this.#store.peek(key)?.before
    if (before !== undefined) this.#store.set(key, before)
  }

  /** Ends sooner than it would: for what failed validation. */
  shorten(rrset: Rrset, expiresAtMs: number): void {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const known = this.#store.peek(key)
    if (known !== undefined && known.expiresAtMs > expiresAtMs) this.#store.replace(key, { ...known, expiresAtMs })
  }

  remove(name: Name, type: number, klass: number = CLASS.IN): void {
    this.#store.delete(rrsetKey(name, type, klass))
  }
}

function isBetter(fresh: Rrset, known: CachedRrset, same: boolean, nowMs: number): boolean {
  if (fresh.security === 'secure' && known.rrset.security !== 'secure') return true
  if (known.expiresAtMs <= nowMs || known.rrset.ttlSeconds === 0) return true
  if (known.rrset.security === 'bogus' && fresh.security !== 'bogus' && !same) return true
  if (fresh.trust !== known.rrset.trust)
    return fresh.trust > known.rrset.trust && !(same && known.rrset.security === 'bogus')
  return !same
}

function octetsOf(rrset: Rrset): number {
  let octets = 200 + 2 * rrset.name.octets.length
  for (const rdata of rrset.rdatas) octets += rdata.length + 100
  for (const rdata of rrset.signatures) octets += rdata.length + 100
  return octets
}
