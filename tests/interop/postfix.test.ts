// A stock Postfix on the other side: we deliver to it, it delivers to us, each refuses what it does not know, and what
// cannot be delivered waits. Our signatures are verified there by two programs that share no code with ours.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { issueServerCertificate } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { letterFrom } from '../harness/inbox.ts'
import { type Postfix, postfixAbsent, startPostfix } from '../harness/postfix.ts'
import { enter, submit, transact } from '../harness/submit.ts'
import { openDialogue, stuffed } from '../harness/smtp-dialogue.ts'

const OURS = { domain: 'ours.example', address: '127.0.41.1' }
const THEIRS = { domain: 'postfix.example', address: '127.0.41.2', user: 'bob@postfix.example' }
const TRACE = '0000000000000000'
const absent = postfixAbsent()
const run = promisify(execFile)

let bottle: TestBottle
let postfix: Postfix
let directory: string
let start: () => Promise<Postfix>

before(async () => {
  if (absent !== undefined) return
  bottle = await startTestBottle({ ...OURS, name: 'alice' })
  const { port } = bottle.configuration.listen.smtp
  directory = mkdtempSync(path.join(tmpdir(), 'scop-postfix-'))
  chmodSync(directory, 0o755)
  const tls = await issueServerCertificate([`mx.${THEIRS.domain}`], { nowMs: Date.now() })
  const files = { certificate: path.join(directory, 'certificate.pem'), key: path.join(directory, 'key.pem') }
  writeFileSync(files.certificate, tls.certificatePem)
  writeFileSync(files.key, tls.keyPem, { mode: 0o600 })
  mkdirSync(path.join(directory, 'config'))
  const known = path.join(directory, 'config', 'known')
  writeFileSync(known, `${THEIRS.user} ${THEIRS.domain}/\n`)
  start = () =>
    startPostfix({
      directory,
      address: THEIRS.address,
      port,
      hostname: `mx.${THEIRS.domain}`,
      domains: [THEIRS.domain],
      tls: files,
      transport: { [OURS.domain]: `${OURS.address}:${port}` },
      main: {
        virtual_mailbox_maps: `texthash:${known}`,
        smtpd_tls_received_header: 'yes',
        smtp_bind_address: THEIRS.address,
      },
    })
  postfix = await start()
  // Postfix takes the same port at an address of its own, so one `relay.port` serves both.
  const text =
    `$ORIGIN ${THEIRS.domain}.\n$TTL 300\n@ SOA mx hostmaster 1 3600 600 86400 300\n` +
    `@ NS mx\n@ MX 10 mx\nmx A ${THEIRS.address}\n`
  expectOk(
    await bottle.calls.call(
      'dns-primary',
      'add-zone',
      { zone: THEIRS.domain, text, author: 'test', reason: 'where Postfix is' },
      { trace: TRACE },
    ),
    'add the zone of Postfix',
  )
  expectOk(await bottle.calls.call('dns-resolver', 'reload-zones', {}, { trace: TRACE }), 'tell the resolver')
})
after(async () => {
  if (absent !== undefined) return
  await postfix?.stop()
  await bottle?.stop()
  rmSync(directory, { recursive: true, force: true })
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

/** The message with `subject` in the Maildir of Postfix's user; its lines end as Postfix stores them, in LF. */
async function atPostfix(subject: string, seconds = 20): Promise<Buffer> {
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(50)) {
    const found = postfix
      .messages(THEIRS.user)
      .map((octets) => Buffer.from(octets))
      .find((octets) => octets.toString('latin1').includes(`\nSubject: ${subject}\n`))
    if (found !== undefined) return found
  }
  throw new Error(`Cannot find "${subject}" in the Maildir of Postfix:\n${postfix.log()}`)
}

const queue = async () =>
  expectOk(await bottle.calls.call('relay', 'queue-list', { limit: 100 }, { trace: TRACE }), 'list the queue').response

async function queueGone(): Promise<void> {
  for (let tries = 0; (await queue()).total > 0; tries++) {
    assert.ok(tries < 200, JSON.stringify(await queue()))
    await sleep(50)
  }
}

/** As `dig` reads them from our name server. */
async function keyRecords(message: string): Promise<Record<string, string>> {
  const { address, port } = bottle.configuration.listen.dns
  const records: Record<string, string> = {}
  for (const field of message.replace(/\r?\n[ \t]+/g, ' ').matchAll(/^DKIM-Signature: (.*)$/gm)) {
    const tag = (name: string): string => new RegExp(`(?:^|;)\\s*${name}=([^;\\s]+)`).exec(field[1] ?? '')?.[1] ?? ''
    const name = `${tag('s')}._domainkey.${tag('d')}`
    const { stdout } = await run('dig', [`@${address}`, '-p', String(port), '+short', '+tries=1', 'TXT', name])
    records[`${name}.`] = [...stdout.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join('')
  }
  return records
}

const DKIMPY = `
import sys, json, base64, dkim
job = json.load(sys.stdin)
dns = {name.encode(): text.encode() for name, text in job['dns'].items()}
d = dkim.DKIM(base64.b64decode(job['message']))
def verify(i):
    try:
        return bool(d.verify(idx=i, dnsfunc=lambda name, timeout=5: dns[name]))
    except dkim.ValidationError:
        return False
print(json.dumps([verify(i) for i in range(job['signatures'])]))
`

test('our user to theirs: by the MX in our zone, over STARTTLS, both signatures good there', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  const body = 'Hello Postfix.\r\n.\r\n..two dots\r\n \r\ntrailing space \r\n\r\n'
  assert.match(await submit(bottle, THEIRS.user, 'to postfix', body), /^250 2\.6\.0/)
  const stored = await atPostfix('to postfix')
  const text = stored.toString('latin1')
  const unfolded = text.replace(/\n[ \t]+/g, ' ')
  assert.match(
    unfolded,
    /^Received: from mx\.ours\.example .*\(using TLSv1\.3 .*by mx\.postfix\.example .*with ESMTPS/m,
  )
  assert.match(postfix.log(), /status=sent \(delivered to maildir\)/)
  assert.ok(text.endsWith('\n\nHello Postfix.\n.\n..two dots\n \ntrailing space \n\n'), JSON.stringify(text.slice(-80)))
  await queueGone()

  // Postfix stores LF and puts its own fields on top; what it received had CRLF.
  const message = Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
  assert.equal(text.match(/^DKIM-Signature:/gm)?.length, 2)
  await t.test('python3-dkim', (sub) => verifyWithDkimpy(sub, message))
  await t.test('opendkim', (sub) => verifyWithOpendkim(sub, message))
})

async function verifyWithDkimpy(t: TestContext, message: Buffer): Promise<void> {
  const python = '/usr/bin/python3'
  const there = await run(python, ['-c', 'import dkim, nacl']).then(
    () => true,
    () => false,
  )
  if (!there || !existsSync('/usr/bin/dig'))
    return t.skip('python3-dkim, python3-nacl or dig is not installed (tools/peers)')
  const dns = await keyRecords(message.toString('latin1'))
  assert.equal(Object.keys(dns).length, 2)
  const verify = async (octets: Buffer): Promise<unknown> => {
    const job = execFile(python, ['-c', DKIMPY])
    job.stdin?.end(JSON.stringify({ dns, message: octets.toString('base64'), signatures: 2 }))
    let said = ''
    let complaint = ''
    job.stdout?.on('data', (chunk: string) => (said += chunk))
    job.stderr?.on('data', (chunk: string) => (complaint += chunk))
    await new Promise((resolve) => job.once('close', resolve))
    assert.notEqual(said, '', complaint)
    return JSON.parse(said)
  }
  assert.deepEqual(await verify(message), [true, true])
  const changed = Buffer.from(message.toString('latin1').replace('Hello Postfix', 'Hello Pastfix'), 'latin1')
  assert.deepEqual(await verify(changed), [false, false])
}

/** opendkim asks our name server itself, through its own resolver. */
async function verifyWithOpendkim(t: TestContext, message: Buffer): Promise<void> {
  if (!existsSync('/usr/sbin/opendkim')) return t.skip('opendkim is not installed (tools/peers installs it)')
  const { stdout: version } = await run('/usr/sbin/opendkim', ['-V'])
  if (!version.includes('USE_UNBOUND')) return t.skip('this opendkim has no resolver that could be sent to our port')
  const { address, port } = bottle.configuration.listen.dns
  const file = (name: string, text: string | Buffer): string => {
    const full = path.join(directory, name)
    writeFileSync(full, text)
    return full
  }
  const unbound = file(
    'unbound.conf',
    `server:\n  do-not-query-localhost: no\n  module-config: "iterator"\nforward-zone:\n  name: "${OURS.domain}"\n  forward-addr: ${address}@${port}\n`,
  )
  const settings = file('opendkim.conf', `Mode v\nResolverConfiguration ${unbound}\nMultipleSignatures yes\n`)
  const verify = async (octets: Buffer): Promise<string> => {
    const { stdout, stderr } = await run('/usr/sbin/opendkim', [
      '-x',
      settings,
      '-v',
      '-v',
      '-t',
      file('opendkim.eml', octets),
    ])
    return stdout + stderr
  }
  const said = await verify(message)
  t.diagnostic(said.replaceAll('\n', ' | '))
  assert.equal(said.match(/dkim=pass/g)?.length, version.includes('ed25519-sha256') ? 2 : 1, said)
  assert.doesNotMatch(
    await verify(Buffer.from(message.toString('latin1').replace('Hello Postfix', 'Hello Pastfix'), 'latin1')),
    /dkim=pass/,
  )
}

test('theirs to ours: STARTTLS taken, verified, in the mailbox', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  assert.match(await throughPostfix(OURS_ALICE, 'from postfix'), /^250/)
  const stored = await letterFrom(bottle, 'from postfix')
  const unfolded = stored.replace(/\r\n[ \t]+/g, ' ')
  assert.match(
    unfolded,
    /^Return-Path: <bob@postfix\.example>\r\nAuthentication-Results: mx\.ours\.example; spf=none .*; dkim=none/,
  )
  assert.match(
    unfolded,
    /^Received: from mx\.postfix\.example \(\[127\.0\.41\.2\]\) .*by mx\.ours\.example .*with ESMTPS /m,
  )
  assert.ok(stored.endsWith('\r\n\r\nHello.\r\n.dot\r\n'), JSON.stringify(stored.slice(-60)))
})

test('a recipient whom Postfix does not know: our user is told', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  assert.match(await submit(bottle, `nobody@${THEIRS.domain}`, 'to nobody'), /^250/)
  const report = await letterFrom(bottle, /could not be delivered/)
  assert.match(report, /^Return-Path: <>\r\n/)
  assert.match(report, /^Content-Type: multipart\/report; report-type=delivery-status;/m)
  assert.match(report, /^Reporting-MTA: dns; ?mx\.ours\.example\r$/m)
  assert.match(report, /^Final-Recipient: rfc822; ?nobody@postfix\.example\r$/m)
  assert.match(report, /^Action: failed\r$/m)
  assert.match(report, /^Status: 5\.1\.1\r$/m)
  assert.match(report.replace(/\r\n[ \t]+/g, ' '), /^Diagnostic-Code: smtp; ?550 5\.1\.1 .*User unknown/m)
  assert.match(report, /^Subject: to nobody\r$/m) // the header of the message that is meant
  await queueGone()
})

