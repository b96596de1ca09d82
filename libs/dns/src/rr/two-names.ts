// Types whose data are two names.      RFC 1035 §3.3.7, RFC 1183 §2.2

import { formatName, type Name } from '../name.ts'
import { type NameRule, readName, writeName } from './name-rule.ts'
import type { RecordType } from './record-type.ts'

export type TwoNames = { readonly first: Name; readonly second: Name }

export function twoNames(code: number, mnemonic: string, rule: NameRule): RecordType<TwoNames> {
  return {
    code,
    mnemonic,
    nameRule: rule,
    read: (reader) => ({ first: readName(reader, rule), second: readName(reader, rule) }),
    write: (writer, { first, second }) => {
      writeName(writer, rule, first)
      writeName(writer, rule, second)
    },
    parse: (text) => ({ first: text.name(), second: text.name() }),
    format: ({ first, second }) => `${formatName(first)} ${formatName(second)}`,
  }
}
