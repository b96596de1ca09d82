// Types whose data are octets that mean nothing to the DNS, in base64 or in hexadecimal digits.      RFC 4701 §3.3, RFC 7929 §2

import { encodeBase64, encodeHex } from '@scop/octets'
import type { RecordType } from './record-type.ts'

export type OpaqueOctets = { readonly octets: Uint8Array }

export function opaqueOctets(code: number, mnemonic: string, text: 'base64' | 'hex'): RecordType<OpaqueOctets> {
  return {
    code,
    mnemonic,
    nameRule: 'as-is',
    read: (reader) => {
      if (reader.left === 0) reader.fail('rdata-malformed')
      return { octets: reader.rest() }
    },
    write: (writer, { octets }) => writer.write(octets),
    parse: (from) => ({ octets: text === 'hex' ? from.hex() : from.base64() }),
    format: ({ octets }) => (text === 'hex' ? encodeHex(octets) : encodeBase64(octets)),
  }
}
