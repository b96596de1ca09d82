// The work that one client query may cause, counted in one place: what it starts charges the same budget, whatever it is.
// RFC 1034 §5.3.3 ("bound the amount of work")

import type { ResolverLimits } from './limits.ts'

/** What is counted, and the limit that each count has. */
const LIMIT_OF = {
  packets: 'packetsPerQuery',
  aliases: 'aliasHops',
  referrals: 'referrals',
  addressLookups: 'addressLookups',
  verifications: 'verificationsPerQuery',
  failedVerifications: 'failedVerificationsPerQuery',
  hashes: 'hashesPerQuery',
} as const satisfies Record<string, keyof ResolverLimits>

export type Work = keyof typeof LIMIT_OF

export class Budget {
  readonly #spent: Record<Work, number> = {
    packets: 0,
    aliases: 0,
    referrals: 0,
    addressLookups: 0,
    verifications: 0,
    failedVerifications: 0,
    hashes: 0,
  }
  readonly #limits: ResolverLimits
  readonly #endsAtMs: number
  /** The first count that went over; later ones are its consequence. */
  exceeded: Work | 'time' | undefined

  constructor(limits: ResolverLimits, nowMs: number) {
    this.#limits = limits
    this.#endsAtMs = nowMs + limits.queryMs
  }

  /** Counts work before it is done; false if it must not be done. */
  charge(work: Work, nowMs: number, amount = 1): boolean {
    if (nowMs > this.#endsAtMs) this.exceeded ??= 'time'
    if (this.exceeded !== undefined) return false
    this.#spent[work] += amount
    if (this.#spent[work] <= this.#limits[LIMIT_OF[work]]) return true
    this.exceeded = work
    return false
  }

  spent(work: Work): number {
    return this.#spent[work]
  }

  get limits(): ResolverLimits {
    return this.#limits
  }
}
