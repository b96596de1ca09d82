import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editConfiguration, formatConfigurationError, parseConfiguration } from '../src/configuration.ts'

const GOOD = `bottle: one
hostname: mx.one.example
public-address: 127.0.0.1
listen:
  submissions: 127.0.0.1:4650
  submission: 127.0.0.1:5870
  smtp: "[::1]:2525" # the world
  dns: 127.0.0.1:5300
`

test('fills in every default', () => {
  const read = parseConfiguration(GOOD)
  assert.ok(read.ok)
  assert.equal(read.value.limits['message-octets'], 52_428_800)
  assert.equal(read.value.relay.port, 25)
  assert.equal(read.value.relay['allow-loopback'], false)
  assert.deepEqual(read.value.listen.smtp, { address: '::1', port: 2525 })
})

const BAD = [
  // what is added or replaced                       what is said
  ['limits:\n  recipient: 5\n', 'bottle.yaml:10:3: unknown key "limits.recipient"'],
  ['limits:\n  recipients: lots\n', 'bottle.yaml:10:15: limits.recipients: expected a number from 1 to 1000'],
  ['limits:\n  recipients: 0\n', 'bottle.yaml:10:15: limits.recipients: expected at least 1'],
  ['limits:\n  recipients: 1001\n', 'bottle.yaml:10:15: limits.recipients: expected at most 1000'],
  ['limits:\n  recipients: 1.5\n', 'bottle.yaml:10:15: limits.recipients: expected a whole number'],
  ['relays: {}\n', 'bottle.yaml:9:1: unknown key "relays"'],
  ['relay:\n  tls: maybe\n', 'bottle.yaml:10:8: relay.tls: expected opportunistic or required'],
  ['relay:\n  allow-loopback: perhaps\n', 'bottle.yaml:10:19: relay.allow-loopback: expected true or false'],
  [
    'resolver:\n  forward: [nowhere]\n',
    'bottle.yaml:10:13: resolver.forward.0: expected ADDRESS:PORT or ADDRESS:PORT#NAME, found "nowhere"',
  ],
  [
    'resolver:\n  forward: ["1.2.3.4:99999"]\n',
    'bottle.yaml:10:13: resolver.forward.0: expected ADDRESS:PORT or ADDRESS:PORT#NAME, found "1.2.3.4:99999"',
  ],
  [
    'resolver:\n  forward: ["1.2.3.4:853#a_b"]\n',
    'bottle.yaml:10:13: resolver.forward.0: expected ADDRESS:PORT or ADDRESS:PORT#NAME, found "1.2.3.4:853#a_b"',
  ],
  ['resolver:\n  root: everywhere\n', 'bottle.yaml:10:9: resolver.root: expected iana, or a list of ADDRESS:PORT'],
  [
    'resolver:\n  allow: ["192.0.2.0/33"]\n',
    'bottle.yaml:10:11: resolver.allow.0: expected ADDRESS/LENGTH, found "192.0.2.0/33"',
  ],
  [
    'resolver:\n  zones: { a.example: [here] }\n',
    'bottle.yaml:10:24: resolver.zones.a.example.0: expected ADDRESS:PORT, found "here"',
  ],
  [
    'resolver:\n  zones: { a.example: "192.0.2.1:53" }\n',
    'bottle.yaml:10:23: resolver.zones.a.example: expected a list of ADDRESS:PORT',
  ],
  [
    'dns-primary:\n  grants: [{ key: k, names: any, types: [any] }]\n  tsig-keys: { k: { secret: AAAA } }\n',
    'bottle.yaml:10:42: dns-primary.grants.0.types.0: expected any, or a list of record types in capitals, as [A, TXT]',
  ],
  [
    'dns-primary:\n  grants: [{ key: k, names: any, types: all }]\n  tsig-keys: { k: { secret: AAAA } }\n',
    'bottle.yaml:10:41: dns-primary.grants.0.types: expected any, or a list of record types in capitals, as [A, TXT]',
  ],
  // What one key says of another.
  [
    'dns-primary:\n  grants: [{ key: k, names: any, types: any }]\n',
    'bottle.yaml:10:19: dns-primary.grants.0.key: there is no "k" in dns-primary.tsig-keys',
  ],
  [
    'dns-primary:\n  secondaries: [{ address: "192.0.2.1:53", key: k }]\n',
    'bottle.yaml:10:49: dns-primary.secondaries.0.key: there is no "k" in dns-primary.tsig-keys',
  ],
  [
    'dns-primary:\n  zones: { a.example: { primaries: [{ address: "192.0.2.1:53", key: k }] } }\n',
    'bottle.yaml:10:69: dns-primary.zones.a.example.primaries.0.key: there is no "k" in dns-primary.tsig-keys',
  ],
  [
    'dns-primary:\n  signature-seconds: 475200\n',
    'bottle.yaml:10:22: dns-primary.signature-seconds: expected more than signature-refresh-seconds and signature-jitter-seconds together: 475200',
  ],
  [
    'dns-primary:\n  zones: { a.example: { signature-refresh-seconds: 1209600 } }\n',
    'bottle.yaml:10:23: dns-primary.zones.a.example.signature-seconds: expected more than signature-refresh-seconds and signature-jitter-seconds together: 1252800',
  ],
  [
    'tls:\n  certificate: [\n',
    'bottle.yaml:11:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['bottle: two\n', 'bottle.yaml:9:1: Map keys must be unique'],
] as const

for (const [added, said] of BAD) {
  test(`refuses ${JSON.stringify(added)}`, () => {
    const read = parseConfiguration(GOOD + added)
    assert.ok(!read.ok)
    assert.deepEqual(
      read.error.map((error) => formatConfigurationError('bottle.yaml', error)),
      [said],
    )
  })
}

test('takes what one key says of another, and needs a certificate for names by TLS', () => {
  const good = `${GOOD}dns-primary:
  tsig-keys: { K.one: { secret: AAAA } }
  secondaries: [{ address: "192.0.2.1:53", key: k.one. }, { address: "192.0.2.2:53" }]
  grants: [{ key: k.ONE, names: any, types: [TXT] }]
  signature-seconds: 475201
`
  assert.ok(parseConfiguration(good).ok)
  const byTls = parseConfiguration(good.replace('  dns: ', '  dns-tls: 127.0.0.1:853\n  dns: '))
  assert.ok(!byTls.ok)
  assert.deepEqual(
    byTls.error.map((error) => formatConfigurationError('bottle.yaml', error)),
    ['bottle.yaml:8:12: listen.dns-tls: needs dns-primary.tls: certificate and key'],
  )
})

test('names every key that is missing', () => {
  const read = parseConfiguration('')
  assert.ok(!read.ok)
  assert.deepEqual(
    read.error.map(({ key }) => key),
    ['bottle', 'hostname', 'public-address', 'listen'],
  )
})

test('does not expand aliases into more than was written', () => {
  const read = parseConfiguration(`a: &a [x, x]\nb: &b [*a, *a]\n${GOOD}`)
  assert.ok(!read.ok)
  assert.deepEqual(
    read.error.map((error) => formatConfigurationError('bottle.yaml', error)),
    ['bottle.yaml:2:8: aliases are not taken here'],
  )
})

test('an edit keeps comments and order', () => {
  const edited = editConfiguration(GOOD, ['limits', 'recipients'], 7)
  assert.match(edited, /# the world/)
  const read = parseConfiguration(edited)
  assert.ok(read.ok)
  assert.equal(read.value.limits.recipients, 7)
})
