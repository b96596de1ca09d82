// KEY: a public key of the name, as SIG(0) and old DNSSEC use it. Flags can say that there is none.      RFC 2535 §3, RFC 3445 §3

import { encodeBase64 } from '@scop/octets'
import type { RdataText } from '../rdata-text.ts'
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
    const head = { flags: parseFlags(text), protocol: parseProtocol(text), algorithm: parseAlgorithm(text) }
    return { ...head, publicKey: text.left === 0 ? new Uint8Array(0) : text.base64() }
  },
  format: (key) => `${key.flags} ${key.protocol} ${key.algorithm} ${encodeBase64(key.publicKey)}`.trimEnd(),
}

// A number, or mnemonics with "|" between them.      RFC 2535 §7.1
function parseFlags(text: RdataText): number {
  const words = text.peek()?.text.toUpperCase().split('|') ?? []
  const flags = words.map((word) => FLAGS.get(word))
  if (flags.includes(undefined)) return text.u16()
  text.word()
  return flags.reduce<number>((all, flag = 0) => all | flag, 0)
}

function parseProtocol(text: RdataText): number {
  const code = PROTOCOLS.get(text.peek()?.text.toUpperCase() ?? '')
  if (code === undefined) return text.u8()
  text.word()
  return code
}

// RFC 2535 §3.1.2: bit 0 is the highest.
const FLAGS: ReadonlyMap<string, number> = new Map([
  ['NOCONF', 0x4000],
  ['NOAUTH', 0x8000],
  ['NOKEY', 0xc000],
  ['FLAG2', 0x2000],
  ['EXTEND', 0x1000],
  ['FLAG4', 0x0800],
  ['FLAG5', 0x0400],
  ['USER', 0],
  ['ZONE', 0x0100],
  ['HOST', 0x0200],
  ['NTYP3', 0x0300],
  ['FLAG8', 0x0080],
  ['FLAG9', 0x0040],
  ['FLAG10', 0x0020],
  ['FLAG11', 0x0010],
  ...Array.from({ length: 16 }, (_, i) => [`SIG${i}`, i] as const),
])
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['NONE', 0],
  ['TLS', 1],
  ['EMAIL', 2],
  ['DNSSEC', 3],
  ['IPSEC', 4],
  ['ALL', 255],
])
