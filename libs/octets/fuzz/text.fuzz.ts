// Laws: octets are read or refused; what is read, written again, is the same octets.

import assert from 'node:assert/strict'
import {
  decodeAscii,
  decodeLatin1,
  decodeUtf8,
  encodeAscii,
  encodeLatin1,
  encodeUtf8,
  equalOctets,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = ['grüße 😀', '\ufeffx', Uint8Array.of(0xed, 0xa0, 0x80)]

export function fuzz(input: Uint8Array): void {
  assert.ok(equalOctets(encodeLatin1(decodeLatin1(input)), input))
  const ascii = decodeAscii(input)
  if (ascii.ok) assert.ok(equalOctets(encodeAscii(ascii.value), input))
  const utf8 = decodeUtf8(input)
  if (utf8.ok) assert.ok(equalOctets(encodeUtf8(utf8.value), input))
  assert.ok(!ascii.ok || utf8.ok, 'ASCII is UTF-8')
}
