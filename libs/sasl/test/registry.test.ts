import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUtf8, encodeAscii } from '@scop/octets'
import {
  type Channel,
  chooseMechanism,
  clientMechanism,
  MECHANISMS,
  type Mechanism,
  offerMechanisms,
  PLAIN,
  preparePassword,
  prepareUsername,
  serverMechanism,
} from '../src/index.ts'
import { authenticatorFor } from './exchange.ts'

const OPEN: Channel = { tls: false, bindings: [] }
const TLS: Channel = { tls: true, bindings: [] }
const BOUND: Channel = { tls: true, bindings: [{ type: 'tls-exporter', octets: new Uint8Array(32) }] }
const NONCE = 'fyko+d2lbbFgONRv9qkxdawL'

for (const [name, channel, offered] of [
  ['without TLS', OPEN, ['SCRAM-SHA-256']],
  ['with TLS', TLS, ['SCRAM-SHA-256', 'PLAIN']],
  ['with channel binding', BOUND, ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN']],
] as const) {
  test(`offers ${offered.join(', ')} ${name}`, () => assert.deepEqual(offerMechanisms(channel), offered))
}

test('what is not offered cannot be had by asking for it', async () => {
  const authenticator = await authenticatorFor('tim', 'x')
  for (const [name, channel, kind] of [
    ['PLAIN', OPEN, 'not-offered'],
    ['SCRAM-SHA-256-PLUS', TLS, 'not-offered'],
    ['CRAM-MD5', TLS, 'unknown-mechanism'],
    ['', TLS, 'unknown-mechanism'],
    ['__proto__', TLS, 'unknown-mechanism'],
  ] as const) {
    const server = serverMechanism({ name, channel, authenticator, nonce: NONCE })
    assert.equal(server.ok ? 'made' : server.error.kind, kind)
  }
  assert.equal(clientMechanism({ name: 'X', username: 'a', password: 'b', nonce: NONCE }).ok, false)
})

for (const [offered, channel, chosen] of [
  [['PLAIN', 'scram-sha-256', 'SCRAM-SHA-256-PLUS'], BOUND, 'SCRAM-SHA-256-PLUS'],
  [['PLAIN', 'scram-sha-256', 'SCRAM-SHA-256-PLUS'], TLS, 'SCRAM-SHA-256'],
  [['LOGIN', 'PLAIN'], TLS, 'PLAIN'],
  [['LOGIN', 'PLAIN'], OPEN, undefined],
  [[], BOUND, undefined],
] as const) {
  test(`a client chooses ${chosen} of ${offered.join(' ')} (${channel.bindings.length} bindings, TLS ${channel.tls})`, () =>
    assert.equal(chooseMechanism(offered, channel), chosen))
}

/** A mechanism from outside: LOGIN, as draft-murchison-sasl-login-00 has it. */
const LOGIN: Mechanism = {
  name: 'LOGIN',
  suits: (channel) => channel.tls,
  server: ({ authenticator }) => {
    const answers: string[] = []
    return {
      next: async (response) => {
        const answer = decodeUtf8(response ?? new Uint8Array(0))
        if (response !== undefined) answers.push(answer.ok ? answer.value : '')
        if (answers.length === 0) return { kind: 'challenge', octets: encodeAscii('User Name\0') }
        if (answers.length === 1) return { kind: 'challenge', octets: encodeAscii('Password\0') }
        const [username, password] = [prepareUsername(answers[0] ?? ''), preparePassword(answers[1] ?? '')]
        if (!username.ok || !password.ok) return { kind: 'failure', reason: { kind: 'invalid-credentials' } }
        const verified = await authenticator.verifyPassword(username.value, password.value)
        return verified.ok ? { kind: 'success', identity: verified.value } : { kind: 'failure', reason: verified.error }
      },
    }
  },
  client: (options) => PLAIN.client(options),
}

test('one more mechanism is one more row', async () => {
  const mechanisms = [...MECHANISMS, LOGIN]
  assert.deepEqual(offerMechanisms(TLS, mechanisms), ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'])
  const authenticator = await authenticatorFor('tim', 'x')
  const server = serverMechanism({ name: 'login', channel: TLS, authenticator, nonce: NONCE, mechanisms })
  assert.ok(server.ok)
  assert.equal((await server.value.next(undefined)).kind, 'challenge')
  assert.equal((await server.value.next(encodeAscii('tim'))).kind, 'challenge')
  assert.deepEqual(await server.value.next(encodeAscii('x')), { kind: 'success', identity: 'id:tim' })
})
