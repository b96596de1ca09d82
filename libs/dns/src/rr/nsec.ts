// NSEC: the next name of the zone, and the types of this one.      RFC 4034 §4

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'
import { formatTypeBitmap, parseTypeBitmap, readTypeBitmap, type TypeBitmap, writeTypeBitmap } from './type-bitmap.ts'

export type NsecData = { readonly next: Name; readonly types: TypeBitmap }

export const NSEC: RecordType<NsecData> = {
  code: 47,
  mnemonic: 'NSEC',
  // Neither compressed nor lowered (RFC 6840 §5.1): its octets are the same everywhere, and as its signer hashed them.
  nameRule: 'as-is',
  read: (reader) => ({ next: reader.uncompressedName(), types: readTypeBitmap(reader) }),
  write: (writer, nsec) => {
    writer.write(nsec.next.octets)
    writeTypeBitmap(writer, nsec.types)
  },
  parse: (text) => ({ next: text.name(), types: parseTypeBitmap(text) }),
  format: (nsec) => `${formatName(nsec.next)}${formatTypeBitmap(nsec.types)}`,
}
