// What an input reaches: each branch it takes, together with how often. More often counts as new only by leaps, as in AFL.

import type { Coverage } from './instrument.ts'

/** Branch × 8 + bucket. */
export type Feature = number

export const branchOf = (feature: Feature): number => feature >>> 3

export class Reached {
  readonly #seen: Uint8Array

  constructor(branches: number) {
    this.#seen = new Uint8Array(branches)
  }

  /** Whether the last run of `coverage` reached what none before did; from now on it is known. */
  add({ counters, branches }: Coverage): boolean {
    let isNew = false
    for (let i = 0; i < branches; i++) {
      const times = counters[i] as number // as: branches ≤ length, also below
      if (times === 0) continue
      const bit = 1 << (BUCKETS[times] as number)
      const known = this.#seen[i] as number
      if ((bit & known) !== 0) continue
      this.#seen[i] = known | bit
      isNew = true
    }
    return isNew
  }

  get branches(): number {
    return this.#seen.reduce((taken, buckets) => taken + (buckets === 0 ? 0 : 1), 0)
  }
}

/** All that the last run reached. */
export function featuresOf({ counters, branches }: Coverage): Uint32Array {
  const features: number[] = []
  for (let i = 0; i < branches; i++) {
    const times = counters[i] as number
    if (times > 0) features.push(i * 8 + (BUCKETS[times] as number))
  }
  return Uint32Array.from(features)
}

// 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255 times.
const BUCKETS = Uint8Array.from({ length: 256 }, (_, times) =>
  Math.max(
    [1, 2, 3, 4, 8, 16, 32, 128].findLastIndex((start) => start <= times),
    0,
  ),
)
