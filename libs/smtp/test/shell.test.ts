import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  accept,
  type Credentials,
  mailboxPath,
  type Envelope,
  type ForwardPath,
  type ServerPolicy,
  type TlsFacts,
} from '../src/index.ts'
import { type Client, connect, type ConnectOptions } from '../src/node/index.ts'
import { cert } from './certificate.ts'
import { plainMessage, recordingPolicy, startLoopback } from './loopback.ts'

const path = (text: string): ForwardPath & { readonly kind: 'mailbox' } =>
  mailboxPath(expectOk(parseMailbox(text, { utf8: true }), 'read'))
const envelope = (...recipients: readonly string[]): Envelope => ({
  sender: path('alice@example.org'),
  recipients: recipients.map(path),
})
async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield encodeUtf8(text)
}
const credentials = (password: string): Credentials => ({
  identity: 'alice',
  choose: (offered) =>
    offered.includes('PLAIN')
      ? {
          name: 'PLAIN',
          mechanism: {
            next: async () => ({ ok: true, value: { octets: plainMessage('alice', password), complete: true } }),
          },
        }
      : undefined,
})
const open = async (port: number, options: Partial<ConnectOptions> = {}): Promise<Client> =>
  expectOk(
    await connect({
      host: '127.0.0.1',
      port,
      hostname: 'client.example.com',
      tls: 'none',
      ...options,
    }),
    'connect',
  )
const trusted = { ca: cert, servername: 'localhost' }

test('sends in clear, dots and all, and again on the same connection', async () => {
  const server = await startLoopback()
  try {
    const client = await open(server.port)
    for (const round of [1, 2]) {
      const outcome = expectOk(
        await client.send(envelope('bob@example.org', 'nobody@example.org'), () =>
          pieces('Subject: x\r\n\r\n.', '\r\n..\r', '\n.x\r\n', `${round}\r\n`),
        ),
        'send',
      )
      assert.deepEqual(
        [outcome.mail.code, outcome.recipients.map(({ code, enhanced }) => `${code} ${enhanced}`), outcome.data?.code],
        [250, ['250 2.1.5', '550 5.1.1'], 250],
      )
      assert.equal(
        Buffer.from(server.received[round - 1]?.octets ?? []).toString(),
        `Subject: x\r\n\r\n.\r\n..\r\n.x\r\n${round}\r\n`,
      )
    }
    await client.quit()
  } finally {
    await server.close()
  }
})

test('sends after STARTTLS and AUTH, and over implicit TLS', async () => {
  for (const implicitTls of [false, true]) {
    const server = await startLoopback({ implicitTls })
    try {
      const client = await open(server.port, {
        tls: implicitTls ? 'implicit' : 'required',
        tlsOptions: trusted,
        credentials: credentials('secret'),
      })
      assert.equal(client.facts.tls?.version, 'TLSv1.3')
      assert.equal(client.facts.tls.authorized, true)
      assert.equal(client.facts.offers.has('STARTTLS'), false)
      expectOk(await client.send(envelope('bob@example.org'), () => pieces('hi\r\n')), 'send')
      assert.equal(server.received[0]?.identity, 'alice')
      await client.quit()
    } finally {
      await server.close()
    }
  }
})

test('both ends of TLS see the same keying material and the same certificate, before and after STARTTLS', async () => {
  for (const implicitTls of [false, true]) {
    const seen: TlsFacts[] = []
    const policy: ServerPolicy = {
      ...recordingPolicy([]),
      hello: async (_, { tls }) => {
        if (tls !== undefined) seen.push(tls)
        return accept()
      },
    }
    const server = await startLoopback({ implicitTls, policy })
    try {
      const client = await open(server.port, {
        tls: implicitTls ? 'implicit' : 'opportunistic',
        tlsOptions: implicitTls ? { rejectUnauthorized: false } : {},
      })
      const { tls } = client.facts
      assert.ok(tls !== undefined && seen[0] !== undefined)
      assert.equal(tls.authorized, false)
      const label = 'EXPORTER-Channel-Binding'
      assert.deepEqual(tls.exportKeyingMaterial(32, label), seen[0].exportKeyingMaterial(32, label))
      assert.deepEqual(tls.serverCertificate, seen[0].serverCertificate)
      assert.ok(tls.serverCertificate !== undefined)
      await client.quit()
    } finally {
      await server.close()
    }
  }
})

test('connect refuses a certificate that it cannot trust, or of another name, where TLS is required', async () => {
  const server = await startLoopback()
  try {
    for (const tlsOptions of [{}, { ca: cert, servername: 'mx.example.org' }]) {
      const refused = await connect({
        host: '127.0.0.1',
        port: server.port,
        hostname: 'c',
        tls: 'required',
        tlsOptions,
      })
      assert.ok(!refused.ok)
      assert.equal(refused.error.kind, 'tls-failed')
    }
  } finally {
    await server.close()
  }
})

test('connect reports credentials that are refused', async () => {
  const server = await startLoopback()
  try {
    const options = { host: '127.0.0.1', port: server.port, hostname: 'c', tlsOptions: trusted }
    const wrong = await connect({ ...options, tls: 'required', credentials: credentials('wrong') })
    assert.ok(!wrong.ok && wrong.error.kind === 'authentication-refused')
    assert.equal(wrong.error.reply.enhanced, '5.7.8')
    const clear = await connect({ ...options, tls: 'none', credentials: credentials('secret') })
    assert.deepEqual(clear, { ok: false, error: { kind: 'no-mechanism', offered: [] } })
  } finally {
    await server.close()
  }
})

test('a client that leaves in the middle of a message leaves nothing behind', async () => {
  const server = await startLoopback()
  try {
    const client = await open(server.port)
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield encodeUtf8('half\r\n')
      throw new Error('disk')
    }
    const sent = await client.send(envelope('bob@example.org'), failing)
    assert.deepEqual(sent, { ok: false, error: { kind: 'source-failed', message: 'disk' } })
    assert.ok(!(await client.send(envelope('bob@example.org'), failing)).ok)
    await client.quit()
    assert.deepEqual(server.received, [])
  } finally {
    await server.close()
  }
})

test('sends to more recipients than fit in one group, and reports those the server has no room for', async () => {
  const server = await startLoopback({ limits: { refusedRecipients: 100 } })
  try {
    const client = await open(server.port)
    const many = envelope(...Array.from({ length: 150 }, (_, i) => `r${i}@example.org`))
    const outcome = expectOk(await client.send(many, () => pieces('hi\r\n')), 'send')
    assert.deepEqual([outcome.recipients.length, outcome.data?.code], [150, 250])
    assert.deepEqual([outcome.recipients[99]?.code, outcome.recipients[100]?.code], [250, 452])
    assert.equal(server.received[0]?.recipients.length, 100)
    assert.equal(expectOk(await client.reset(), 'reset').code, 250)
    await client.quit()
  } finally {
    await server.close()
  }
})
