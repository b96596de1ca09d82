import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeAscii, encodeAscii, encodeUtf8 } from '@scop/octets'
import { err, ok } from '@scop/result'
import {
  type Authenticator,
  type Channel,
  type ChannelBinding,
  type ClientMechanism,
  clientMechanism,
  deriveScramCredentials,
  type ServerMechanism,
  type ServerStep,
  serverMechanism,
  verifyScramProof,
} from '../src/index.ts'
import { authenticatorFor, exchange } from './exchange.ts'

// RFC 7677 §3
const USER = 'user'
const PASSWORD = 'pencil'
const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO'
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const SALT = Uint8Array.fromBase64('W22ZaJ0SNY7soEsUEjb6gQ==')
const CLIENT_FIRST = `n,,n=user,r=${CLIENT_NONCE}`
const SERVER_FIRST = `r=${CLIENT_NONCE}${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
const WITHOUT_PROOF = `c=biws,r=${CLIENT_NONCE}${SERVER_NONCE}`
const CLIENT_FINAL = `${WITHOUT_PROOF},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

const EXPORTER: ChannelBinding = { type: 'tls-exporter', octets: new Uint8Array(32).fill(7) }
const END_POINT: ChannelBinding = { type: 'tls-server-end-point', octets: new Uint8Array(32).fill(9) }
const BOUND: Channel = { tls: true, bindings: [EXPORTER, END_POINT] }
const UNBOUND: Channel = { tls: true, bindings: [] }

async function rfcAuthenticator(): Promise<Authenticator> {
  const credentials = await deriveScramCredentials(PASSWORD, SALT, 4096)
  return {
    verifyPassword: async () => err({ kind: 'temporary-failure' }),
    scramParameters: async () => ok({ salt: SALT, iterations: 4096 }),
    verifyScram: async (username, authMessage, proof) => {
      const serverSignature = verifyScramProof(credentials, authMessage, proof)
      if (serverSignature === undefined) return err({ kind: 'invalid-credentials' })
      return ok({ identity: username, serverSignature })
    },
  }
}

async function rfcServer(channel = UNBOUND, name = 'SCRAM-SHA-256'): Promise<ServerMechanism> {
  const server = serverMechanism({ name, channel, authenticator: await rfcAuthenticator(), nonce: SERVER_NONCE })
  if (!server.ok) throw new Error(server.error.kind)
  return server.value
}

function rfcClient(): ClientMechanism {
  const client = clientMechanism({ name: 'SCRAM-SHA-256', username: USER, password: PASSWORD, nonce: CLIENT_NONCE })
  if (!client.ok) throw new Error(client.error.kind)
  return client.value
}

const text = (octets: Uint8Array | undefined): string => {
  const decoded = decodeAscii(octets ?? new Uint8Array([0xff]))
  return decoded.ok ? decoded.value : 'none'
}
const reason = (step: ServerStep): string => (step.kind === 'failure' ? step.reason.kind : step.kind)

test('server: the exchange of RFC 7677 §3, octet for octet', async () => {
  const server = await rfcServer()
  assert.deepEqual(await server.next(undefined), { kind: 'challenge', octets: new Uint8Array(0) })
  const challenge = await server.next(encodeAscii(CLIENT_FIRST))
  assert.equal(challenge.kind === 'challenge' && text(challenge.octets), SERVER_FIRST)
  const success = await server.next(encodeAscii(CLIENT_FINAL))
  assert.equal(success.kind, 'success')
  assert.equal(success.kind === 'success' && text(success.octets), SERVER_FINAL)
  assert.equal(success.kind === 'success' && success.identity, USER)
})

test('client: the exchange of RFC 7677 §3, octet for octet', async () => {
  const client = rfcClient()
  const first = await client.next(undefined)
  assert.equal(first.ok && text(first.value.octets), CLIENT_FIRST)
  const final = await client.next(encodeAscii(SERVER_FIRST))
  assert.equal(final.ok && text(final.value.octets), CLIENT_FINAL)
  assert.equal(final.ok && final.value.complete, false)
  const last = await client.next(encodeAscii(SERVER_FINAL))
  assert.deepEqual(last, { ok: true, value: { octets: new Uint8Array(0), complete: true } })
})

