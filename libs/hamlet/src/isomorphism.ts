// Both directions of our reader over one message: the tree gives the octets back, the octets read give what was meant, and
// what was meant, written and read again, is the same.

import { type Entity, formatEntity, formatMessage, parseMessage, readEntity } from '@scop/mime'
import { equalOctets } from '@scop/octets'
import { expectedOf, formatExpected } from './expected.ts'

export type IsomorphismFault = {
  /** `not-lossless`: other octets; `not-as-expected`: another reading; `not-written`: refused; `not-read-back`: another reading after it. */
  readonly kind: 'not-lossless' | 'not-as-expected' | 'not-written' | 'not-read-back' | 'threw'
  /** The first place that differs, or the reason. */
  readonly detail: string
}

export type Meant = {
  /** What the message should be read as, as `formatExpected` writes it; undefined where nobody said: then what is read is written and read again. */
  readonly expected: string | undefined
  /** What to write; undefined is what was read. */
  readonly entity: Entity | undefined
}

/** Empty when all holds. */
export function checkIsomorphism(octets: Uint8Array, meant: Meant): readonly IsomorphismFault[] {
  try {
    return faultsOf(octets, meant)
  } catch (error) {
    return [{ kind: 'threw', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }]
  }
}

function faultsOf(octets: Uint8Array, { expected, entity }: Meant): readonly IsomorphismFault[] {
  const faults: IsomorphismFault[] = []
  const tree = parseMessage(octets)
  const again = formatMessage(tree, octets)
  if (!equalOctets(again, octets)) faults.push({ kind: 'not-lossless', detail: firstOctet(octets, again) })
  const read = readEntity(tree, octets)
  const reading = formatExpected(expectedOf(read))
  if (expected !== undefined && reading !== expected) {
    faults.push({ kind: 'not-as-expected', detail: firstDifference(expected, reading) })
  }
  const written = formatEntity(entity ?? read)
  if (!written.ok) {
    faults.push({ kind: 'not-written', detail: JSON.stringify(written.error) })
    return faults
  }
  const back = formatExpected(expectedOf(readEntity(parseMessage(written.value), written.value)))
  const wanted = expected ?? reading
  if (back !== wanted) faults.push({ kind: 'not-read-back', detail: firstDifference(wanted, back) })
  return faults
}

/** Where two JSON texts differ first, with both values there: `fields[2].text: expected "a", read "b"`. */
export function firstDifference(expected: string, read: string): string {
  return walk(JSON.parse(expected), JSON.parse(read), '') ?? 'written differently'
}

function walk(a: unknown, b: unknown, at: string): string | undefined {
  if (Object.is(a, b)) return undefined
  if (
    typeof a !== 'object' ||
    typeof b !== 'object' ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  ) {
    return `${at === '' ? 'all' : at}: expected ${shown(a)}, read ${shown(b)}`
  }
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const place = Array.isArray(a) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`
    const found = walk(left.get(key), right.get(key), place)
    if (found !== undefined) return found
  }
  return undefined
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

function firstOctet(expected: Uint8Array, got: Uint8Array): string {
  const at = expected.findIndex((octet, place) => got[place] !== octet)
  return at < 0 ? `${got.length - expected.length} octets more` : `differs from octet ${at}`
}

const SHOWN = 200
