// MX: where mail for the name goes, lowest preference first. `0 .` says that it takes none.      RFC 1035 §3.3.9, RFC 7505 §3

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type MxData = { readonly preference: number; readonly exchange: Name }

export const MX: RecordType<MxData> = {
  code: 15,
  mnemonic: 'MX',
  nameRule: 'compressed',
  read: (reader) => ({ preference: reader.u16(), exchange: reader.name() }),
  write: (writer, mx) => {
    writer.u16(mx.preference)
    writer.name(mx.exchange)
  },
  parse: (text) => ({ preference: text.u16(), exchange: text.name() }),
  format: (mx) => `${mx.preference} ${formatName(mx.exchange)}`,
}