for (const [name, channel, message, kind] of [
  ['no GS2 header', UNBOUND, `n=user,r=${CLIENT_NONCE}`, 'malformed'],
  ['an empty message', UNBOUND, '', 'malformed'],
  ['a NUL', UNBOUND, `n,,n=us\0er,r=${CLIENT_NONCE}`, 'malformed'],
  ['an empty username', UNBOUND, `n,,n=,r=${CLIENT_NONCE}`, 'malformed'],
  ['"=" in the username', UNBOUND, `n,,n=us=er,r=${CLIENT_NONCE}`, 'malformed'],
  ['"=2c" in lower case', UNBOUND, `n,,n=us=2cer,r=${CLIENT_NONCE}`, 'malformed'],
  ['no nonce', UNBOUND, 'n,,n=user', 'malformed'],
  ['an empty nonce', UNBOUND, 'n,,n=user,r=', 'malformed'],
  ['a space in the nonce', UNBOUND, 'n,,n=user,r=a b', 'malformed'],
  ['nonce before username', UNBOUND, `n,,r=${CLIENT_NONCE},n=user`, 'malformed'],
  ['an extension without a value', UNBOUND, `${CLIENT_FIRST},x=`, 'malformed'],
  ['a trailing comma', UNBOUND, `${CLIENT_FIRST},`, 'malformed'],
  ['an unknown flag', UNBOUND, `x,,n=user,r=${CLIENT_NONCE}`, 'malformed'],
  ['a mandatory extension', UNBOUND, `n,,m=1,n=user,r=${CLIENT_NONCE}`, 'unsupported-extension'],
  ['a mandatory extension at the end', UNBOUND, `${CLIENT_FIRST},m=1`, 'unsupported-extension'],
  ['a username that cannot be prepared', UNBOUND, `n,,n=us er,r=${CLIENT_NONCE}`, 'invalid-credentials'],
  ['a username of 256 octets', UNBOUND, `n,,n=${'u'.repeat(256)},r=x`, 'too-long'],
  ['a nonce of 129 characters', UNBOUND, `n,,n=user,r=${'r'.repeat(129)}`, 'too-long'],
  ['a message of 2049 octets', UNBOUND, `${CLIENT_FIRST},x=`.padEnd(2049, 'y'), 'too-long'],
  ['p= without -PLUS', BOUND, `p=tls-exporter,,n=user,r=${CLIENT_NONCE}`, 'channel-binding-mismatch'],
  ['y where -PLUS is offered', BOUND, `y,,n=user,r=${CLIENT_NONCE}`, 'downgrade'],
] as const) {
  test(`server: first message with ${name} is ${kind}`, async () => {
    const server = await rfcServer(channel)
    assert.equal(reason(await server.next(encodeUtf8(message))), kind)
    assert.equal(reason(await server.next(encodeAscii(CLIENT_FIRST))), 'malformed', 'and it cannot be tried again')
  })
}

for (const message of [
  CLIENT_FIRST,
  `y,,n=user,r=${CLIENT_NONCE}`,
  `n,a=user,n=user,r=${CLIENT_NONCE}`,
  `n,,n=us=2Cer=3D,r=${CLIENT_NONCE}`,
  `${CLIENT_FIRST},x=unknown`,
]) {
  test(`server: takes the first message ${message}`, async () => {
    assert.equal(reason(await (await rfcServer()).next(encodeAscii(message))), 'challenge')
  })
}

