// Who is turned away, and how: each test is one way to be nobody.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { connect as connectHttp2 } from 'node:http2'
import type { Identity, PipeServer } from '../src/node/index.ts'
import { authority, connect, identity, mailbox, otherAuthority, relay, serve, until } from './bottle-fixture.ts'

const CALL = { request: 1, trace: 't', timeoutMs: 3000 } as const
/** A refusal may come before it, but no handshake of a busy machine after it. */
const BRIEF = { connectWaitMs: 1000 }

function rawTls(t: TestContext, server: PipeServer, options: ConnectionOptions): TLSSocket {
  const { address } = server
  const socket = connectTls({
    ...('path' in address ? { path: address.path } : address),
    ca: authority.certificatePem,
    checkServerIdentity: () => undefined,
    ALPNProtocols: ['h2'],
    ...options,
  })
  socket.on('error', () => undefined)
  t.after(() => socket.destroy())
  return socket
}

test('refuses a caller without a certificate', async (t) => {
  const { server, refused } = await serve(t, {})
  const socket = rawTls(t, server, {})
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException] // as: `error` gives one error
  assert.equal(error.code, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
  await until(() => refused.length > 0)
  assert.match(refused[0] ?? '', /handshake: .*did not return a certificate/)
})

test('refuses the certificate of another bottle', async (t) => {
  const { server, refused } = await serve(t, {})
  const stranger = await identity('relay', otherAuthority)
  const answer = await connect(t, server, { identity: () => stranger, limits: BRIEF }).call('deliver', CALL)
  assert.ok(!answer.ok)
  assert.equal(answer.error.kind, 'refused')
  assert.match(refused[0] ?? '', /handshake/)
})

test('refuses a name of another bottle, even under our own authority', async (t) => {
  const { server, refused } = await serve(t, { bottle: 'three' })
  const answer = await connect(t, server).call('deliver', CALL)
  assert.deepEqual(answer, {
    ok: false,
    error: { kind: 'refused', reason: 'of another bottle: spiffe://one/relay' },
  })
  assert.deepEqual(refused, ['spiffe://one/relay deliver of another bottle: spiffe://one/relay'])
})

test('refuses a valid certificate of the wrong role, and closes the connection', async (t) => {
  const { server, refused } = await serve(t, {})
  const signer = await identity('signer')
  const events: string[] = []
  const pipe = connect(t, server, { identity: () => signer, onEvent: (event) => events.push(event.kind) })
  const answer = await pipe.call('deliver', CALL)
  assert.deepEqual(answer, { ok: false, error: { kind: 'refused', reason: 'signer may not call here' } })
  assert.deepEqual(refused, ['spiffe://one/signer deliver signer may not call here'])
  await until(() => events.includes('disconnected'))
})

test('refuses an operation that the role may not call, and never runs it', async (t) => {
  let ran = false
  const { server, refused } = await serve(t, {
    handle: {
      deliver: async () => ({ response: 1 }),
      delete: async () => {
        ran = true
        return { response: 1 }
      },
    },
  })
  const pipe = connect(t, server)
  for (const operation of ['delete', 'constructor', '__proto__', '', 'deliver/x']) {
    const answer = await pipe.call(operation, CALL)
    assert.equal(answer.ok ? 'answered' : answer.error.kind, 'refused', operation)
  }
  assert.equal(refused[0], 'spiffe://one/relay delete relay may not call "delete"')
  assert.equal(refused.length, 5)
  assert.equal(ran, false)
  assert.ok((await pipe.call('deliver', CALL)).ok)
})

test('refuses an expired certificate of a caller', async (t) => {
  const { server, refused } = await serve(t, {})
  const expired = await identity('relay', authority, 0)
  const answer = await connect(t, server, { identity: () => expired, limits: BRIEF }).call('deliver', CALL)
  assert.ok(!answer.ok)
  assert.equal(answer.error.kind, 'refused')
  assert.match(refused[0] ?? '', /handshake/)
})

test('a caller refuses an expired certificate of the callee', async (t) => {
  const expired = await identity('mailbox', authority, 0)
  const { server } = await serve(t, { identity: () => expired })
  const answer = await connect(t, server).call('deliver', CALL)
  assert.ok(!answer.ok)
  assert.match(answer.error.reason, /CERT_HAS_EXPIRED/)
  assert.equal(answer.error.kind, 'refused')
})

test('a caller refuses another service than the one it asked for', async (t) => {
  const signer = await identity('signer')
  const { server } = await serve(t, { identity: () => signer })
  const answer = await connect(t, server).call('deliver', CALL)
  assert.deepEqual(answer, {
    ok: false,
    error: { kind: 'refused', reason: 'asked for spiffe://one/mailbox, found spiffe://one/signer' },
  })
})

