// Types whose data are a 16-bit preference and a name.      RFC 1183 §1, §3.3, RFC 2230 §3.1, RFC 6742 §2.4

import { formatName, type Name } from '../name.ts'
import { type NameRule, readName, writeName } from './name-rule.ts'
import type { RecordType } from './record-type.ts'

export type PreferenceName = { readonly preference: number; readonly name: Name }

export function preferenceName(code: number, mnemonic: string, rule: NameRule): RecordType<PreferenceName> {
  return {
    code,
    mnemonic,
    nameRule: rule,
    read: (reader) => ({ preference: reader.u16(), name: readName(reader, rule) }),
    write: (writer, { preference, name }) => {
      writer.u16(preference)
      writeName(writer, rule, name)
    },
    parse: (text) => ({ preference: text.u16(), name: text.name() }),
    format: ({ preference, name }) => `${preference} ${formatName(name)}`,
  }
}
