// Other people's clients against our server over a socket.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { createTransport } from 'nodemailer'
import { startLoopback } from './loopback.ts'

const SWAKS = '/usr/bin/swaks'

function swaks(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(SWAKS, args, { timeout: 20_000 }, (error, output) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output })
    })
  })
}

test('swaks submits with STARTTLS and AUTH PLAIN', async (t) => {
  if (!existsSync(SWAKS)) return t.skip('swaks absent')
  const server = await startLoopback()
  try {
    const common = [
      '--server',
      '127.0.0.1',
      '--port',
      String(server.port),
      '--from',
      'alice@example.org',
      '--to',
      'bob@example.org',
      '--helo',
      'c.example',
    ]
    const sent = await swaks([
      ...common,
      '--tls',
      '--auth',
      'PLAIN',
      '--auth-user',
      'alice',
      '--auth-password',
      'secret',
      '--body',
      'a\n.b\n..c',
    ])
    assert.equal(sent.code, 0, sent.output)
    assert.match(Buffer.from(server.received[0]?.octets ?? []).toString(), /\r\n\r\na\r\n\.b\r\n\.\.c\r\n/)
    assert.equal(server.received[0]?.identity, 'alice')
    const wrong = await swaks([
      ...common,
      '--tls',
      '--auth',
      'PLAIN',
      '--auth-user',
      'alice',
      '--auth-password',
      'wrong',
    ])
    assert.match(wrong.output, /535 5\.7\.8/)
    const piped = await swaks([...common, '--pipeline', '--body', 'x'])
    assert.equal(piped.code, 0, piped.output)
    assert.equal(server.received.length, 2)
  } finally {
    await server.close()
  }
})

test('nodemailer submits over implicit TLS, a large message and UTF-8', async () => {
  const server = await startLoopback({ implicitTls: true })
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'alice', pass: 'secret' },
  })
  try {
    const text = '.line with a dot\r\n'.repeat(50_000)
    await transport.sendMail({
      from: 'alice@example.org',
      to: 'bob@example.org',
      subject: 'Grüße',
      text,
      textEncoding: 'quoted-printable',
    })
    assert.ok((server.received[0]?.octets.length ?? 0) > 900_000)
    await assert.rejects(
      transport.sendMail({ from: 'alice@example.org', to: 'nobody@example.org', text: 'x' }),
      /5\.1\.1/,
    )
  } finally {
    transport.close()
    await server.close()
  }
})
