// The types that a name has, as NSEC, NSEC3 and CSYNC list them: blocks of 256, each as short as may be.      RFC 4034 §4.1.2

import type { RdataText } from '../rdata-text.ts'
import type { WireReader } from '../wire-reader.ts'
import type { WireWriter } from '../wire-writer.ts'
import { formatType, parseType } from '../type-names.ts'

/** Type numbers in ascending order. */
export type TypeBitmap = readonly number[]

/** To the reader's end. Blocks must ascend and be 1 to 32 octets; trailing zeros are taken, for older signers write them. */
export function readTypeBitmap(reader: WireReader): TypeBitmap {
  const types: number[] = []
  let before = -1
  while (reader.left > 0) {
    const block = reader.u8()
    const octets = reader.take(reader.u8())
    if (octets.length === 0 || octets.length > 32 || block <= before) {
      reader.fail('rdata-malformed')
      return []
    }
    before = block
    for (const [i, octet] of octets.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >>> bit)) !== 0) types.push(block * 256 + i * 8 + bit)
    }
  }
  return types
}

export function writeTypeBitmap(writer: WireWriter, types: TypeBitmap): void {
  const sorted = [...new Set(types)].sort((a, b) => a - b)
  for (let from = 0; from < sorted.length; ) {
    const block = (sorted[from] ?? 0) >>> 8
    let to = from
    while (to < sorted.length && (sorted[to] ?? 0) >>> 8 === block) to++
    const octets = new Uint8Array((((sorted[to - 1] ?? 0) & 0xff) >>> 3) + 1)
    for (const type of sorted.slice(from, to)) {
      const at = (type & 0xff) >>> 3
      octets[at] = (octets[at] ?? 0) | (0x80 >>> (type & 7))
    }
    writer.u8(block)
    writer.characterString(octets)
    from = to
  }
}

/** All tokens that are left; numbers alone are taken for types, as BIND takes them. */
export function parseTypeBitmap(text: RdataText): TypeBitmap {
  const types = new Set<number>()
  while (text.left > 0) {
    const word = text.word()
    const type = parseType(NUMBER.test(word) ? `TYPE${word}` : word)
    if (type === undefined) text.fail('bad-value')
    else types.add(type)
  }
  return [...types].sort((a, b) => a - b)
}

/** ` A MX TYPE1234`: each with a space before it. */
export function formatTypeBitmap(types: TypeBitmap): string {
  return types.map((type) => ` ${formatType(type)}`).join('')
}

const NUMBER = /^[0-9]{1,5}$/
