// DNAME: all names below this one are aliases below that one.      RFC 6672 §2

import { formatName } from '../name.ts'
import type { RecordType } from './record-type.ts'
import type { SingleName } from './single-name.ts'

export const DNAME: RecordType<SingleName> = {
  code: 39,
  mnemonic: 'DNAME',
  nameRule: 'lowered',
  // Never written compressed (RFC 6672 §2.5), but read so, as older servers wrote it.
  read: (reader) => ({ name: reader.name() }),
  write: (writer, { name }) => writer.uncompressedName(name),
  parse: (text) => ({ name: text.name() }),
  format: ({ name }) => formatName(name),
}
