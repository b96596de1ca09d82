// PX: the X.400 side of a mail name.      RFC 2163 §4

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type PxData = { readonly preference: number; readonly map822: Name; readonly mapX400: Name }

export const PX: RecordType<PxData> = {
  code: 26,
  mnemonic: 'PX',
  nameRule: 'lowered',
  // Never written compressed, but read so: RFC 3597 §4.
  read: (reader) => ({ preference: reader.u16(), map822: reader.name(), mapX400: reader.name() }),
  write: (writer, px) => {
    writer.u16(px.preference)
    writer.uncompressedName(px.map822)
    writer.uncompressedName(px.mapX400)
  },
  parse: (text) => ({ preference: text.u16(), map822: text.name(), mapX400: text.name() }),
  format: (px) => `${px.preference} ${formatName(px.map822)} ${formatName(px.mapX400)}`,
}
