// Laws: an endpoint is read or refused; what is read, written and read again, is the same.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatEndpoint, parseEndpoint, parseForwarder } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '192.0.2.1:25',
  '[2001:DB8::1]:465',
  '[192.0.2.1]:1',
  '::1:25',
  '192.0.2.1:853#dns.example',
]

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const forwarder = parseForwarder(text)
  if (forwarder !== undefined) {
    const { name, ...at } = forwarder
    assert.deepEqual(parseForwarder(`${formatEndpoint(at)}${name === undefined ? '' : `#${name}`}`), forwarder)
  }
  const endpoint = parseEndpoint(text)
  if (endpoint === undefined) return
  assert.ok(endpoint.port >= 0 && endpoint.port <= 65_535)
  assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint)
}
