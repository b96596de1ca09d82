// TKEY: the making of a key for TSIG, in messages only.      RFC 2930 §2

import type { Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type TkeyData = {
  readonly algorithm: Name
  /** Seconds since 1970, modulo 2^32. */
  readonly inception: number
  readonly expiration: number
  readonly mode: number
  readonly error: number
  readonly key: Uint8Array
  readonly other: Uint8Array
}

export const TKEY: RecordType<TkeyData> = {
  code: 249,
  mnemonic: 'TKEY',
  nameRule: 'as-is',
  read: (reader) => ({
    algorithm: reader.uncompressedName(),
    inception: reader.u32(),
    expiration: reader.u32(),
    mode: reader.u16(),
    error: reader.u16(),
    key: reader.take(reader.u16()),
    other: reader.take(reader.u16()),
  }),
  write: (writer, tkey) => {
    writer.write(tkey.algorithm.octets)
    writer.u32(tkey.inception)
    writer.u32(tkey.expiration)
    writer.u16(tkey.mode)
    writer.u16(tkey.error)
    writer.u16(tkey.key.length)
    writer.write(tkey.key)
    writer.u16(tkey.other.length)
    writer.write(tkey.other)
  },
}
