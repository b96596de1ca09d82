// NAPTR: a rule that rewrites a name, or leads to a service of it.      RFC 3403 §4

import { formatName, type Name } from '../name.ts'
import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type NaptrData = {
  readonly order: number
  readonly preference: number
  readonly flags: Uint8Array
  readonly services: Uint8Array
  readonly regularExpression: Uint8Array
  readonly replacement: Name
}

export const NAPTR: RecordType<NaptrData> = {
  code: 35,
  mnemonic: 'NAPTR',
  nameRule: 'lowered',
  // Never written compressed (RFC 3403 §4.1), but read so (RFC 3597 §4).
  read: (reader) => ({
    order: reader.u16(),
    preference: reader.u16(),
    flags: reader.characterString(),
    services: reader.characterString(),
    regularExpression: reader.characterString(),
    replacement: reader.name(),
  }),
  write: (writer, naptr) => {
    writer.u16(naptr.order)
    writer.u16(naptr.preference)
    writer.characterString(naptr.flags)
    writer.characterString(naptr.services)
    writer.characterString(naptr.regularExpression)
    writer.uncompressedName(naptr.replacement)
  },
  parse: (text) => ({
    order: text.u16(),
    preference: text.u16(),
    flags: text.characterString(),
    services: text.characterString(),
    regularExpression: text.characterString(),
    replacement: text.name(),
  }),
  format: (naptr) =>
    `${naptr.order} ${naptr.preference} ${formatCharacterString(naptr.flags)} ` +
    `${formatCharacterString(naptr.services)} ${formatCharacterString(naptr.regularExpression)} ` +
    formatName(naptr.replacement),
}
