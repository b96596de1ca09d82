// OPT: not a record but the rest of the header; its data are options.      RFC 6891 §6.1.2

import type { RecordType } from './record-type.ts'

export type EdnsOption = { readonly code: number; readonly octets: Uint8Array }
export type OptData = { readonly options: readonly EdnsOption[] }

export const OPT: RecordType<OptData> = {
  code: 41,
  mnemonic: 'OPT',
  hasNames: false,
  read: (reader) => {
    const options: EdnsOption[] = []
    while (reader.left > 0) {
      const code = reader.u16()
      options.push({ code, octets: reader.take(reader.u16()) })
    }
    return { options }
  },
  write: (writer, { options }) => {
    for (const option of options) {
      writer.u16(option.code)
      writer.u16(option.octets.length)
      writer.write(option.octets)
    }
  },
}
