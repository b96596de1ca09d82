// NXT: what NSEC was before; types up to 127 only.      RFC 2535 §5

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'
import { formatTypeBitmap, parseTypeBitmap, type TypeBitmap } from './type-bitmap.ts'

export type NxtData = { readonly next: Name; readonly types: TypeBitmap }

export const NXT: RecordType<NxtData> = {
  code: 30,
  mnemonic: 'NXT',
  hasNames: true,
  read: (reader) => {
    const next = reader.name()
    const octets = reader.rest()
    // The highest bit of the first octet would say that another form follows, which nobody defined.
    if (octets.length === 0 || octets.length > MOST_OCTETS || (octets[0] ?? 0) > 0x7f) reader.fail('rdata-malformed')
    const types: number[] = []
    for (const [i, octet] of octets.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >>> bit)) !== 0) types.push(i * 8 + bit)
    }
    return { next, types }
  },
  write: (writer, { next, types }) => {
    writer.uncompressedName(next)
    const octets = new Uint8Array((Math.max(0, ...types) >>> 3) + 1)
    for (const type of types) octets[type >>> 3] = (octets[type >>> 3] ?? 0) | (0x80 >>> (type & 7))
    writer.write(octets)
  },
  parse: (text) => {
    const next = text.name()
    const types = parseTypeBitmap(text)
    if (types.some((type) => type === 0 || type > MOST_OCTETS * 8 - 1)) text.fail('bad-value')
    return { next, types }
  },
  format: ({ next, types }) => `${formatName(next)}${formatTypeBitmap(types)}`,
}

const MOST_OCTETS = 16
