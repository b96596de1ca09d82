// NSEC3: as NSEC, but with hashed names, so that the zone cannot be listed by walking.      RFC 5155 §3

import { encodeHex } from '@scop/octets'
import { decodeBase32Hex, encodeBase32Hex } from '../base32hex.ts'
import type { RdataText } from '../rdata-text.ts'
import { parseSalt } from './nsec3param.ts'
import type { RecordType } from './record-type.ts'
import { formatTypeBitmap, parseTypeBitmap, readTypeBitmap, type TypeBitmap, writeTypeBitmap } from './type-bitmap.ts'

export type Nsec3Data = {
  readonly hashAlgorithm: number
  /** Bit 0: opt-out. */
  readonly flags: number
  readonly iterations: number
  readonly salt: Uint8Array
  readonly nextHash: Uint8Array
  readonly types: TypeBitmap
}

export const NSEC3: RecordType<Nsec3Data> = {
  code: 50,
  mnemonic: 'NSEC3',
  nameRule: 'as-is',
  read: (reader) => {
    const head = {
      hashAlgorithm: reader.u8(),
      flags: reader.u8(),
      iterations: reader.u16(),
      salt: reader.characterString(),
    }
    const nextHash = reader.characterString()
    if (nextHash.length === 0) reader.fail('rdata-malformed')
    return { ...head, nextHash, types: readTypeBitmap(reader) }
  },
  write: (writer, nsec3) => {
    writer.u8(nsec3.hashAlgorithm)
    writer.u8(nsec3.flags)
    writer.u16(nsec3.iterations)
    writer.characterString(nsec3.salt)
    writer.characterString(nsec3.nextHash)
    writeTypeBitmap(writer, nsec3.types)
  },
  parse: (text) => ({
    hashAlgorithm: text.u8(),
    flags: text.u8(),
    iterations: text.u16(),
    salt: parseSalt(text),
    nextHash: parseHash(text),
    types: parseTypeBitmap(text),
  }),
  format: (nsec3) =>
    `${nsec3.hashAlgorithm} ${nsec3.flags} ${nsec3.iterations} ${encodeHex(nsec3.salt) || '-'} ` +
    `${encodeBase32Hex(nsec3.nextHash)}${formatTypeBitmap(nsec3.types)}`,
}

function parseHash(text: RdataText): Uint8Array {
  const octets = decodeBase32Hex(text.word())
  if (octets.ok && octets.value.length > 0 && octets.value.length <= 0xff) return octets.value
  text.fail('bad-value')
  return new Uint8Array(0)
}
