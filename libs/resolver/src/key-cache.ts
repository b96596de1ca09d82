// What is known of zones by validation: their keys, that they are unsigned, or that they failed, each until its time.
// RFC 4035 §4.7 (bad ones too), §5.3.3

import type { DnskeyData, ExtendedError, Name } from '@scop/dns'

/** The keys that may sign records of a zone, by their tags. */
export type ZoneKeys = { readonly zone: Name; readonly byTag: ReadonlyMap<number, readonly DnskeyData[]> }

export type ZoneTrust =
  | { readonly kind: 'secure'; readonly zone: Name; readonly keys: ZoneKeys }
  /** From this zone on nothing is signed, or not so that it could be checked. */
  | { readonly kind: 'insecure'; readonly zone: Name; readonly ede: readonly ExtendedError[] }
  | { readonly kind: 'bogus'; readonly zone: Name; readonly ede: readonly ExtendedError[] }
  /** No anchor is above the name. */
  | { readonly kind: 'indeterminate' }

export type KnownTrust = Exclude<ZoneTrust, { kind: 'indeterminate' }>

export class KeyCache {
  readonly #entries = new Map<string, { readonly trust: KnownTrust; readonly expiresAtMs: number }>()
  readonly #zones: number

  constructor(zones: number) {
    this.#zones = zones
  }

  find(zone: Name, nowMs: number): KnownTrust | undefined {
    const entry = this.#entries.get(zone.key)
    if (entry === undefined) return undefined
    this.#entries.delete(zone.key)
    if (entry.expiresAtMs <= nowMs) return undefined
    this.#entries.set(zone.key, entry) // the one used last goes last
    return entry.trust
  }

  keep(trust: KnownTrust, ttlSeconds: number, nowMs: number): void {
    this.#entries.delete(trust.zone.key)
    this.#entries.set(trust.zone.key, { trust, expiresAtMs: nowMs + Math.min(ttlSeconds, MAX_SECONDS) * 1000 })
    if (this.#entries.size <= this.#zones) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      break
    }
  }

  remove(zone: Name): void {
    this.#entries.delete(zone.key)
  }
}

const MAX_SECONDS = 86_400
