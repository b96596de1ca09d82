// Stock clients submit, as a user would set them up: TLS, SCRAM or PLAIN; the mail is read back octet for octet.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import nodemailer from 'nodemailer'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'

const TRACE = '0000000000000000'
const run = promisify(execFile)
let bottle: TestBottle
const scratch = mkdtempSync(path.join(tmpdir(), 'scop-clients-'))
before(async () => {
  bottle = await startTestBottle({ domain: 'clients.example', name: 'alice' })
})
after(async () => {
  await bottle.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
  rmSync(scratch, { recursive: true })
})

async function readBack(subject: string): Promise<string> {
  const where = { account: bottle.account, mailbox: 'INBOX' }
  for (let tries = 0; tries < 200; tries++) {
    const { messages } = expectOk(
      await bottle.calls.call('mailbox', 'list', { ...where, limit: 50 }, { trace: TRACE }),
      'list',
    ).response
    const found = messages.find((message) => message.subject === subject)
    if (found !== undefined) {
      const read = expectOk(
        await bottle.calls.call('mailbox', 'read', { ...where, uid: found.uid }, { trace: TRACE }),
        'read',
      )
      const chunks: Uint8Array[] = []
      for await (const chunk of read.octets) chunks.push(chunk)
      return Buffer.concat(chunks).toString('latin1')
    }
    await sleep(25)
  }
  throw new Error(`Cannot find "${subject}"`)
}

function assertTravelled(stored: string, protocol: string): void {
  assert.match(stored, /^Return-Path: <alice@clients\.example>\r\n/)
  assert.equal(stored.match(/^DKIM-Signature:/gm)?.length, 2)
  assert.match(
    stored.replace(/\r\n[ \t]+/g, ' '),
    new RegExp(`^Received: by mx\\.clients\\.example with ${protocol} `, 'm'),
  )
}

test('swaks: PLAIN, TLS from the first octet', async (t) => {
  if (!existsSync('/usr/bin/swaks')) return t.skip('swaks is not installed (tools/peers installs it)')
  const { address, port } = bottle.configuration.listen.submissions
  const { stdout } = await run('swaks', [
    '--server',
    `${address}:${port}`,
    '--tls-on-connect',
    '--auth',
    'PLAIN',
    '--auth-user',
    bottle.account,
    '--auth-password',
    bottle.password,
    '--from',
    bottle.account,
    '--to',
    bottle.account,
    '--header',
    'Subject: swaks',
  ])
  assert.match(stdout, /~?<~ +250 2\.6\.0 Message queued as/)
  assertTravelled(await readBack('swaks'), 'ESMTPSA')
})

test('swaks: PLAIN after STARTTLS; a wrong password gets a clear word', async (t) => {
  if (!existsSync('/usr/bin/swaks')) return t.skip('swaks is not installed (tools/peers installs it)')
  const { address, port } = bottle.configuration.listen.submission
  const login = ['--server', `${address}:${port}`, '--tls', '--auth', 'PLAIN', '--auth-user', bottle.account]
  const message = ['--from', bottle.account, '--to', bottle.account, '--header', 'Subject: swaks starttls']
  await run('swaks', [...login, '--auth-password', bottle.password, ...message])
  assertTravelled(await readBack('swaks starttls'), 'ESMTPSA')
  await assert.rejects(
    run('swaks', [...login, '--auth-password', 'wrong', ...message]),
    (error: { stdout?: string }) => {
      assert.match(error.stdout ?? '', /535 5\.7\.8/)
      return true
    },
  )
})

for (const [mechanism, tls] of [
  ['scram-sha-256', 'off'],
  ['scram-sha-256', 'on'],
  ['plain', 'off'],
] as const) {
  test(`msmtp: ${mechanism}, STARTTLS ${tls}`, async (t) => {
    if (!existsSync('/usr/bin/msmtp')) return t.skip('msmtp is not installed (tools/peers installs it)')
    const { address, port } = bottle.configuration.listen[tls === 'on' ? 'submission' : 'submissions']
    const subject = `msmtp ${mechanism} ${tls}`
    const message = `From: <${bottle.account}>\r\nTo: <${bottle.account}>\r\nSubject: ${subject}\r\n\r\n.dot\r\nbody\r\n`
    const configuration = path.join(scratch, 'msmtprc')
    const settings = [
      `host ${address}`,
      `port ${port}`,
      `auth ${mechanism}`,
      `user ${bottle.account}`,
      `password ${bottle.password}`,
    ]
    const more = [
      'tls on',
      'tls_certcheck off',
      `tls_starttls ${tls}`,
      `from ${bottle.account}`,
      'domain client.example',
    ]
    writeFileSync(configuration, `account default\n${[...settings, ...more].join('\n')}\n`, { mode: 0o600 })
    const sending = run('msmtp', ['-C', configuration, bottle.account])
    sending.child.stdin?.end(message)
    await sending
    const stored = await readBack(subject)
    assertTravelled(stored, 'ESMTPSA')
    assert.ok(stored.endsWith('\r\n\r\n.dot\r\nbody\r\n'), JSON.stringify(stored.slice(-60)))
  })
}

test('nodemailer: attachments and UTF-8', async () => {
  const { address, port } = bottle.configuration.listen.submissions
  const transport = nodemailer.createTransport({
    host: address,
    port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: bottle.account, pass: bottle.password },
  })
  const sent = await transport.sendMail({
    from: `"Älice" <${bottle.account}>`,
    to: bottle.account,
    subject: 'nodemailer',
    text: 'Grüße\n.\n..\n',
    attachments: [{ filename: 'a.bin', content: Buffer.alloc(100_000, 7) }],
  })
  assert.match(sent.response, /^250 2\.6\.0/)
  transport.close()
  assertTravelled(await readBack('nodemailer'), 'ESMTPSA')
})
