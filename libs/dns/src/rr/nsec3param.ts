// NSEC3PARAM: how the names of the zone's NSEC3 records are hashed.      RFC 5155 §4

import { decodeHex, encodeHex } from '@scop/octets'
import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type Nsec3ParamData = {
  readonly hashAlgorithm: number
  readonly flags: number
  readonly iterations: number
  readonly salt: Uint8Array
}

export const NSEC3PARAM: RecordType<Nsec3ParamData> = {
  code: 51,
  mnemonic: 'NSEC3PARAM',
  nameRule: 'as-is',
  read: (reader) => ({
    hashAlgorithm: reader.u8(),
    flags: reader.u8(),
    iterations: reader.u16(),
    salt: reader.characterString(),
  }),
  write: (writer, param) => {
    writer.u8(param.hashAlgorithm)
    writer.u8(param.flags)
    writer.u16(param.iterations)
    writer.characterString(param.salt)
  },
  parse: (text) => ({ hashAlgorithm: text.u8(), flags: text.u8(), iterations: text.u16(), salt: parseSalt(text) }),
  format: (param) => `${param.hashAlgorithm} ${param.flags} ${param.iterations} ${encodeHex(param.salt) || '-'}`,
}

/** Hexadecimal digits without white space, or `-` for none. RFC 5155 §3.3 */
export function parseSalt(text: RdataText): Uint8Array {
  const word = text.word()
  const octets = decodeHex(word === '-' ? '' : word)
  if (octets.ok && octets.value.length <= 0xff && word !== '') return octets.value
  text.fail('not-hex')
  return new Uint8Array(0)
}
