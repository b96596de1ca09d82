// Header canonicalization, and which fields a signature covers.
// RFC 6376 §3.4.1 (simple), §3.4.2 (relaxed), §5.4.2 (several fields of one name: from the bottom up), §3.7 (order)

import { concatOctets, encodeAscii } from '@scop/octets'
import type { Field, HeaderSection } from '@scop/mime'
import type { Canonicalization } from './signature.ts'

/** One field, its line end included. */
export function canonicalizeField(field: Field, canonicalization: Canonicalization): Uint8Array {
  if (canonicalization === 'simple') return field.octets
  const value = field.octets.subarray(field.valueStart)
  return concatOctets([encodeAscii(`${field.name.toLowerCase()}:`), relaxValue(value), CRLF])
}

/** A value unfolded, white space runs as one space, none at its ends. The last line end goes too. */
export function relaxValue(value: Uint8Array): Uint8Array {
  const relaxed = new Uint8Array(value.length)
  let length = 0
  let space = false
  for (let i = 0; i < value.length; i++) {
    const octet = value[i] as number // as: i < length
    if (octet === SPACE || octet === TAB) space = true
    else if (octet === LF || (octet === CR && value[i + 1] === LF)) continue
    else {
      if (space && length > 0) relaxed[length++] = SPACE
      space = false
      relaxed[length++] = octet
    }
  }
  return relaxed.subarray(0, length)
}

/** The fields that `names` (lower case, from h=) stand for, in their order; a name beyond the last field stands for nothing. */
export function selectFields(header: HeaderSection, names: readonly string[], except?: Field): readonly Field[] {
  const byName = new Map<string, Field[]>()
  for (const name of names) byName.set(name, [])
  for (const field of header.fields) if (field !== except) byName.get(field.name.toLowerCase())?.push(field)
  const selected: Field[] = []
  for (const name of names) {
    const field = byName.get(name)?.pop()
    if (field !== undefined) selected.push(field)
  }
  return selected
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const CRLF = encodeAscii('\r\n')