test('a recipient whom we do not know: Postfix gets a 550 and tells its user', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  assert.match(await throughPostfix(`nobody@${OURS.domain}`, 'from postfix to nobody'), /^250/)
  const bounce = (await atPostfix('Undelivered Mail Returned to Sender')).toString('latin1')
  assert.match(bounce.replace(/\n[ \t]+/g, ' '), /^Diagnostic-Code: smtp; 550 5\.1\.1 No such user here/m)
  assert.match(bounce, /^Status: 5\.1\.1$/m)
})

test('Postfix is down: the message waits and is shown; Postfix is back: a retry delivers it', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  await postfix.stop()
  assert.match(await submit(bottle, THEIRS.user, 'while you were out'), /^250/)
  for (let tries = 0; (await queue()).entries[0]?.recipients[0]?.attempts !== 1; tries++) {
    assert.ok(tries < 200, JSON.stringify(await queue()))
    await sleep(50)
  }
  const { total, entries } = await queue()
  const [recipient] = entries[0]?.recipients ?? []
  assert.equal(total, 1)
  assert.equal(entries[0]?.sender, bottle.account)
  assert.equal(recipient?.mailbox, THEIRS.user)
  assert.equal(recipient?.state, 'waiting')
  assert.match(recipient?.lastReply ?? '', /^4\.4\.1 .*127\.0\.41\.2/)
  assert.ok((recipient?.nextAttemptAtMs ?? 0) > Date.now())
  postfix = await start()
  assert.equal(
    expectOk(await bottle.calls.call('relay', 'queue-retry', {}, { trace: TRACE }), 'retry').response.entries,
    1,
  )
  await atPostfix('while you were out')
  await queueGone()
})

