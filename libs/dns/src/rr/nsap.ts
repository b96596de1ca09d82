// NSAP: an OSI address, in text `0x` and hexadecimal digits, with dots anywhere.      RFC 1706 §5

import { decodeHex, encodeHex } from '@scop/octets'
import type { OpaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const NSAP: RecordType<OpaqueOctets> = {
  code: 22,
  mnemonic: 'NSAP',
  nameRule: 'as-is',
  read: (reader) => {
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { octets: reader.rest() }
  },
  write: (writer, { octets }) => writer.write(octets),
  parse: (text) => {
    const word = text.word()
    const octets = decodeHex(word.slice(2).replaceAll('.', ''))
    if (/^0x/i.test(word) && octets.ok && octets.value.length > 0) return { octets: octets.value }
    text.fail('not-hex')
    return { octets: new Uint8Array(1) }
  },
  format: ({ octets }) => `0x${encodeHex(octets)}`,
}
