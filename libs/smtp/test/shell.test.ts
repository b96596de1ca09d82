import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { type Credentials, mailboxPath, type Envelope, type ForwardPath } from '../src/index.ts'
import { type Client, connect, type ConnectOptions } from '../src/node/index.ts'
import { cert } from './certificate.ts'
import { plainMessage, startLoopback } from './loopback.ts'

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
