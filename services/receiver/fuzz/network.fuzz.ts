// Law: a network is read or refused; its text read again is the same network, and its own first address lies in it.

import assert from 'node:assert/strict'
import { parseRuleNetwork, prefixKey } from '../src/network.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '192.0.2.0/24',
  '192.0.2.77',
  '2001:db8::/48',
  '2001:db8::1/127',
]

export function fuzz(input: Uint8Array): void {
  const network = parseRuleNetwork(new TextDecoder().decode(input))
  if (network === undefined) return
  assert.deepEqual(parseRuleNetwork(network.text), network)
  assert.ok(network.bits > 0)
  const first = network.text.slice(0, network.text.indexOf('/'))
  const alone = parseRuleNetwork(first)
  assert.ok(alone)
  assert.equal(prefixKey(alone.octets, network.bits), prefixKey(network.octets, network.bits))
}
