// DNSKEY: a public key of the zone.      RFC 4034 §2

import { encodeBase64 } from '@scop/octets'
import { parseAlgorithm } from './algorithm.ts'
import type { RecordType } from './record-type.ts'

export type DnskeyData = {
  readonly flags: number
  readonly protocol: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
}

export const DNSKEY: RecordType<DnskeyData> = {
  code: 48,
  mnemonic: 'DNSKEY',
  nameRule: 'as-is',
  // An empty key is no key, but deletion by RFC 8078 §4 writes one octet of it, so only none at all is refused.
  read: (reader) => {
    const head = { flags: reader.u16(), protocol: reader.u8(), algorithm: reader.u8() }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, publicKey: reader.rest() }
  },
  write: (writer, key) => {
    writer.u16(key.flags)
    writer.u8(key.protocol)
    writer.u8(key.algorithm)
    writer.write(key.publicKey)
  },
  parse: (text) => ({
    flags: text.u16(),
    protocol: text.u8(),
    algorithm: parseAlgorithm(text),
    publicKey: text.base64(),
  }),
  format: (key) => `${key.flags} ${key.protocol} ${key.algorithm} ${encodeBase64(key.publicKey)}`,
}
