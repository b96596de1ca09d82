// Corpus distillation: few short inputs that together reach what all of them reach. First every branch, then, as far as
// the bounds allow, how often each is taken.

import { branchOf, type Feature } from './features.ts'

export type Measured = { readonly input: Uint8Array; readonly features: Uint32Array }

/** An input and what it is kept for. */
export type Distilled = { readonly input: Uint8Array; readonly keptFor: ReadonlySet<Feature> }

export type DistilBounds = { readonly inputs: number; readonly octets: number; readonly inputOctets: number }

/** At most this much of a corpus is kept in the repository, for each target. */
export const CORPUS_BOUNDS: DistilBounds = { inputs: 64, octets: 64 * 1024, inputOctets: 4096 }

/** `known` is reached anyway, by the seeds: nothing is kept for it. */
export function distil(
  inputs: readonly Measured[],
  known: Iterable<Feature>,
  bounds: DistilBounds,
): readonly Distilled[] {
  const knownFeatures = new Set(known)
  const knownBranches = new Set([...knownFeatures].map(branchOf))
  const candidates = inputs.filter(({ input }) => input.length <= bounds.inputOctets)
  const kept: Distilled[] = []
  let octets = 0
  for (const isKnown of [
    (feature: Feature) => knownBranches.has(branchOf(feature)),
    (feature: Feature) => knownFeatures.has(feature),
  ]) {
    while (kept.length < bounds.inputs) {
      const best = bestOf(candidates, isKnown, bounds.octets - octets)
      if (best === undefined) break
      kept.push({ input: best.input, keptFor: new Set(best.features.filter((feature) => !isKnown(feature))) })
      octets += best.input.length
      for (const feature of best.features) {
        knownFeatures.add(feature)
        knownBranches.add(branchOf(feature))
      }
    }
  }
  return kept
}

/** The input that reaches most that is not known, for its length. */
function bestOf(
  candidates: readonly Measured[],
  isKnown: (feature: Feature) => boolean,
  room: number,
): Measured | undefined {
  let best: Measured | undefined
  let bestScore = 0
  for (const candidate of candidates) {
    if (candidate.input.length > room) continue
    let fresh = 0
    for (const feature of candidate.features) if (!isKnown(feature)) fresh++
    const score = fresh / (SAME_FOR_ALL + candidate.input.length)
    if (score > bestScore) [best, bestScore] = [candidate, score]
  }
  return best
}

/** Octets that an input costs besides its own. */
const SAME_FOR_ALL = 64
