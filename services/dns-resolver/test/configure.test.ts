// RFC 7646, RFC 4035 §4.4, RFC 5358 §3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Settings, settingsFor } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import { formatName } from '@scop/dns'
import { expectOk } from '@scop/result'
import { mayAsk } from '../src/clients.ts'
import { anchorRecords, configureResolver } from '../src/configure.ts'

const BASE = `bottle: one
hostname: mx.one.example
public-address: 192.0.2.25
listen: { submissions: "192.0.2.25:465", submission: "192.0.2.25:587", smtp: "192.0.2.25:25", dns: "192.0.2.25:53" }
`
const settings = (more = ''): Settings<'dns-resolver'> =>
  settingsFor('dns-resolver', expectOk(parseConfiguration(BASE + more), 'read the configuration'))
const DS = 'one.example. 3600 IN DS 1 13 2 '
const digest = 'ab'.repeat(32)

test('by default it begins at the root, with its keys, and follows them', () => {
  const config = configureResolver(settings(), [])
  assert.equal(config.hints.length, 13)
  assert.deepEqual([config.stubs, config.forwards], [[], []])
  const [managed] = config.validation.managedAnchors
  assert.equal(managed && formatName(managed.zone), '.')
  assert.match(managed?.text ?? '', /20326[^]*38696/)
})

test('our own zones are asked at our primary: trusted by its keys, or taken as unsigned', () => {
  const config = configureResolver(settings(), [
    { zone: 'one.example', ds: [`${DS}${digest}`] },
    { zone: 'plain.example', ds: [] },
  ])
  const at = [{ address: '192.0.2.25', port: 53 }]
  assert.deepEqual(
    config.stubs.map(({ zone, addresses, prime }) => [formatName(zone), addresses, prime]),
    [
      ['one.example.', at, false],
      ['plain.example.', at, false],
    ],
  )
  assert.deepEqual(
    config.validation.anchors.map(({ name }) => formatName(name)),
    ['one.example.'],
  )
  assert.deepEqual(config.validation.insecureZones.map(formatName), ['plain.example.'])
})

test('forwarders, by TLS where they have names; zones of others; a root of our own; nothing at all', () => {
  const forward = configureResolver(settings('resolver: { forward: ["192.0.2.53:853#dns.example"] }\n'), [])
  assert.deepEqual(
    forward.forwards.map(({ zone, addresses, transport }) => [formatName(zone), addresses, transport]),
    [['.', [{ address: '192.0.2.53', port: 853, tlsName: 'dns.example' }], 'tls']],
  )
  assert.equal(forward.validation.managedAnchors.length, 1)
  const plain = configureResolver(settings('resolver: { forward: ["192.0.2.53:53"] }\n'), [])
  assert.equal(plain.forwards[0]?.transport, 'udp')
  const zonesOf = (more: string): readonly string[] =>
    configureResolver(settings(more), []).stubs.map(({ zone }) => formatName(zone))
  const none = configureResolver(settings('resolver: { root: [] }\n'), [])
  assert.deepEqual([none.hints, none.validation.managedAnchors], [[], []])
  assert.deepEqual(zonesOf('resolver: { root: [], zones: { two.example: ["127.0.0.2:5300"] } }\n'), ['two.example.'])
  assert.deepEqual(zonesOf('resolver: { root: ["127.0.0.1:5353"] }\n'), ['.'])
})

test('loopback is asked only where a server of the configuration is there', () => {
  const unasked = (more: string): number => configureResolver(settings(more), []).unaskedAddresses.length
  assert.equal(unasked('resolver: { zones: { two.example: ["192.0.2.2:53"] } }\n'), unasked(''))
  assert.equal(unasked('resolver: { zones: { two.example: ["127.0.0.2:53"] } }\n'), unasked('') - 1)
})

test('an anchor that is none stops the start; names for some forwarders only are refused', () => {
  for (const text of ['', 'one.example. A 192.0.2.1', 'nonsense', `${DS}zz`]) {
    assert.throws(() => anchorRecords(text), /trust anchor/, text)
  }
  assert.equal(anchorRecords(`${DS}${digest}`).length, 1)
  assert.ok(!parseConfiguration(`${BASE}resolver: { forward: ["192.0.2.53:53", "192.0.2.54:853#dns.example"] }\n`).ok)
})

test('this machine and the networks of the configuration may ask, and nobody else', () => {
  const may = mayAsk(settings('resolver: { allow: ["198.51.100.0/24", "2001:db8::/32"] }\n'))
  const ours = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.25', '198.51.100.200', '2001:db8:7::1']
  for (const address of ours) assert.equal(may(address), true, address)
  for (const address of ['192.0.2.26', '198.51.101.1', '2001:db9::1', '::ffff:203.0.113.1', '', 'fe80::1%eth0']) {
    assert.equal(may(address), false, address)
  }
})
