// The RRsets that are known, each until its time: what is trusted more replaces what is trusted less, and never the reverse.
// RFC 2181 §5.4.1 (ranking), RFC 1035 §7.4, RFC 8767 §4 (kept past their time), RFC 4035 §4.5

import { CLASS, type Name, NS } from '@scop/dns'
import type { ResolverConfig } from './config.ts'
import { type Rrset, rrsetKey, sameData, type Security, TRUST } from './rrset.ts'

export type CachedRrset = {
  readonly rrset: Rrset
  readonly storedAtMs: number
  readonly expiresAtMs: number
}

export class RrsetCache {
  readonly #entries = new Map<string, CachedRrset>()
  readonly #config: ResolverConfig

  constructor(config: ResolverConfig) {
    this.#config = config
  }

  /** What is known and not past its time. */
  find(name: Name, type: number, nowMs: number, klass: number = CLASS.IN): CachedRrset | undefined {
    const entry = this.#entries.get(rrsetKey(name, type, klass))
    return entry !== undefined && entry.expiresAtMs > nowMs ? entry : undefined
  }

  /**
   * Keeps an RRset, unless what is known is better. Gives the one that holds now. `askedAtMs`: when the question was put,
   * for a delegation that ended since then must not be kept alive by its own servers.
   */
  store(rrset: Rrset, nowMs: number, askedAtMs: number = nowMs): CachedRrset {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const known = this.#entries.get(key)
    const { minSeconds, maxSeconds } = this.#config.ttl
    const ttl = Math.min(Math.max(rrset.ttlSeconds, minSeconds), maxSeconds)
    let entry: CachedRrset = { rrset, storedAtMs: nowMs, expiresAtMs: nowMs + ttl * 1000 }
    if (known !== undefined) {
      if (!isBetter(entry, known, nowMs)) return known
      if (rrset.type === NS.code && known.expiresAtMs > askedAtMs && known.rrset.trust > TRUST.additional)
        entry = { ...entry, expiresAtMs: Math.min(entry.expiresAtMs, known.expiresAtMs) }
    }
    this.#entries.set(key, entry)
    return entry
  }

  /** Notes what validation said of an RRset, if it is still the one that is kept. */
  judge(rrset: Rrset, security: Security): void {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class)
    const known = this.#entries.get(key)
    if (known === undefined || !sameData(known.rrset, rrset)) return
    const trust = security === 'secure' ? TRUST.validated : known.rrset.trust
    this.#entries.set(key, { ...known, rrset: { ...known.rrset, security, trust } })
  }

  remove(name: Name, type: number, klass: number = CLASS.IN): void {
    this.#entries.delete(rrsetKey(name, type, klass))
  }
}

function isBetter(fresh: CachedRrset, known: CachedRrset, nowMs: number): boolean {
  if (fresh.rrset.security === 'secure' && known.rrset.security !== 'secure') return true
  if (known.expiresAtMs <= nowMs) return true
  const same = sameData(fresh.rrset, known.rrset)
  if (known.rrset.security === 'bogus' && fresh.rrset.security !== 'bogus' && !same) return true
  if (fresh.rrset.trust !== known.rrset.trust)
    return fresh.rrset.trust > known.rrset.trust && !(same && known.rrset.security === 'bogus')
  return !same
}
