// URI: where a service of the name is, as a URI.      RFC 7553 §4

import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type UriData = { readonly priority: number; readonly weight: number; readonly target: Uint8Array }

export const URI: RecordType<UriData> = {
  code: 256,
  mnemonic: 'URI',
  nameRule: 'as-is',
  // RFC 7553 §4.4 forbids a target of no octets; BIND reads and serves it, and it does no harm.
  read: (reader) => ({ priority: reader.u16(), weight: reader.u16(), target: reader.rest() }),
  write: (writer, uri) => {
    writer.u16(uri.priority)
    writer.u16(uri.weight)
    writer.write(uri.target)
  },
  // The target is no character-string: it may be longer than 255 octets.
  parse: (text) => ({ priority: text.u16(), weight: text.u16(), target: text.octets() }),
  format: (uri) => `${uri.priority} ${uri.weight} ${formatCharacterString(uri.target)}`,
}
