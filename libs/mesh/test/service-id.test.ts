import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatServiceId, parseServiceId, parseServiceRole, readServiceId } from '../src/index.ts'

const ACCEPTED: readonly (readonly [string, string, string])[] = [
  ['spiffe://one/relay', 'one', 'relay'],
  ['spiffe://one/dns-primary', 'one', 'dns-primary'],
  ['spiffe://b2-x/r', 'b2-x', 'r'],
]
for (const [uri, bottle, role] of ACCEPTED) {
  test(`reads ${uri}`, () => {
    const id = parseServiceId(uri)
    assert.ok(id.ok)
    assert.deepEqual(id.value, { bottle, role })
    assert.equal(formatServiceId(id.value), uri)
  })
}

const REFUSED: readonly string[] = [
  '',
  'spiffe://one',
  'spiffe://one/',
  'spiffe:///relay',
  'spiffe://one/relay/',
  'spiffe://one/relay/x',
  'spiffe://one:1/relay',
  'spiffe://u@one/relay',
  'spiffe://one/relay?x',
  'spiffe://one/relay#x',
  'spiffe://one/Relay',
  'spiffe://One/relay',
  'SPIFFE://one/relay',
  'https://one/relay',
  ' spiffe://one/relay',
  'spiffe://one/relay\n',
  'spiffe://one/re%6cay',
  'spiffe://one/-relay',
  `spiffe://one/${'r'.repeat(32)}`,
]
for (const uri of REFUSED) test(`refuses ${JSON.stringify(uri)}`, () => assert.ok(!parseServiceId(uri).ok))

const NAMES: readonly (readonly [string | undefined, string])[] = [
  ['URI:spiffe://one/relay', 'relay'],
  ['URI:spiffe://one/relay, DNS:relay', 'relay'],
  ['DNS:mailbox, URI:spiffe://one/relay', 'relay'],
  [undefined, 'no-service-id'],
  ['', 'no-service-id'],
  ['DNS:relay', 'no-service-id'],
  ['URI:spiffe://one/relay, URI:spiffe://one/mailbox', 'many-service-ids'],
  ['URI:spiffe://one/relay, URI:https://x', 'many-service-ids'],
  ['DNS:"x, URI:spiffe://one/mailbox"', 'bad-service-id'],
  ['DNS:"x", URI:spiffe://one/mailbox', 'bad-service-id'],
  ['URI:https://one/relay', 'bad-service-id'],
]
for (const [text, expected] of NAMES) {
  test(`a certificate with ${JSON.stringify(text)} is ${expected}`, () => {
    const id = readServiceId(text)
    assert.equal(id.ok ? id.value.role : id.error.kind, expected)
  })
}

test('a role is one word', () => {
  for (const role of ['relay', 'dns-primary', 'a']) assert.ok(parseServiceRole(role).ok)
  for (const role of ['', 'Relay', 'a/b', '1a', '-', 'a b', 'ä', 'relay\0']) assert.ok(!parseServiceRole(role).ok)
})
