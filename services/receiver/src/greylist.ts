// Greylisting: a network, sender and recipient that were not seen together before are put off until they come again, which
// a mail server does and much that sends spam does not. RFC 6647 §2.4, §3, §5
// Laws: kept in memory, since a restart costs an honest server one more try and nothing is lost; bounded, and beyond the
// bound the one that was seen longest ago goes.

export type GreylistLimits = {
  readonly triplets: number
  /** A retry later than this begins anew. RFC 6647 §5 */
  readonly retryWithinSeconds: number
  /** Who has come again is let through for so long since last seen. */
  readonly rememberedSeconds: number
}

export const GREYLIST_LIMITS: GreylistLimits = {
  triplets: 50_000,
  retryWithinSeconds: 2 * 86_400,
  rememberedSeconds: 35 * 86_400,
}

export type Triplet = { readonly network: string; readonly sender: string; readonly recipient: string }

export class Greylist {
  readonly #waitSeconds: number
  readonly #limits: GreylistLimits
  readonly #seen = new Map<string, { readonly firstMs: number; readonly passedMs: number | undefined }>()

  constructor(waitSeconds: number, limits: GreylistLimits = GREYLIST_LIMITS) {
    this.#waitSeconds = waitSeconds
    this.#limits = limits
  }

  get size(): number {
    return this.#seen.size
  }

  /** Seconds until a retry will pass; 0: it passes now. */
  waitFor({ network, sender, recipient }: Triplet, nowMs: number): number {
    const key = JSON.stringify([network, sender, recipient])
    const known = this.#seen.get(key)
    this.#seen.delete(key)
    const fresh = known !== undefined && nowMs < this.#validUntilMs(known)
    const firstMs = fresh ? known.firstMs : nowMs
    const passes = fresh && (known.passedMs !== undefined || nowMs >= firstMs + this.#waitSeconds * 1000)
    if (this.#seen.size >= this.#limits.triplets) {
      for (const oldest of this.#seen.keys().take(1)) this.#seen.delete(oldest)
    }
    this.#seen.set(key, { firstMs, passedMs: passes ? nowMs : undefined })
    return passes ? 0 : Math.ceil((firstMs + this.#waitSeconds * 1000 - nowMs) / 1000)
  }

  #validUntilMs({ firstMs, passedMs }: { readonly firstMs: number; readonly passedMs: number | undefined }): number {
    const { retryWithinSeconds, rememberedSeconds } = this.#limits
    if (passedMs !== undefined) return passedMs + rememberedSeconds * 1000
    return firstMs + Math.max(retryWithinSeconds, 2 * this.#waitSeconds) * 1000
  }
}
