// TLSA: which certificate or key a TLS server of the name has.      RFC 6698 §2

import { encodeHex } from '@scop/octets'
import type { RecordType } from './record-type.ts'

export type TlsaData = {
  readonly usage: number
  readonly selector: number
  readonly matchingType: number
  readonly association: Uint8Array
}

export const TLSA: RecordType<TlsaData> = {
  code: 52,
  mnemonic: 'TLSA',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { usage: reader.u8(), selector: reader.u8(), matchingType: reader.u8() }
    // Nothing to compare would match anything in a careless comparison.
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, association: reader.rest() }
  },
  write: (writer, tlsa) => {
    writer.u8(tlsa.usage)
    writer.u8(tlsa.selector)
    writer.u8(tlsa.matchingType)
    writer.write(tlsa.association)
  },
  parse: (text) => ({ usage: text.u8(), selector: text.u8(), matchingType: text.u8(), association: text.hex() }),
  format: (tlsa) => `${tlsa.usage} ${tlsa.selector} ${tlsa.matchingType} ${encodeHex(tlsa.association)}`,
}
