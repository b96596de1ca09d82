// An address that is accepted is its own canonical spelling, and splits into what it was joined from; nothing throws.

import { deepStrictEqual } from 'node:assert'
import { formatMailbox } from '@scop/identifiers'
import { parseAddress, splitAddress, withoutSubaddress } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Alice@One.Example',
  'alice+tag@one.example',
  '"a@b"@one.example',
  '"a\\"b\\\\"@one.example',
  'gr\u00fc\u00dfe@b\u00fccher.example',
]

export function fuzz(input: Uint8Array): void {
  const address = parseAddress(new TextDecoder().decode(input))
  if (!address.ok) return
  deepStrictEqual(parseAddress(address.value), address)
  deepStrictEqual(formatMailbox(splitAddress(address.value)), String(address.value))
  const user = withoutSubaddress(address.value)
  if (user !== undefined) deepStrictEqual(parseAddress(user), { ok: true, value: user })
}
