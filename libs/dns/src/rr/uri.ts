// URI: where a service of the name is, as a URI.      RFC 7553 §4

import { formatCharacterString } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type UriData = { readonly priority: number; readonly weight: number; readonly target: Uint8Array }

export const URI: RecordType<UriData> = {
  code: 256,
  mnemonic: 'URI',
  hasNames: false,
  read: (reader) => {
    const head = { priority: reader.u16(), weight: reader.u16() }
    if (reader.left === 0) reader.fail('rdata-malformed') // RFC 7553 §4.4
    return { ...head, target: reader.rest() }
  },
  write: (writer, uri) => {
    writer.u16(uri.priority)
    writer.u16(uri.weight)
    writer.write(uri.target)
  },
  // The target is no character-string: it may be longer than 255 octets.
  parse: (text) => ({ priority: text.u16(), weight: text.u16(), target: text.octets() }),
  format: (uri) => `${uri.priority} ${uri.weight} ${formatCharacterString(uri.target)}`,
}
