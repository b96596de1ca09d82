// EUI64: the address of a network interface, eight pairs of digits with hyphens between them.      RFC 7043 §4

import { type EuiData, formatEui, parseEui, readEui } from './eui48.ts'
import type { RecordType } from './record-type.ts'

export const EUI64: RecordType<EuiData> = {
  code: 109,
  mnemonic: 'EUI64',
  nameRule: 'as-is',
  read: (reader) => readEui(reader, 8),
  write: (writer, { address }) => writer.write(address),
  parse: (text) => parseEui(text, 8),
  format: ({ address }) => formatEui(address),
}
