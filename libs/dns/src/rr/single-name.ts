// NS, CNAME, PTR: one name that may be compressed.      RFC 1035 §3.3.11, §3.3.1, §3.3.12

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type SingleName = { readonly name: Name }

export function singleName(code: number, mnemonic: string): RecordType<SingleName> {
  return {
    code,
    mnemonic,
    hasNames: true,
    read: (reader) => ({ name: reader.name() }),
    write: (writer, { name }) => writer.name(name),
    parse: (text) => ({ name: text.name() }),
    format: ({ name }) => formatName(name),
  }
}
