// The search: inputs that reach new branches, or old ones more often, are kept and changed further.

import { CORPUS_BOUNDS, distil, type Measured } from './distil.ts'
import { branchOf, type Feature, featuresOf, Reached } from './features.ts'
import type { Coverage } from './instrument.ts'
import { minimise } from './minimise.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { mutateStructure } from './structures.ts'
import type { StructureName } from './targets.ts'

export type SearchOptions = {
  /** Those of the target. */
  readonly seeds: readonly Uint8Array[]
  /** Those of the repository: findings and corpus. */
  readonly kept: readonly Uint8Array[]
  /** The form to keep to, every other time; undefined: octets only. */
  readonly structure: StructureName | undefined
  /** Begins with these, and takes another now and then: whole inputs from a generator. */
  readonly generate: ((index: number) => Uint8Array) | undefined
  readonly seconds: number
  readonly seed: number
}

export type SearchReport = {
  readonly executions: number
  readonly seconds: number
  readonly branchesTaken: number
  readonly branches: number
  /** Inputs that were changed further. */
  readonly corpus: number
  /** What to keep in the place of the corpus there is; undefined where no branch is new. */
  readonly distilled: readonly Uint8Array[] | undefined
  /** The first input for which `run` said what is wrong. */
  readonly broken: { readonly input: Uint8Array; readonly failure: string } | undefined
}

/** Answers why the input broke a law, or undefined. */
export type RunInput = (input: Uint8Array) => string | undefined

/** Runs until something breaks or the time is over. */
export function search(run: RunInput, coverage: Coverage, options: SearchOptions): SearchReport {
  const { seeds, kept, structure, generate, seconds, seed } = options
  const random = new Random(seed)
  const corpus: Measured[] = []
  const inputs: Uint8Array[] = []
  const words = [...coverage.words].map((word) => new TextEncoder().encode(word))
  const reached = new Reached(coverage.counters.length)
  const began = performance.now()
  let executions = 0
  let generated = 0
  let broken: SearchReport['broken']
  const measure = (input: Uint8Array): string | undefined => {
    coverage.counters.fill(0, 0, coverage.branches)
    executions++
    const failure = run(input)
    if (failure !== undefined) broken ??= { input, failure }
    return failure
  }
  const keep = (input: Uint8Array): void => {
    corpus.push({ input, features: featuresOf(coverage) })
    inputs.push(input)
  }
  const begin = (some: readonly Uint8Array[]): void => {
    for (const input of some) {
      if (broken !== undefined) return
      measure(input)
      reached.add(coverage)
      keep(input) // in any case: somebody thought of it
    }
  }
  const next = (): Uint8Array => {
    const choice = random.below(64)
    if (generate !== undefined && choice === 0) return generate(generated++)
    const input = inputs[random.below(inputs.length)] ?? EMPTY
    return structure !== undefined && choice % 2 === 1
      ? mutateStructure(structure, input, inputs, random)
      : mutate(input, inputs, words, random)
  }
  begin([EMPTY, ...seeds])
  const known = new Set(corpus.flatMap(({ features }) => [...features]))
  begin(kept)
  const keptBranches = new Set(corpus.flatMap(({ features }) => [...features].map(branchOf)))
  if (generate !== undefined) begin(Array.from({ length: GENERATED_FIRST }, () => generate(generated++)))
  while (broken === undefined && (executions % CLOCK_EVERY !== 0 || performance.now() < began + seconds * 1000)) {
    const input = next()
    measure(input)
    if (reached.add(coverage)) keep(input)
  }
  const report = {
    executions,
    seconds: (performance.now() - began) / 1000,
    branchesTaken: reached.branches,
    branches: coverage.branches,
    corpus: corpus.length,
  }
  const isNew = broken === undefined && reached.branches > keptBranches.size
  const distilled = isNew ? shortestOf(corpus.slice(1 + seeds.length), known, coverage, measure) : undefined
  return { ...report, distilled: broken === undefined ? distilled : undefined, broken }
}

/** The distilled corpus, each of its inputs as short as what it is kept for allows. */
function shortestOf(
  corpus: readonly Measured[],
  known: ReadonlySet<Feature>,
  coverage: Coverage,
  measure: RunInput,
): readonly Uint8Array[] {
  return distil(corpus, known, CORPUS_BOUNDS).map(({ input, keptFor }) => {
    const keeps = (shorter: Uint8Array): boolean => {
      if (measure(shorter) !== undefined) return false
      return keptFor.isSubsetOf(new Set(featuresOf(coverage)))
    }
    return minimise(keeps, input, SHORTENING_RUNS)
  })
}

const EMPTY = new Uint8Array(0)
const GENERATED_FIRST = 32
const CLOCK_EVERY = 64
const SHORTENING_RUNS = 150
