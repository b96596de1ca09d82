// AAAA: an IPv6 address.      RFC 3596 §2

import { encodeIpAddress } from '@scop/identifiers'
import { type AddressData, parseAddress, readAddress } from './a.ts'
import type { RecordType } from './record-type.ts'

export const AAAA: RecordType<AddressData> = {
  code: 28,
  mnemonic: 'AAAA',
  nameRule: 'as-is',
  read: (reader) => readAddress(reader, 16),
  write: (writer, { address }) => writer.write(encodeIpAddress(address)),
  parse: (text) => parseAddress(text, 6),
  format: ({ address }) => address,
}
