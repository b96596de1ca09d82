// IP addresses, IPv4 and IPv6, in one canonical text each.
// RFC 4291 §2.2 (IPv6 text), RFC 5952 §4 (canonical), RFC 5321 §4.1.3 (address literals)

import { err, ok, type Result } from '@scop/result'
import type { Brand } from './brand.ts'

/** Canonical text: `192.0.2.1` or `2001:db8::1`. No zone, no prefix length. */
export type IpAddress = Brand<string, 'IpAddress'>

export type IpAddressError = { readonly kind: 'not-an-address'; readonly text: string }

/** Reads dotted IPv4 (no leading zeros) or IPv6. */
export function parseIpAddress(text: string): Result<IpAddress, IpAddressError> {
  const octets = text.length > LONGEST_TEXT ? undefined : text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return octets === undefined ? err({ kind: 'not-an-address', text }) : ok(formatOctets(octets))
}

/** 4 or 16 octets in network order. */
export function encodeIpAddress(address: IpAddress): Uint8Array {
  const octets = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (octets === undefined) throw new Error(`Cannot encode "${address}": not made by parseIpAddress`)
  return octets
}

/** From 4 or 16 octets in network order. */
export function decodeIpAddress(octets: Uint8Array): Result<IpAddress, IpAddressError> {
  if (octets.length !== 4 && octets.length !== 16)
    return err({ kind: 'not-an-address', text: `${octets.length} octets` })
  return ok(formatOctets(octets))
}

export function ipVersion(address: IpAddress): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

/** 127.0.0.0/8 and ::1, also as IPv4-mapped IPv6. */
export function isLoopback(address: IpAddress): boolean {
  const octets = unmapped(encodeIpAddress(address))
  if (octets.length === 4) return octets[0] === 127
  return octets[15] === 1 && octets.subarray(0, 15).every((octet) => octet === 0)
}

/** 0.0.0.0 and ::, also as IPv4-mapped IPv6: to connect to it is to connect to oneself. */
export function isUnspecified(address: IpAddress): boolean {
  return unmapped(encodeIpAddress(address)).every((octet) => octet === 0)
}

/**
 * The addresses that one customer of a network has, for counting: an IPv4 address alone (also as IPv4-mapped IPv6), the
 * first 64 bits of an IPv6 address as `2001:db8::/64`. RFC 6177 §2, RFC 4291 §2.5.4
 */
export function addressBlock(address: IpAddress): string {
  const octets = unmapped(encodeIpAddress(address))
  if (octets.length === 4) return formatOctets(octets)
  return `${formatOctets(octets.slice().fill(0, 8))}/64`
}

/** The IPv4 address inside an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`); others unchanged. A dual-stack socket gives these. */
export function unmapIpAddress(address: IpAddress): IpAddress {
  return formatOctets(unmapped(encodeIpAddress(address)))
}

function unmapped(octets: Uint8Array): Uint8Array {
  if (octets.length !== 16 || octets[10] !== 0xff || octets[11] !== 0xff) return octets
  return octets.subarray(0, 10).every((octet) => octet === 0) ? octets.subarray(12) : octets
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const octets = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    if (!DECIMAL_OCTET.test(part) || Number(part) > 255) return undefined
    octets[i] = Number(part)
  }
  return octets
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  // Dotted IPv4 stands at the end of the address, so never before "::".
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const zeros = 16 - head.length - tail.length
  if (halves.length === 1 ? zeros !== 0 : zeros < 2) return undefined
  const octets = new Uint8Array(16)
  octets.set(head, 0)
  octets.set(tail, 16 - tail.length)
  return octets
}

function parseGroups(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === '') return []
  const octets: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const ipv4 = parseIpv4(part)
      if (ipv4 === undefined) return undefined
      octets.push(...ipv4)
    } else {
      if (!HEX_GROUP.test(part)) return undefined
      const group = Number.parseInt(part, 16)
      octets.push(group >> 8, group & 0xff)
    }
  }
  return octets.length <= 16 ? octets : undefined
}

function formatOctets(octets: Uint8Array): IpAddress {
  if (octets.length === 4) return octets.join('.') as IpAddress // as: this is the only place that makes the brand
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0))
  const run = longestZeroRun(groups)
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) return `::ffff:${octets.subarray(12).join('.')}` as IpAddress // RFC 5952 §5
  if (run.length < 2) return hex(groups) as IpAddress
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}` as IpAddress
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

const DECIMAL_OCTET = /^(?:0|[1-9][0-9]{0,2})$/
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/
const LONGEST_TEXT = 45 // six groups and a dotted IPv4 address