for (const [name, message, kind] of [
  ['the wrong proof', CLIENT_FINAL.replace('p=d', 'p=e'), 'invalid-credentials'],
  ['a short proof', `${WITHOUT_PROOF},p=AAAA`, 'invalid-credentials'],
  ['an empty proof', `${WITHOUT_PROOF},p=`, 'invalid-credentials'],
  ['no proof', WITHOUT_PROOF, 'malformed'],
  ['a proof that is not base64', `${WITHOUT_PROOF},p=d`, 'malformed'],
  ['the nonce of the client alone', CLIENT_FINAL.replace(SERVER_NONCE, ''), 'malformed'],
  ['another nonce', CLIENT_FINAL.replace('r=r', 'r=s'), 'malformed'],
  ['another GS2 header', CLIENT_FINAL.replace('biws', 'eSws'), 'channel-binding-mismatch'],
  ['channel binding data', CLIENT_FINAL.replace('biws', 'biwsAAAA'), 'channel-binding-mismatch'],
  ['an extension that the proof does not cover', CLIENT_FINAL.replace(',p=', ',x=y,p='), 'invalid-credentials'],
  ['a mandatory extension', CLIENT_FINAL.replace(',p=', ',m=y,p='), 'unsupported-extension'],
  ['nothing', '', 'malformed'],
] as const) {
  test(`server: final message with ${name} is ${kind}`, async () => {
    const server = await rfcServer()
    await server.next(encodeAscii(CLIENT_FIRST))
    assert.equal(reason(await server.next(encodeAscii(message))), kind)
    assert.equal(reason(await server.next(encodeAscii(CLIENT_FINAL))), 'malformed', 'and it cannot be tried again')
  })
}

test('server: a final message that never comes is no success', async () => {
  const server = await rfcServer()
  await server.next(encodeAscii(CLIENT_FIRST))
  assert.equal(reason(await server.next(undefined)), 'malformed')
})

for (const [name, challenge, kind] of [
  ['another nonce', SERVER_FIRST.replace('r=r', 'r=s'), 'wrong-nonce'],
  ['our nonce alone', SERVER_FIRST.replace(SERVER_NONCE, ''), 'wrong-nonce'],
  ['4095 iterations', SERVER_FIRST.replace('4096', '4095'), 'too-few-iterations'],
  ['1000001 iterations', SERVER_FIRST.replace('4096', '1000001'), 'too-many-iterations'],
  ['no iteration count', SERVER_FIRST.replace(',i=4096', ''), 'malformed'],
  ['a count with a leading zero', SERVER_FIRST.replace('4096', '04096'), 'malformed'],
  ['a negative count', SERVER_FIRST.replace('4096', '-4096'), 'malformed'],
  ['an empty salt', SERVER_FIRST.replace('W22ZaJ0SNY7soEsUEjb6gQ==', ''), 'malformed'],
  [
    'a salt of 257 octets',
    SERVER_FIRST.replace('W22ZaJ0SNY7soEsUEjb6gQ==', new Uint8Array(257).toBase64()),
    'too-long',
  ],
  ['a mandatory extension', `m=x,${SERVER_FIRST}`, 'unsupported-extension'],
  ['nothing', '', 'malformed'],
] as const) {
  test(`client: server-first with ${name} is ${kind}`, async () => {
    const client = rfcClient()
    await client.next(undefined)
    const step = await client.next(encodeAscii(challenge))
    assert.equal(step.ok ? 'accepted' : step.error.kind, kind)
  })
}

for (const [name, final, kind] of [
  ['a wrong signature', SERVER_FINAL.replace('v=6', 'v=7'), 'wrong-server-signature'],
  ['a short signature', 'v=6rri', 'wrong-server-signature'],
  ['an error', 'e=invalid-proof', 'server-error'],
  ['nothing', '', 'malformed'],
] as const) {
  test(`client: server-final with ${name} is ${kind}`, async () => {
    const client = rfcClient()
    await client.next(undefined)
    await client.next(encodeAscii(SERVER_FIRST))
    const step = await client.next(encodeAscii(final))
    assert.equal(step.ok ? 'accepted' : step.error.kind, kind)
  })
}

async function bound(
  client: { readonly name?: string; readonly channelBinding?: ChannelBinding; readonly password?: string },
  channel: Channel = BOUND,
): Promise<string> {
  const ours = clientMechanism({
    name: 'SCRAM-SHA-256-PLUS',
    username: 'tim',
    password: 'p\u00e4ss',
    nonce: CLIENT_NONCE,
    ...client,
  })
  const theirs = serverMechanism({
    name: client.name ?? 'SCRAM-SHA-256-PLUS',
    channel,
    authenticator: await authenticatorFor('tim', 'p\u00e4ss'),
    nonce: SERVER_NONCE,
  })
  if (!ours.ok || !theirs.ok) return 'no mechanism'
  const { outcome, complete } = await exchange(ours.value, theirs.value)
  return outcome.kind === 'success' && complete ? outcome.identity : reason(outcome)
}

