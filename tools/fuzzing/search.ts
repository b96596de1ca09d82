// The search: inputs that reach new branches, or old ones more often, are kept and changed further.

import type { Coverage } from './instrument.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

export type SearchOptions = { readonly seeds: readonly Uint8Array[]; readonly seconds: number; readonly seed: number }

export type SearchReport = {
  readonly executions: number
  readonly branchesTaken: number
  readonly branches: number
  readonly corpus: number
  /** The first input for which `run` said what is wrong. */
  readonly broken: { readonly input: Uint8Array; readonly failure: string } | undefined
}

/** Answers why the input broke a law, or undefined. */
export type RunInput = (input: Uint8Array) => string | undefined

/** Runs until something breaks or the time is over. */
export function search(run: RunInput, coverage: Coverage, { seeds, seconds, seed }: SearchOptions): SearchReport {
  const random = new Random(seed)
  const corpus: Uint8Array[] = []
  const words = [...coverage.words].map((word) => new TextEncoder().encode(word))
  const seen = new Uint8Array(coverage.counters.length)
  const until = performance.now() + seconds * 1000
  let executions = 0
  let broken: SearchReport['broken']
  const tryInput = (input: Uint8Array): boolean => {
    coverage.counters.fill(0, 0, coverage.branches)
    executions++
    const failure = run(input)
    if (failure !== undefined) broken = { input, failure }
    return reachedNew(coverage, seen)
  }
  for (const input of [new Uint8Array(0), ...seeds]) {
    tryInput(input)
    corpus.push(input) // kept in any case: somebody thought of it
    if (broken !== undefined) break
  }
  while (broken === undefined && (executions % CLOCK_EVERY !== 0 || performance.now() < until)) {
    const input = mutate(corpus[random.below(corpus.length)] ?? corpus[0] ?? new Uint8Array(0), corpus, words, random)
    if (tryInput(input)) corpus.push(input)
  }
  const branchesTaken = seen
    .subarray(0, coverage.branches)
    .reduce((taken, buckets) => taken + (buckets === 0 ? 0 : 1), 0)
  return { executions, branchesTaken, branches: coverage.branches, corpus: corpus.length, broken }
}

/** A shorter input that still breaks, in at most `attempts` runs. */
export function minimise(run: RunInput, input: Uint8Array, attempts: number): Uint8Array {
  let shortest = input
  let left = attempts
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length && left > 0; ) {
      const shorter = new Uint8Array(shortest.length - Math.min(size, shortest.length - at))
      shorter.set(shortest.subarray(0, at))
      shorter.set(shortest.subarray(at + size), at)
      left--
      if (run(shorter) === undefined) at += size
      else shortest = shorter
    }
  }
  return shortest
}

function reachedNew({ counters, branches }: Coverage, seen: Uint8Array): boolean {
  let isNew = false
  for (let i = 0; i < branches; i++) {
    const times = counters[i] as number // as: branches ≤ length, also below
    if (times === 0) continue
    const bucket = BUCKETS[times] as number
    const known = seen[i] as number
    if ((bucket & ~known) === 0) continue
    seen[i] = known | bucket
    isNew = true
  }
  return isNew
}

// 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255 times: more often counts as new only by leaps. As AFL does.
const BUCKETS = Uint8Array.from({ length: 256 }, (_, times) => {
  const starts = [1, 2, 3, 4, 8, 16, 32, 128]
  return (
    1 <<
    Math.max(
      starts.findLastIndex((start) => start <= times),
      0,
    )
  )
})
const CLOCK_EVERY = 64
