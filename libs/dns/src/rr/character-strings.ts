// Types whose data are one or more strings of at most 255 octets each.      RFC 1035 §3.3, §3.3.14

import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type CharacterStrings = { readonly strings: readonly Uint8Array[] }

/** `least` and `most` bound their number. */
export function characterStrings(
  code: number,
  mnemonic: string,
  least = 1,
  most = Number.POSITIVE_INFINITY,
): RecordType<CharacterStrings> {
  return {
    code,
    mnemonic,
    nameRule: 'as-is',
    read: (reader) => {
      const strings: Uint8Array[] = []
      while (strings.length < least || (reader.left > 0 && strings.length < most)) {
        strings.push(reader.characterString())
      }
      return { strings }
    },
    write: (writer, { strings }) => {
      for (const string of strings) writer.characterString(string)
    },
    parse: (text) => {
      const strings: Uint8Array[] = []
      while (strings.length < least || (text.left > 0 && strings.length < most)) strings.push(text.characterString())
      return { strings }
    },
    format: ({ strings }) => strings.map(formatCharacterString).join(' '),
  }
}