for (const [name, client, channel, outcome] of [
  ['tls-exporter', { channelBinding: EXPORTER }, BOUND, 'id:tim'],
  ['tls-server-end-point', { channelBinding: END_POINT }, BOUND, 'id:tim'],
  ['no -PLUS and no binding', { name: 'SCRAM-SHA-256' }, BOUND, 'id:tim'],
  ['no -PLUS on both sides', { name: 'SCRAM-SHA-256', channelBinding: EXPORTER }, UNBOUND, 'id:tim'],
  ['-PLUS taken out of the offer', { name: 'SCRAM-SHA-256', channelBinding: EXPORTER }, BOUND, 'downgrade'],
  [
    'the exporter of another connection',
    { channelBinding: { type: 'tls-exporter', octets: new Uint8Array(32) } },
    BOUND,
    'channel-binding-mismatch',
  ],
  [
    'a type that the server lacks',
    { channelBinding: EXPORTER },
    { tls: true, bindings: [END_POINT] },
    'channel-binding-mismatch',
  ],
  ['a wrong password', { channelBinding: EXPORTER, password: 'pass' }, BOUND, 'invalid-credentials'],
] as const) {
  test(`channel binding: ${name}: ${outcome}`, async () => {
    assert.equal(await bound(client, channel), outcome)
  })
}

test('-PLUS refuses a client that does not bind', async () => {
  for (const flag of ['n', 'y']) {
    const server = await rfcServer(BOUND, 'SCRAM-SHA-256-PLUS')
    assert.equal(reason(await server.next(encodeAscii(`${flag},,n=user,r=x`))), 'channel-binding-mismatch')
  }
})

test('-PLUS needs a binding at the client', async () => {
  const client = clientMechanism({ name: 'SCRAM-SHA-256-PLUS', username: 'a', password: 'b', nonce: CLIENT_NONCE })
  assert.ok(client.ok)
  const step = await client.value.next(undefined)
  assert.equal(step.ok ? '' : step.error.kind, 'no-channel-binding')
})

test('acting as somebody else is refused, as oneself not', async () => {
  for (const [authorizationIdentity, outcome] of [
    ['tim', 'success'],
    ['id:tim', 'success'],
    ['tom', 'not-authorized'],
  ] as const) {
    const client = clientMechanism({
      name: 'SCRAM-SHA-256',
      username: 'tim',
      password: 'x',
      authorizationIdentity,
      nonce: CLIENT_NONCE,
    })
    const server = serverMechanism({
      name: 'SCRAM-SHA-256',
      channel: UNBOUND,
      authenticator: await authenticatorFor('tim', 'x'),
      nonce: SERVER_NONCE,
    })
    assert.ok(client.ok && server.ok)
    assert.equal(reason((await exchange(client.value, server.value)).outcome), outcome)
  }
})

test('an unknown user sees the same salt each time, and fails at the same place as a wrong password', async () => {
  const challenges: string[] = []
  for (let i = 0; i < 2; i++) {
    const server = serverMechanism({
      name: 'SCRAM-SHA-256',
      channel: UNBOUND,
      authenticator: await authenticatorFor('tim', 'x'),
      nonce: SERVER_NONCE,
    })
    assert.ok(server.ok)
    const step = await server.value.next(encodeAscii(`n,,n=tom,r=${CLIENT_NONCE}`))
    assert.equal(step.kind, 'challenge')
    if (step.kind === 'challenge') challenges.push(text(step.octets))
    assert.equal(reason(await server.value.next(encodeAscii(CLIENT_FINAL))), 'invalid-credentials')
  }
  assert.equal(challenges[0], challenges[1])
})

test('a directory that cannot answer is a temporary failure', async () => {
  const server = serverMechanism({
    name: 'SCRAM-SHA-256',
    channel: UNBOUND,
    authenticator: { ...(await rfcAuthenticator()), scramParameters: async () => err({ kind: 'temporary-failure' }) },
    nonce: SERVER_NONCE,
  })
  assert.ok(server.ok)
  assert.equal(reason(await server.value.next(encodeAscii(CLIENT_FIRST))), 'temporary-failure')
})
