// New inputs from old ones: octets changed, inserted, removed, words of the code put in, two inputs joined.
// Imports no library: what is loaded before the instrumentation would not be instrumented.

import type { Random } from './random.ts'

export function mutate(
  input: Uint8Array,
  corpus: readonly Uint8Array[],
  words: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  let octets = input
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left--) octets = change(octets, corpus, words, random)
  return octets.length > LONGEST ? octets.subarray(0, LONGEST) : octets
}

function change(
  octets: Uint8Array,
  corpus: readonly Uint8Array[],
  words: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  const at = random.below(octets.length + 1)
  switch (random.below(8)) {
    case 0:
      return replaceOne(octets, at, random.below(256))
    case 1:
      return splice(octets, at, at, Uint8Array.of(random.below(256)))
    case 2:
      return splice(octets, at, at + 1 + random.below(8), EMPTY)
    case 3:
      return splice(octets, at, at, words[random.below(words.length)] ?? EMPTY)
    case 4: {
      const word = words[random.below(words.length)] ?? EMPTY
      return splice(octets, at, at + word.length, word)
    }
    case 5: {
      const other = corpus[random.below(corpus.length)] ?? EMPTY
      return splice(octets, at, octets.length, other.subarray(random.below(other.length + 1)))
    }
    case 6:
      return splice(octets, at, at, octets.subarray(at, at + 1 + random.below(32))) // said twice
    default:
      return replaceOne(octets, at, (octets[at] ?? 0) ^ (1 << random.below(8)))
  }
}

function replaceOne(octets: Uint8Array, at: number, value: number): Uint8Array {
  const changed = octets.slice()
  if (at < changed.length) changed[at] = value
  return changed
}

function splice(octets: Uint8Array, start: number, end: number, between: Uint8Array): Uint8Array {
  const rest = octets.subarray(Math.min(end, octets.length))
  const joined = new Uint8Array(start + between.length + rest.length)
  joined.set(octets.subarray(0, start))
  joined.set(between, start)
  joined.set(rest, start + between.length)
  return joined
}

const EMPTY = new Uint8Array(0)
const MOST_CHANGES = 4
const LONGEST = 4096
