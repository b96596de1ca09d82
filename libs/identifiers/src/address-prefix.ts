// Ranges of addresses, as `192.0.2.0/24`. Bits behind the prefix do not count.
// RFC 4632 §3.1 (IPv4), RFC 4291 §2.3 (IPv6)

import { err, ok, type Result } from '@scop/result'
import { encodeIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts'

export type AddressPrefix = { readonly octets: Uint8Array; readonly bits: number }
export type AddressPrefixError = { readonly kind: 'not-a-prefix'; readonly text: string }

/** Reads `192.0.2.0/24` or an address alone. */
export function parseAddressPrefix(text: string): Result<AddressPrefix, AddressPrefixError> {
  const [address = '', length, ...more] = text.split('/')
  const parsed = parseIpAddress(address)
  if (!parsed.ok || more.length > 0) return err({ kind: 'not-a-prefix', text })
  const octets = encodeIpAddress(parsed.value)
  const most = octets.length * 8
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return bits <= most ? ok({ octets, bits }) : err({ kind: 'not-a-prefix', text })
}

/** Whether one of the prefixes covers the address, 4 or 16 octets; IPv4-mapped IPv6 counts as IPv4 too. */
export function isCovered(address: Uint8Array, prefixes: readonly AddressPrefix[]): boolean {
  if (prefixes.some((prefix) => covers(prefix, address))) return true
  const mapped = address.length === 16 && address.subarray(0, 12).every((octet, i) => octet === (i < 10 ? 0 : 0xff))
  return mapped && prefixes.some((prefix) => covers(prefix, address.subarray(12)))
}

export function isAddressCovered(address: IpAddress, prefixes: readonly AddressPrefix[]): boolean {
  return prefixes.length > 0 && isCovered(encodeIpAddress(address), prefixes)
}

function covers({ octets, bits }: AddressPrefix, address: Uint8Array): boolean {
  if (octets.length !== address.length) return false
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (octets[i] !== address[i]) return false
  const rest = bits & 7
  return rest === 0 || ((octets[whole] ?? 0) ^ (address[whole] ?? 0)) >> (8 - rest) === 0
}
