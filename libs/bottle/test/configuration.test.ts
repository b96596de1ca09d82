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
