import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsFor } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import { formatName, type TsigKey } from '@scop/dns'
import { expectOk } from '@scop/result'
import { configuredPeers } from '../src/peers.ts'
import { configuredKeys } from '../src/tsig-keys.ts'
import { answerStrangers } from '../src/strangers.ts'
import { zonePolicies } from '../src/zone-policy.ts'
import { nameOf } from './primary-fixture.ts'

const BASE = `bottle: one
hostname: mx.one.example
public-address: 127.0.0.1
listen: { submissions: "127.0.0.1:465", submission: "127.0.0.1:587", smtp: "127.0.0.1:25", dns: "127.0.0.1:53" }
`
const SECRET = new Uint8Array(32).toBase64()
const settings = (yaml: string) =>
  settingsFor('dns-primary', expectOk(parseConfiguration(`${BASE}dns-primary:\n${yaml}`), 'read the configuration'))
const peersOf = (yaml: string, keys?: readonly TsigKey[]) => {
  const read = settings(`  tsig-keys: { a.key: { secret: "${SECRET}" } }\n${yaml}`)
  return configuredPeers(read, zonePolicies(read), keys ?? expectOk(configuredKeys(read), 'read the keys').keys)
}

test('secondaries of all zones, and of single ones in their place', () => {
  const peers = expectOk(
    peersOf(`  secondaries: [{ address: "192.0.2.1:53", key: a.key }, { address: "192.0.2.2:53" }]
  zones: { two.example: { secondaries: [{ address: "192.0.2.3:5353" }] }, three.example: { secondaries: [] } }
`),
    'read the peers',
  )
  const grants = peers.transfers.map((grant) => [
    'key' in grant ? formatName(grant.key) : `${grant.from.octets.join('.')}/${grant.from.bits}`,
    grant.zone && formatName(grant.zone),
    grant.except?.map(formatName),
  ])
  const own = ['two.example.', 'three.example.']
  assert.deepEqual(grants, [
    ['a.key.', undefined, own],
    ['192.0.2.2/32', undefined, own],
    ['192.0.2.3/32', 'two.example.', undefined],
  ])
  const told = (zone: string) =>
    peers.notifyTargets(nameOf(zone)).map(({ address, port, key }) => [address, port, key !== undefined])
  assert.deepEqual(told('one.example'), [
    ['192.0.2.1', 53, true],
    ['192.0.2.2', 53, false],
  ])
  assert.deepEqual(told('two.example'), [['192.0.2.3', 5353, false]])
  assert.deepEqual(told('three.example'), [])
  assert.deepEqual(peers.followed, [])
})

test('zones that are another server’s', () => {
  const { followed } = expectOk(
    peersOf('  zones: { two.example: { primaries: [{ address: "192.0.2.1:53", key: A.key }] } }\n'),
    'read the peers',
  )
  assert.deepEqual(
    followed.map(({ origin, from }) => [formatName(origin), from[0]?.server.address, from[0]?.key?.algorithm]),
    [['two.example.', '192.0.2.1', 'hmac-sha256']],
  )
})

for (const [yaml, expected] of [
  ['  secondaries: [{ address: "192.0.2.1:53", key: a.key }]\n', /no TSIG key "a\.key"/],
  ['  zones: { two.example: { primaries: [{ address: "192.0.2.1:53", key: a.key }] } }\n', /no TSIG key "a\.key"/],
  ['  primaries: [{ address: "192.0.2.1:53" }]\n', /below a single zone/],
] as const) {
  test(`refuses ${yaml.trim()} without that key`, () => {
    const peers = peersOf(yaml, [])
    assert.match(peers.ok ? '' : peers.error, expected)
  })
}

test('who asks from this machine is not held down; others are, after their share', () => {
  const of = settings('  rate-limit: { answers: 5, slip: 0 }\n')
  const { rateLimiter } = answerStrangers(of, { keepaliveMs: 1, now: () => 0 })
  const sent = (address: string): number =>
    Array.from({ length: 100 }, () => rateLimiter?.judge(address, 'answer', '', 1000)).filter(
      (verdict) => verdict === 'send',
    ).length
  assert.equal(sent('127.0.0.9'), 100)
  assert.equal(sent('::1'), 100)
  assert.equal(sent('192.0.2.1'), 5)
  assert.equal(
    answerStrangers(settings('  rate-limit: { answers: 0 }\n'), { keepaliveMs: 1, now: () => 0 }).rateLimiter,
    undefined,
  )
})

test('the secret of cookies changes each day, and that of the day before is taken still', () => {
  let now = 0
  const { cookies } = answerStrangers(settings('  dnssec: nsec\n'), { keepaliveMs: 1, now: () => now })
  const first = cookies()
  now += 86_399_999
  assert.equal(cookies(), first)
  now += 1
  assert.notDeepEqual(cookies().signing, first.signing)
  assert.deepEqual(cookies().accepted, [first.signing])
  const fixed = answerStrangers(settings(`  cookie-secret: "${'0a'.repeat(16)}"\n`), {
    keepaliveMs: 1,
    now: () => now,
  }).cookies
  assert.deepEqual(fixed().signing, new Uint8Array(16).fill(10))
})
