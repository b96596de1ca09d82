// CSYNC: which records of the child the parent should copy.      RFC 7477 §2.1

import type { RecordType } from './record-type.ts'
import { formatTypeBitmap, parseTypeBitmap, readTypeBitmap, type TypeBitmap, writeTypeBitmap } from './type-bitmap.ts'

export type CsyncData = { readonly serial: number; readonly flags: number; readonly types: TypeBitmap }

export const CSYNC: RecordType<CsyncData> = {
  code: 62,
  mnemonic: 'CSYNC',
  nameRule: 'as-is',
  read: (reader) => ({ serial: reader.u32(), flags: reader.u16(), types: readTypeBitmap(reader) }),
  write: (writer, csync) => {
    writer.u32(csync.serial)
    writer.u16(csync.flags)
    writeTypeBitmap(writer, csync.types)
  },
  parse: (text) => ({ serial: text.u32(), flags: text.u16(), types: parseTypeBitmap(text) }),
  format: (csync) => `${csync.serial} ${csync.flags}${formatTypeBitmap(csync.types)}`,
}
