// Every .eml of the vectors through the whole bottle: what SMTP may carry comes out octet for octet, what it may not
// carry is refused with the reason. Once as mail from a stranger (receiver, verifier, mailbox), once as a submission
// of one of our users (submission, signer, relay, mailbox).

import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatMailbox, formatMailDomain } from '@scop/identifiers'
import { fieldsNamed, mailboxesOf, parseAddressList, parseHeaderSection } from '@scop/mime'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { type Dialogue, openDialogue, plainLogin, stuffed } from '../harness/smtp-dialogue.ts'
import { vectorFiles } from '../harness/vectors.ts'

const FILES = [...(vectorFiles('mail/messages', '.eml') ?? []), ...(vectorFiles('mail/mime', '.eml') ?? [])]
const TRACE = '0000000000000000'
const BECAUSE = { author: 'test', reason: 'so that the author of a vector is ours' }

/** Why SMTP cannot carry these octets; written from RFC 5321 §2.3.8, §4.5.3.1.6, and from nothing of ours. */
function fault(message: Buffer): RegExp | undefined {
  const text = message.toString('latin1')
  if (/(?<!\r)\n/.test(text)) return /^5\d\d .*(?:bare|LF|line)/i
  if (/\r(?!\n)/.test(text)) return /^5\d\d .*(?:bare|CR|line)/i
  if (text.includes('\0')) return /^5\d\d .*NUL/i
  if (text.split('\r\n').some((line) => line.length > 998)) return /^5\d\d .*(?:long|line)/i
  return undefined
}

