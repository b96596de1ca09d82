// Types whose data are one name.      RFC 1035 §3.3

import { formatName, type Name } from '../name.ts'
import { type NameRule, readName, writeName } from './name-rule.ts'
import type { RecordType } from './record-type.ts'

export type SingleName = { readonly name: Name }

export function singleName(code: number, mnemonic: string, rule: NameRule = 'compressed'): RecordType<SingleName> {
  return {
    code,
    mnemonic,
    nameRule: rule,
    read: (reader) => ({ name: readName(reader, rule) }),
    write: (writer, { name }) => writeName(writer, rule, name),
    parse: (text) => ({ name: text.name() }),
    format: ({ name }) => formatName(name),
  }
}
