// How many updates one key may send: a bucket for each, filled at a steady rate.

import type { Name } from './name.ts'

export type UpdateRateLimits = {
  readonly updatesPerSecond: number
  /** Updates at once after a rest. */
  readonly updateBurst: number
}

export const UPDATE_RATE_LIMITS: UpdateRateLimits = { updatesPerSecond: 2000, updateBurst: 10_000 }

/** Keys are few: only names that a signature has proved come here. */
export class UpdateRate {
  readonly #limits: UpdateRateLimits
  readonly #buckets = new Map<string, { left: number; atMs: number }>()

  constructor(limits: UpdateRateLimits = UPDATE_RATE_LIMITS) {
    this.#limits = limits
  }

  /** Whether one more may come now; it is counted if so. A clock that goes back fills nothing. */
  admit(key: Name, nowMs: number): boolean {
    const { updateBurst, updatesPerSecond } = this.#limits
    const bucket = this.#buckets.get(key.key) ?? { left: updateBurst, atMs: nowMs }
    const filled = (Math.max(0, nowMs - bucket.atMs) * updatesPerSecond) / 1000
    bucket.left = Math.min(updateBurst, bucket.left + filled)
    bucket.atMs = nowMs
    this.#buckets.set(key.key, bucket)
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }
}
