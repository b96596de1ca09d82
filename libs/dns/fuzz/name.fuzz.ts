// Names from octets and from text.

import { decodeLatin1, equalOctets } from '@scop/octets'
import {
  compareNames,
  decodeName,
  equalNames,
  formatName,
  isAtOrBelow,
  labels,
  parentName,
  parseName,
  ROOT,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'example.org.',
  'a\\.b.\\065\\000.x',
  '*._domainkey.example.org',
  Uint8Array.of(3, 0x77, 0x77, 0x57, 1, 0, 0),
  Uint8Array.of(0),
  'a'.repeat(64),
]

export function fuzz(input: Uint8Array): void {
  for (const name of [decodeName(input), parseName(decodeLatin1(input), ROOT)]) {
    if (!name.ok) continue
    const again = parseName(formatName(name.value))
    if (!again.ok || !equalOctets(again.value.octets, name.value.octets))
      throw new Error('printed and read again, it differs')
    const decoded = decodeName(name.value.octets)
    if (!decoded.ok || !equalNames(decoded.value, name.value)) throw new Error('its octets are no name')
    if (name.value.octets.length > 255) throw new Error('longer than a name may be')
    if (compareNames(name.value, again.value) !== 0) throw new Error('it does not equal itself')
    const parent = parentName(name.value)
    if (parent !== undefined && !isAtOrBelow(name.value, parent)) throw new Error('it is not below its parent')
    if (labels(name.value).some((label) => label.length < 1 || label.length > 63))
      throw new Error('a label out of bounds')
  }
}
