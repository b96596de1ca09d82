// A: an IPv4 address.      RFC 1035 §3.4.1

import { decodeIpAddress, encodeIpAddress, type IpAddress, ipVersion, parseIpAddress } from '@scop/identifiers'
import type { RdataText } from '../rdata-text.ts'
import type { WireReader } from '../wire-reader.ts'
import type { RecordType } from './record-type.ts'

export type AddressData = { readonly address: IpAddress }

export const A: RecordType<AddressData> = {
  code: 1,
  mnemonic: 'A',
  nameRule: 'as-is',
  read: (reader) => readAddress(reader, 4),
  write: (writer, { address }) => writer.write(encodeIpAddress(address)),
  parse: (text) => parseAddress(text, 4),
  format: ({ address }) => address,
}

export function readAddress(reader: WireReader, octets: 4 | 16): AddressData {
  const address = decodeIpAddress(reader.take(octets))
  return address.ok ? { address: address.value } : ANY_ADDRESS // the reader has failed
}

export function parseAddress(text: RdataText, version: 4 | 6): AddressData {
  const address = parseIpAddress(text.bare('not-an-address'))
  if (address.ok && ipVersion(address.value) === version) return { address: address.value }
  text.fail('not-an-address')
  return ANY_ADDRESS
}

const unspecified = decodeIpAddress(new Uint8Array(4))
if (!unspecified.ok) throw new Error('unreachable: four octets are an address')
const ANY_ADDRESS: AddressData = { address: unspecified.value }
