// EUI48: the address of a network interface, six pairs of digits with hyphens between them.      RFC 7043 §3

import { decodeHex } from '@scop/octets'
import type { RdataText } from '../rdata-text.ts'
import type { WireReader } from '../wire-reader.ts'
import type { RecordType } from './record-type.ts'

export type EuiData = { readonly address: Uint8Array }

export const EUI48: RecordType<EuiData> = {
  code: 108,
  mnemonic: 'EUI48',
  nameRule: 'as-is',
  read: (reader) => readEui(reader, 6),
  write: (writer, { address }) => writer.write(address),
  parse: (text) => parseEui(text, 6),
  format: ({ address }) => formatEui(address),
}

export function readEui(reader: WireReader, octets: 6 | 8): EuiData {
  return { address: reader.take(octets) }
}

export function parseEui(text: RdataText, octets: 6 | 8): EuiData {
  const word = text.word()
  const address = decodeHex(word.replaceAll('-', ''))
  if (PAIRS.test(word) && address.ok && address.value.length === octets) return { address: address.value }
  text.fail('not-an-address')
  return { address: new Uint8Array(octets) }
}

export function formatEui(address: Uint8Array): string {
  return Array.from(address, (octet) => octet.toString(16).padStart(2, '0')).join('-')
}

const PAIRS = /^[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5,7}$/
