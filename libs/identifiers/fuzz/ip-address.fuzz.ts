// Laws: text is an address here exactly where it is one to the runtime (zones apart); it is canonical, and its octets tell the same.

import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { decodeIpAddress, encodeIpAddress, parseIpAddress } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '192.0.2.1',
  '::ffff:192.0.2.1',
  '2001:db8::1',
  '1:2:3:4:5:6:7:8',
]

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input)
  const read = parseIpAddress(text)
  assert.equal(read.ok, isIP(text) !== 0 && !text.includes('%'))
  if (!read.ok) return
  assert.deepEqual(parseIpAddress(read.value), read)
  assert.deepEqual(decodeIpAddress(encodeIpAddress(read.value)), read)
}
