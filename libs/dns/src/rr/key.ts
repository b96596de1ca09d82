// KEY: a public key of the name, as SIG(0) and old DNSSEC use it. Flags can say that there is none.      RFC 2535 §3, RFC 3445 §3

import { encodeBase64 } from '@scop/octets'
import { parseAlgorithm } from './algorithm.ts'
import { DNSKEY, type DnskeyData } from './dnskey.ts'
import type { RecordType } from './record-type.ts'

export const KEY: RecordType<DnskeyData> = {
  ...DNSKEY,
  code: 25,
  mnemonic: 'KEY',
  read: (reader) => ({
    flags: reader.u16(),
    protocol: reader.u8(),
    algorithm: reader.u8(),
    publicKey: reader.rest(),
  }),
  parse: (text) => {
    const head = { flags: text.u16(), protocol: text.u8(), algorithm: parseAlgorithm(text) }
    return { ...head, publicKey: text.left === 0 ? new Uint8Array(0) : text.base64() }
  },
  format: (key) => `${key.flags} ${key.protocol} ${key.algorithm} ${encodeBase64(key.publicKey)}`.trimEnd(),
}
