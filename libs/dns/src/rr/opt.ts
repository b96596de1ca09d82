// OPT: the options of EDNS. What the record's class and TTL say is read by `decodeMessage`.      RFC 6891 §6.1

import type { WireReader } from '../wire-reader.ts'
import type { RecordType } from './record-type.ts'

export type EdnsOption = { readonly code: number; readonly octets: Uint8Array }
export type OptData = { readonly options: readonly EdnsOption[] }

export const OPT: RecordType<OptData> = {
  code: 41,
  mnemonic: 'OPT',
  nameRule: 'as-is',
  read: (reader) => ({ options: readOptions(reader, Number.POSITIVE_INFINITY) }),
  write: (writer, { options }) => {
    for (const option of options) {
      writer.u16(option.code)
      writer.u16(option.octets.length)
      writer.write(option.octets)
    }
  },
}

/** To the reader's end, which fails at the first option beyond `most`. */
export function readOptions(reader: WireReader, most: number): readonly EdnsOption[] {
  const options: EdnsOption[] = []
  while (reader.left > 0) {
    if (options.length >= most) reader.fail('opt-options-too-many')
    const code = reader.u16()
    options.push({ code, octets: reader.take(reader.u16()) })
  }
  return options
}