test('a caller refuses a callee of another bottle', async (t) => {
  const stranger: Identity = {
    ...(await identity('mailbox', otherAuthority)),
    authorityPem: otherAuthority.certificatePem,
  }
  const { server } = await serve(t, { identity: () => stranger })
  const answer = await connect(t, server).call('deliver', CALL)
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'refused')
})

/** Every session that the server gives to `socket` until it is closed. */
async function sessionsOf(socket: TLSSocket): Promise<Buffer[]> {
  const sessions: Buffer[] = []
  socket.on('session', (session) => sessions.push(session))
  const session = connectHttp2('https://x', { createConnection: () => socket })
  session.on('error', () => undefined)
  await once(session, 'remoteSettings')
  await new Promise((resolve) => setTimeout(resolve, 20)) // for what comes after the handshake
  const last = socket.getSession()
  if (last !== undefined) sessions.push(last)
  session.close()
  return sessions
}

test('no TLS session is resumed: of another service or of the same', async (t) => {
  const directory = await identity('directory')
  const a = await serve(t, { identity: () => directory })
  const b = await serve(t, {})
  const credentials = { key: relay.keyPem, cert: relay.certificatePem }
  const sessions = await sessionsOf(rawTls(t, a.server, credentials))
  for (const session of sessions) {
    for (const { server } of [a, b]) {
      const socket = rawTls(t, server, { ...credentials, session })
      await once(socket, 'secureConnect')
      assert.equal(socket.isSessionReused(), false)
    }
    // Without a certificate, a resumed session would be the only way in.
    const bare = rawTls(t, b.server, { session })
    bare.resume()
    const [error] = (await once(bare, 'error')) as [NodeJS.ErrnoException] // as: `error` gives one error
    assert.equal(error.code, 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
  }
})

test('a TLS session of a server that does give tickets is not resumed here', async (t) => {
  const { createSecureServer } = await import('node:http2')
  const giver = createSecureServer({
    key: mailbox.keyPem,
    cert: mailbox.certificatePem,
    ca: mailbox.authorityPem,
    requestCert: true,
    minVersion: 'TLSv1.3',
  })
  giver.listen(0, '127.0.0.1')
  await once(giver, 'listening')
  t.after(() => giver.close())
  const address = giver.address()
  assert.ok(address !== null && typeof address === 'object')
  const credentials = { key: relay.keyPem, cert: relay.certificatePem }
  const { server } = await serve(t, {})
  const from = connectTls({
    ...credentials,
    host: '127.0.0.1',
    port: address.port,
    ca: authority.certificatePem,
    checkServerIdentity: () => undefined,
    ALPNProtocols: ['h2'],
  })
  t.after(() => from.destroy())
  from.resume()
  const [ticket] = (await once(from, 'session')) as [Buffer] // as: `session` gives one
  const again = connectTls({
    ...credentials,
    host: '127.0.0.1',
    port: address.port,
    ca: authority.certificatePem,
    checkServerIdentity: () => undefined,
    ALPNProtocols: ['h2'],
    session: ticket,
  })
  t.after(() => again.destroy())
  await once(again, 'secureConnect')
  assert.equal(again.isSessionReused(), true, 'the ticket is a good one where it was given')
  const here = rawTls(t, server, { ...credentials, session: ticket })
  await once(here, 'secureConnect')
  assert.equal(here.isSessionReused(), false)
})

test('refuses a connection that does not speak HTTP/2', async (t) => {
  const { server, refused } = await serve(t, {})
  const credentials = { key: relay.keyPem, cert: relay.certificatePem }
  await once(rawTls(t, server, { ...credentials, ALPNProtocols: ['http/1.1'] }), 'error')
  assert.match(refused.join(), /ALPN|alpn|application protocol|no h2/i)
})

test('refuses TLS 1.2', async (t) => {
  const { server, refused } = await serve(t, {})
  await once(rawTls(t, server, { key: relay.keyPem, cert: relay.certificatePem, maxVersion: 'TLSv1.2' }), 'error')
  assert.match(refused[0] ?? '', /handshake/)
})

test('a connection above the limit is refused', async (t) => {
  const { server, refused } = await serve(t, { limits: { connections: 1 } })
  assert.ok((await connect(t, server).call('deliver', CALL)).ok)
  const second = await connect(t, server, { limits: BRIEF }).call('deliver', CALL)
  assert.equal(second.ok ? 'answered' : second.error.kind, 'unreachable')
  assert.match(refused[0] ?? '', /above 1 connections/)
})

test('what is accepted must be handled', async (t) => {
  await assert.rejects(serve(t, { handle: {} }), /Cannot serve "deliver"/)
})
