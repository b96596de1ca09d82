// Prefixes of addresses from text: what is accepted covers its own address, and no more bits than there are.

import { decodeLatin1 } from '@scop/octets'
import { isCovered, parseAddressPrefix } from '../src/index.ts'

export const seeds: readonly string[] = [
  '192.0.2.0/24',
  '2001:db8::/32',
  '10.0.0.1',
  '::ffff:10.0.0.0/104',
  '1.2.3.4/33',
  'fe80::/',
]

export function fuzz(input: Uint8Array): void {
  const prefix = parseAddressPrefix(decodeLatin1(input))
  if (!prefix.ok) return
  const { octets, bits } = prefix.value
  if (bits > octets.length * 8) throw new Error(`${bits} bits of ${octets.length} octets`)
  if (!isCovered(octets, [prefix.value])) throw new Error('a prefix does not cover its own address')
}
