// L32: a 32-bit locator of ILNP, written as an IPv4 address.      RFC 6742 §2.2

import { encodeIpAddress, type IpAddress } from '@scop/identifiers'
import { parseAddress, readAddress } from './a.ts'
import type { RecordType } from './record-type.ts'

export type L32Data = { readonly preference: number; readonly locator: IpAddress }

export const L32: RecordType<L32Data> = {
  code: 105,
  mnemonic: 'L32',
  nameRule: 'as-is',
  read: (reader) => ({ preference: reader.u16(), locator: readAddress(reader, 4).address }),
  write: (writer, { preference, locator }) => {
    writer.u16(preference)
    writer.write(encodeIpAddress(locator))
  },
  parse: (text) => ({ preference: text.u16(), locator: parseAddress(text, 4).address }),
  format: ({ preference, locator }) => `${preference} ${locator}`,
}
