// Changes that keep to the form of an input, by the name under which a target asks for them.

import type { Change, Source } from './change.ts'
import { HEADER_CHANGES } from './mutate-header.ts'
import { LINE_CHANGES } from './mutate-lines.ts'
import { changeMessage } from './mutate-message.ts'
import type { Random } from './random.ts'
import type { StructureName } from './targets.ts'

const STRUCTURES: Readonly<Record<StructureName, Change>> = {
  message: changeMessage,
  header: (text, source) => oneOf(source.random.below(8) === 0 ? LINE_CHANGES : HEADER_CHANGES, text, source),
  lines: (text, source) => oneOf(LINE_CHANGES, text, source),
}

/** `input` with one to four changes, at most `LONGEST` octets. */
export function mutateStructure(
  structure: StructureName,
  input: Uint8Array,
  corpus: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  let text = latin1(input)
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left--) {
    const other = latin1(corpus[random.below(corpus.length)] ?? input)
    text = STRUCTURES[structure](text, { random, other }).slice(0, LONGEST)
  }
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

const latin1 = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')

function oneOf(changes: Readonly<Record<string, Change>>, text: string, source: Source): string {
  return source.random.pick(Object.values(changes))(text, source)
}

const MOST_CHANGES = 4
const LONGEST = 8192
