// APL: a list of address prefixes.      RFC 3123 §4

import { decodeIpAddress, encodeIpAddress, ipVersion, parseIpAddress } from '@scop/identifiers'
import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type AddressPrefix = {
  /** 1: IPv4, 2: IPv6. */
  readonly family: number
  readonly prefixBits: number
  readonly negated: boolean
  /** Without zeros at the end. */
  readonly address: Uint8Array
}

export type AplData = { readonly prefixes: readonly AddressPrefix[] }

export const APL: RecordType<AplData> = {
  code: 42,
  mnemonic: 'APL',
  nameRule: 'as-is',
  read: (reader) => {
    const prefixes: AddressPrefix[] = []
    while (reader.left > 0) {
      const family = reader.u16()
      const prefixBits = reader.u8()
      const length = reader.u8()
      const address = reader.take(length & 0x7f)
      const most = ADDRESS_OCTETS[family] ?? 0x7f
      const tooLong = address.length > most || (family in ADDRESS_OCTETS && prefixBits > most * 8)
      if (tooLong || address.at(-1) === 0) reader.fail('rdata-malformed')
      prefixes.push({ family, prefixBits, negated: length > 0x7f, address })
    }
    return { prefixes }
  },
  write: (writer, { prefixes }) => {
    for (const { family, prefixBits, negated, address } of prefixes) {
      writer.u16(family)
      writer.u8(prefixBits)
      writer.u8(address.length | (negated ? 0x80 : 0))
      writer.write(address)
    }
  },
  // *(["!"] afi ":" address "/" prefix)
  parse: (text) => {
    const prefixes: AddressPrefix[] = []
    while (text.left > 0) {
      const prefix = parsePrefix(text)
      if (prefix === undefined) text.fail('not-an-address')
      else prefixes.push(prefix)
    }
    return { prefixes }
  },
  format: ({ prefixes }) => {
    const shown: string[] = []
    for (const { family, prefixBits, negated, address } of prefixes) {
      const octets = new Uint8Array(ADDRESS_OCTETS[family] ?? 0)
      if (octets.length === 0) return undefined
      octets.set(address)
      const whole = decodeIpAddress(octets)
      if (whole.ok) shown.push(`${negated ? '!' : ''}${family}:${whole.value}/${prefixBits}`)
    }
    return shown.join(' ')
  },
}

function parsePrefix(text: RdataText): AddressPrefix | undefined {
  const parts = PREFIX.exec(text.word())
  const family = Number(parts?.[2])
  const prefixBits = Number(parts?.[4])
  const address = parseIpAddress(parts?.[3] ?? '')
  if (!address.ok || ipVersion(address.value) !== (family === 1 ? 4 : 6)) return undefined
  const octets = encodeIpAddress(address.value)
  if (prefixBits > octets.length * 8) return undefined
  let length = octets.length
  while (length > 0 && octets[length - 1] === 0) length--
  return { family, prefixBits, negated: parts?.[1] === '!', address: octets.slice(0, length) }
}

const ADDRESS_OCTETS: Readonly<Record<number, number | undefined>> = { 1: 4, 2: 16 }
const PREFIX = /^(!?)([12]):([0-9A-Fa-f.:]+)\/([0-9]{1,3})$/
