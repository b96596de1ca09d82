// TSIG: who sent the message, proved by a shared key.      RFC 8945 §4.2

import type { Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type TsigData = {
  readonly algorithm: Name
  readonly timeSignedSeconds: number
  readonly fudgeSeconds: number
  readonly mac: Uint8Array
  readonly originalId: number
  readonly error: number
  readonly other: Uint8Array
}

export const TSIG: RecordType<TsigData> = {
  code: 250,
  mnemonic: 'TSIG',
  nameRule: 'lowered',
  read: (reader) => ({
    algorithm: reader.uncompressedName(),
    timeSignedSeconds: reader.u48(),
    fudgeSeconds: reader.u16(),
    mac: reader.take(reader.u16()),
    originalId: reader.u16(),
    error: reader.u16(),
    other: reader.take(reader.u16()),
  }),
  write: (writer, tsig) => {
    writer.uncompressedName(tsig.algorithm)
    writer.u48(tsig.timeSignedSeconds)
    writer.u16(tsig.fudgeSeconds)
    writer.u16(tsig.mac.length)
    writer.write(tsig.mac)
    writer.u16(tsig.originalId)
    writer.u16(tsig.error)
    writer.u16(tsig.other.length)
    writer.write(tsig.other)
  },
}
