// SINK: data of any coding.      draft-eastlake-kitchen-sink §2

import { encodeBase64 } from '@scop/octets'
import type { RecordType } from './record-type.ts'

export type SinkData = {
  readonly meaning: number
  readonly coding: number
  readonly subcoding: number
  readonly octets: Uint8Array
}

export const SINK: RecordType<SinkData> = {
  code: 40,
  mnemonic: 'SINK',
  hasNames: false,
  read: (reader) => ({ meaning: reader.u8(), coding: reader.u8(), subcoding: reader.u8(), octets: reader.rest() }),
  write: (writer, sink) => {
    writer.u8(sink.meaning)
    writer.u8(sink.coding)
    writer.u8(sink.subcoding)
    writer.write(sink.octets)
  },
  parse: (text) => {
    const head = { meaning: text.u8(), coding: text.u8(), subcoding: text.u8() }
    return { ...head, octets: text.left === 0 ? new Uint8Array(0) : text.base64() }
  },
  format: (sink) => `${sink.meaning} ${sink.coding} ${sink.subcoding} ${encodeBase64(sink.octets)}`.trimEnd(),
}
