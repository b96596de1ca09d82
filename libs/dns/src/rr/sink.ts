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
  nameRule: 'as-is',
  read: (reader) => ({ meaning: reader.u8(), coding: reader.u8(), subcoding: reader.u8(), octets: reader.rest() }),
  write: (writer, sink) => {
    writer.u8(sink.meaning)
    writer.u8(sink.coding)
    writer.u8(sink.subcoding)
    writer.write(sink.octets)
  },
  // Two numbers before the data are what another draft has: then the data begin one octet earlier.
  parse: (text) => {
    const head = { meaning: text.u8(), coding: text.u8() }
    if (text.left === 0 || OCTET.test(text.peek()?.text ?? '')) {
      return { ...head, subcoding: text.u8(), octets: text.left === 0 ? new Uint8Array(0) : text.base64() }
    }
    const octets = text.base64()
    return { ...head, subcoding: octets[0] ?? 0, octets: octets.subarray(1) }
  },
  format: (sink) => `${sink.meaning} ${sink.coding} ${sink.subcoding} ${encodeBase64(sink.octets)}`.trimEnd(),
}

const OCTET = /^[0-9]{1,3}$/
