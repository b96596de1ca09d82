// Laws of the name in a certificate: it answers; what is accepted is written as it was read; a second name is refused.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatServiceId, parseServiceId, parseServiceRole, readServiceId } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'spiffe://one/relay',
  'URI:spiffe://one/relay, DNS:relay',
  'URI:spiffe://one/relay, URI:spiffe://one/mailbox',
  'DNS:"x, URI:spiffe://one/mailbox"',
  'URI:spiffe://one/relay\u0000, DNS:x',
]

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const id = parseServiceId(text)
  if (id.ok) assert.equal(formatServiceId(id.value), text)
  const role = parseServiceRole(text)
  if (role.ok) assert.equal(role.value, text)
  const named = readServiceId(text)
  if (!named.ok) return
  assert.ok(text.split(', ').includes(`URI:${formatServiceId(named.value)}`))
  assert.ok(!readServiceId(`${text}, URI:spiffe://one/other`).ok)
  assert.ok(parseServiceId(formatServiceId(named.value)).ok)
}
