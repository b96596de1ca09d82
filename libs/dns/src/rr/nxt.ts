// NXT: what NSEC was before; types up to 127 only.      RFC 2535 §5

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'
import { formatTypeBitmap, parseTypeBitmap } from './type-bitmap.ts'

export type NxtData = {
  readonly next: Name
  /** One bit for each type from 0 on; 1 to 16 octets. */
  readonly bitmap: Uint8Array
}

export const NXT: RecordType<NxtData> = {
  code: 30,
  mnemonic: 'NXT',
  nameRule: 'lowered',
  read: (reader) => {
    const next = reader.name()
    const bitmap = reader.rest()
    // The highest bit of the first octet would say that another form follows, which nobody defined.
    if (bitmap.length === 0 || bitmap.length > MOST_OCTETS || (bitmap[0] ?? 0) > 0x7f) reader.fail('rdata-malformed')
    return { next, bitmap }
  },
  write: (writer, { next, bitmap }) => {
    writer.uncompressedName(next)
    writer.write(bitmap)
  },
  parse: (text) => {
    const next = text.name()
    const types = parseTypeBitmap(text)
    if (types.some((type) => type === 0 || type >= MOST_OCTETS * 8)) text.fail('bad-value')
    return { next, bitmap: text.error === undefined ? bitmapOf(types) : new Uint8Array(1) }
  },
  format: ({ next, bitmap }) => {
    const types: number[] = []
    for (const [i, octet] of bitmap.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >>> bit)) !== 0) types.push(i * 8 + bit)
    }
    // Zeros at the end have no text.
    const exact = bitmapOf(types).length === bitmap.length
    return exact ? `${formatName(next)}${formatTypeBitmap(types)}` : undefined
  },
}

function bitmapOf(types: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array((Math.max(0, ...types) >>> 3) + 1)
  for (const type of types) bitmap[type >>> 3] = (bitmap[type >>> 3] ?? 0) | (0x80 >>> (type & 7))
  return bitmap
}

const MOST_OCTETS = 16
