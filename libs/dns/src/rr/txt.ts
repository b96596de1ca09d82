// TXT: strings of at most 255 octets each.      RFC 1035 §3.3.14

import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type TxtData = { readonly strings: readonly Uint8Array[] }

export const TXT: RecordType<TxtData> = {
  code: 16,
  mnemonic: 'TXT',
  hasNames: false,
  read: (reader) => {
    const strings = [reader.characterString()]
    while (reader.left > 0) strings.push(reader.characterString())
    return { strings }
  },
  write: (writer, { strings }) => {
    for (const string of strings) writer.characterString(string)
  },
  parse: (text) => {
    const strings = [text.characterString()]
    while (text.left > 0) strings.push(text.characterString())
    return { strings }
  },
  format: ({ strings }) => strings.map(formatCharacterString).join(' '),
}
