import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8, encodeLatin1 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/plain.fuzz.ts'
import {
  type Channel,
  clientMechanism,
  DEFAULT_LIMITS,
  formatPlainMessage,
  parsePlainMessage,
  type ServerStep,
  serverMechanism,
} from '../src/index.ts'
import { authenticatorFor, exchange } from './exchange.ts'

const TLS: Channel = { tls: true, bindings: [] }
const NONCE = 'fyko+d2lbbFgONRv9qkxdawL'

test('reads the examples of RFC 4616 §4', () => {
  assert.deepEqual(parsePlainMessage(encodeUtf8('\0tim\0tanstaaftanstaaf'), DEFAULT_LIMITS), {
    ok: true,
    value: { username: 'tim', password: 'tanstaaftanstaaf' },
  })
  assert.deepEqual(parsePlainMessage(encodeUtf8('Ursel\0Kurt\0xipj3plmq'), DEFAULT_LIMITS), {
    ok: true,
    value: { authorizationIdentity: 'Ursel', username: 'Kurt', password: 'xipj3plmq' },
  })
})

for (const [name, octets, kind] of [
  ['an empty message', encodeUtf8(''), 'malformed'],
  ['one NUL', encodeUtf8('tim\0pass'), 'malformed'],
  ['three NULs', encodeUtf8('\0tim\0pass\0'), 'malformed'],
  ['no username', encodeUtf8('\0\0pass'), 'malformed'],
  ['no password', encodeUtf8('\0tim\0'), 'malformed'],
  ['ISO-8859-1', encodeLatin1('\0tim\0p\u00e4ss'), 'malformed'],
  ['a username of 256 octets', encodeUtf8(`\0${'a'.repeat(256)}\0p`), 'too-long'],
  ['an authorization identity of 256 octets', encodeUtf8(`${'a'.repeat(256)}\0a\0p`), 'too-long'],
  ['a password of 1025 octets', encodeUtf8(`\0a\0${'p'.repeat(1025)}`), 'too-long'],
  ['a message of 2049 octets', encodeUtf8(`\0a\0${'p'.repeat(2046)}`), 'too-long'],
] as const) {
  test(`refuses ${name}`, () => {
    const message = parsePlainMessage(octets, DEFAULT_LIMITS)
    assert.equal(message.ok, false)
    if (!message.ok) assert.equal(message.error.kind, kind)
  })
}

test('accepts 255 octets in each name, as RFC 4616 §2 asks', () => {
  const long = 'a'.repeat(255)
  assert.equal(parsePlainMessage(encodeUtf8(`${long}\0${long}\0${long}`), DEFAULT_LIMITS).ok, true)
})

test('written messages read back the same', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(word, word, word, (authorizationIdentity, username, password) => {
      const message = { authorizationIdentity, username, password }
      assert.deepEqual(parsePlainMessage(formatPlainMessage(message), DEFAULT_LIMITS), { ok: true, value: message })
    }),
  )
})

test('fuzz laws hold for the seeds and for random octets', () => {
  for (const seed of seeds) fuzz(typeof seed === 'string' ? encodeUtf8(seed) : seed)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => fuzz(octets)))
})

async function login(message: string): Promise<ServerStep> {
  const server = serverMechanism({
    name: 'plain',
    channel: TLS,
    authenticator: await authenticatorFor('tim', 'secret'),
    nonce: NONCE,
  })
  if (!server.ok) throw new Error(server.error.kind)
  return server.value.next(encodeUtf8(message))
}

for (const [name, message, outcome] of [
  ['the right password', '\0tim\0secret', 'id:tim'],
  ['a username in capitals', '\0TIM\0secret', 'id:tim'],
  ['oneself as authorization identity', 'tim\0tim\0secret', 'id:tim'],
  ['a wrong password', '\0tim\0Secret', 'invalid-credentials'],
  ['an unknown user', '\0tom\0secret', 'invalid-credentials'],
  ['a username with a control character', '\0ti\u0007m\0secret', 'invalid-credentials'],
  ['a password with a control character', '\0tim\0sec\u0000', 'malformed'],
  ['somebody else as authorization identity', 'tom\0tim\0secret', 'not-authorized'],
  ['somebody else with a wrong password', 'tom\0tim\0wrong', 'invalid-credentials'],
] as const) {
  test(`${name}: ${outcome}`, async () => {
    const step = await login(message)
    assert.equal(step.kind === 'success' ? step.identity : step.kind === 'failure' ? step.reason.kind : '', outcome)
  })
}

test('without an initial response the server asks with an empty challenge', async () => {
  const server = serverMechanism({
    name: 'PLAIN',
    channel: TLS,
    authenticator: await authenticatorFor('tim', 'secret'),
    nonce: NONCE,
  })
  assert.ok(server.ok)
  assert.deepEqual(await server.value.next(undefined), { kind: 'challenge', octets: new Uint8Array(0) })
})

test('client and server understand each other', async () => {
  const client = clientMechanism({ name: 'PLAIN', username: 'tim', password: 'p\u00e4ss\u00a0', nonce: NONCE })
  const server = serverMechanism({
    name: 'PLAIN',
    channel: TLS,
    authenticator: await authenticatorFor('tim', 'p\u00e4ss '),
    nonce: NONCE,
  })
  assert.ok(client.ok && server.ok)
  const { outcome, complete } = await exchange(client.value, server.value)
  assert.equal(outcome.kind, 'success')
  assert.equal(complete, true)
})

test('the client does not answer a challenge, and sends the password once', async () => {
  const client = clientMechanism({ name: 'PLAIN', username: 'tim', password: 'x', nonce: NONCE })
  assert.ok(client.ok)
  assert.equal((await client.value.next(encodeUtf8('password please'))).ok, false)
  assert.equal((await client.value.next(undefined)).ok, true)
  assert.equal((await client.value.next(undefined)).ok, false)
})

for (const [username, password] of [
  ['', 'x'],
  ['a\0b', 'x'],
  ['a', ''],
  ['a', 'x\0y'],
  ['a', 'x\ny'],
] as const) {
  test(`the client refuses to send ${JSON.stringify([username, password])}`, async () => {
    const client = clientMechanism({ name: 'PLAIN', username, password, nonce: NONCE })
    assert.ok(client.ok)
    assert.deepEqual((await client.value.next(undefined)).ok, false)
  })
}