test('many messages to one host share connections, and each arrives once', async (t) => {
  if (absent !== undefined) return t.skip(absent)
  const many = 40
  const client = await enter(bottle, 'submissions')
  for (let i = 0; i < many; i++) {
    const header = `From: <${bottle.account}>\r\nTo: <${THEIRS.user}>\r\nSubject: burst ${i}\r\n`
    assert.match(await transact(client, bottle.account, THEIRS.user, `${header}\r\nx\r\n`), /^250/)
  }
  client.close()
  for (let i = 0; i < many; i++) await atPostfix(`burst ${i}`)
  const all = postfix.messages(THEIRS.user).map((octets) => Buffer.from(octets).toString('latin1'))
  assert.equal(all.filter((text) => text.includes('\nSubject: burst ')).length, many)
  const connections = readFileSync(path.join(directory, 'postfix.log'), 'utf8').match(/smtpd\[\d+\]: connect from/g)
  t.diagnostic(`${connections?.length ?? 0} connections to Postfix in all`)
})

/** A message of Postfix's user, handed to Postfix. */
async function throughPostfix(recipient: string, subject: string): Promise<string> {
  const client = await openDialogue({ host: THEIRS.address, port: postfix.port })
  await client.reply()
  await client.command('EHLO client.postfix.example')
  assert.match(await client.command(`MAIL FROM:<${THEIRS.user}>`), /^250/)
  assert.match(await client.command(`RCPT TO:<${recipient}>`), /^250/)
  assert.match(await client.command('DATA'), /^354/)
  const header = `From: <${THEIRS.user}>\r\nTo: <${recipient}>\r\nSubject: ${subject}\r\n`
  client.write(stuffed(Buffer.from(`${header}\r\nHello.\r\n.dot\r\n`)))
  const said = await client.command('.')
  client.close()
  return said
}

const OURS_ALICE = `alice@${OURS.domain}`