/** The file as it is, and, where all that is wrong with it are Unix line ends, as a mail client would send it. */
function forms(file: string): { readonly name: string; readonly octets: Buffer }[] {
  const octets = readFileSync(file)
  const name = path.basename(file)
  const text = octets.toString('latin1')
  const unix = !text.includes('\r') && text.includes('\n')
  return unix
    ? [
        { name, octets },
        { name: `${name} with CRLF`, octets: Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1') },
      ]
    : [{ name, octets }]
}

/** The last label of every author's domain. */
function topLevels(messages: readonly Buffer[]): readonly string[] {
  const found = new Set<string>()
  for (const message of messages) {
    const parsed = parseHeaderSection(message)
    if (!parsed.ok) continue
    for (const { text } of fieldsNamed(parsed.value.header, 'From')) {
      const list = parseAddressList(text)
      for (const { mailbox } of list.ok ? mailboxesOf(list.value) : [])
        if (typeof mailbox.domain === 'string') found.add(mailbox.domain.split('.').at(-1) ?? '')
      for (const [, label = ''] of text.matchAll(/@(?:[a-z0-9_-]+\.)*([a-z][a-z0-9-]*)/gi))
        found.add(label.toLowerCase())
    }
  }
  for (const known of ['example', 'invalid', 'test']) found.delete(known) // the harness has them
  return [...found]
}

test('real messages through the whole bottle', { timeout: 900_000 }, async (t) => {
  if (FILES.length === 0) return t.skip('vectors absent: set SCOP_VECTORS')
  const all = FILES.flatMap(forms)
  const bottle = await startTestBottle({
    domain: 'real.example',
    name: 'alice',
    // Their authors are no concern of this test: none of their domains exists, and any From is taken.
    zones: Object.fromEntries(topLevels(all.map(({ octets }) => octets)).map((zone) => [zone, ''])),
    settings: [[['verifier', 'author'], 'accept']],
  })
  t.after(async () => {
    await bottle.stop()
    rmSync(bottle.home.directory, { recursive: true, force: true })
  })
  await t.test('from a stranger', (sub) => throughReceiver(sub, bottle, all))
  await t.test('as a submission', (sub) => throughSubmission(sub, bottle, all))
})

async function throughReceiver(t: TestContext, bottle: TestBottle, all: ReturnType<typeof forms>): Promise<void> {
  const counts = { carried: 0, refused: 0 }
  let client = await greet(bottle, 'smtp')
  for (const { name, octets } of all) {
    const reason = fault(octets)
    const said = await send(client, 'stranger@elsewhere.example', bottle.account, octets)
    if (reason === undefined && said.startsWith('250')) {
      counts.carried++
      assertCarried(await newest(bottle), terminated(octets), name)
    } else {
      counts.refused++
      // Besides what SMTP cannot carry: a header that nobody could read the same way twice, and an author whose domain this
      // test's DNS knows nothing of.
      assert.match(said, reason ?? /^(?:5\d\d .*(?:header|circles)|451 4\.7\.26 )/i, name)
    }
    if (said.startsWith('250')) continue
    client.close() // a session that has seen such content may have ended
    client = await greet(bottle, 'smtp')
  }
  client.close()
  t.diagnostic(`${counts.carried} carried octet for octet, ${counts.refused} refused with their reason`)
  assert.ok(counts.carried > all.length / 3)
}

async function throughSubmission(t: TestContext, bottle: TestBottle, all: ReturnType<typeof forms>): Promise<void> {
  const counts = { carried: 0, refused: 0 }
  const domains = new Set<string>()
  const aliases = new Set<string>()
  let client = await greet(bottle, 'submissions')
  for (const { name, octets } of all) {
    await ownAuthors(bottle, octets, domains, aliases)
    const reason = fault(octets)
    const said = await send(client, bottle.account, bottle.account, octets)
    if (reason === undefined && said.startsWith('250')) {
      counts.carried++
      assertCarried(await newest(bottle), terminated(octets), name)
    } else {
      counts.refused++
      assert.match(said, reason ?? /^5\d\d .*(?:From|header|fields|circles|Sender)/i, name)
    }
    if (said.startsWith('250')) continue
    client.close() // a session that has seen such content may have ended
    client = await greet(bottle, 'submissions')
  }
  client.close()
  t.diagnostic(`${counts.carried} carried octet for octet, ${counts.refused} refused with their reason`)
  assert.ok(counts.carried > all.length / 4)
}

/** SMTP's lines end; a file's last one may not. */
const terminated = (octets: Buffer): Buffer =>
  octets.subarray(-2).toString('latin1') === '\r\n' ? octets : Buffer.concat([octets, Buffer.from('\r\n')])

function assertCarried(stored: Buffer, sent: Buffer, name: string): void {
  const above = stored.subarray(0, stored.length - sent.length)
  assert.ok(stored.subarray(above.length).equals(sent), `${name}: the octets below the trace fields differ`)
  for (const line of above.toString('latin1').split('\r\n').slice(0, -1)) {
    assert.match(
      line,
      /^(?:[ \t]|(?:Return-Path|Authentication-Results|Received-SPF|Received|DKIM-Signature|Date|Message-ID):)/,
      name,
    )
  }
}

async function greet(bottle: TestBottle, listener: 'smtp' | 'submissions'): Promise<Dialogue> {
  const { address, port } = bottle.configuration.listen[listener]
  const client = await openDialogue({ host: address, port, tls: listener === 'submissions' })
  assert.match((await client.reply()) ?? '', /^220/)
  assert.match(await client.command('EHLO client.example'), /^250/)
  if (listener === 'submissions')
    assert.match(await client.command(plainLogin(bottle.account, bottle.password)), /^235/)
  return client
}

async function send(client: Dialogue, sender: string, recipient: string, octets: Buffer): Promise<string> {
  const body = octets.some((octet) => octet > 127) ? ' BODY=8BITMIME' : ''
  assert.match(await client.command(`MAIL FROM:<${sender}>${body}`), /^250/)
  assert.match(await client.command(`RCPT TO:<${recipient}>`), /^250/)
  assert.match(await client.command('DATA'), /^354/)
  client.write(stuffed(terminated(octets)))
  return client.command('.')
}

async function newest(bottle: TestBottle): Promise<Buffer> {
  const where = { account: bottle.account, mailbox: 'INBOX' }
  for (let tries = 0; tries < 400; tries++) {
    const list = expectOk(await bottle.calls.call('mailbox', 'list', { ...where, limit: 1 }, { trace: TRACE }), 'list')
    const [message] = list.response.messages
    if (message === undefined) {
      await sleep(10) // the relay delivers after it has answered
      continue
    }
    const read = expectOk(
      await bottle.calls.call('mailbox', 'read', { ...where, uid: message.uid }, { trace: TRACE }),
      'read',
    )
    const chunks: Uint8Array[] = []
    for await (const chunk of read.octets) chunks.push(chunk)
    expectOk(await bottle.calls.call('mailbox', 'delete', { ...where, uid: message.uid }, { trace: TRACE }), 'delete')
    return Buffer.concat(chunks)
  }
  throw new Error('Cannot find the message: nothing came within four seconds')
}

/** Makes the mailboxes in From and Sender aliases of alice, where they can be read at all. */
async function ownAuthors(
  bottle: TestBottle,
  octets: Buffer,
  domains: Set<string>,
  aliases: Set<string>,
): Promise<void> {
  const parsed = parseHeaderSection(octets)
  if (!parsed.ok) return
  for (const field of ['From', 'Sender'].flatMap((name) => fieldsNamed(parsed.value.header, name))) {
    const addresses = parseAddressList(field.text)
    if (!addresses.ok) continue
    for (const { mailbox } of mailboxesOf(addresses.value)) {
      const alias = formatMailbox(mailbox)
      const domain = formatMailDomain(mailbox.domain)
      if (aliases.has(alias)) continue
      aliases.add(alias)
      if (!domains.has(domain)) {
        domains.add(domain)
        await bottle.calls.call('directory', 'add-domain', { domain, ...BECAUSE }, { trace: TRACE })
      }
      await bottle.calls.call(
        'directory',
        'add-alias',
        { alias, targets: [bottle.account], ...BECAUSE },
        { trace: TRACE },
      )
    }
  }
}
