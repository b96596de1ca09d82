// The ways around SPF, DKIM and DMARC that espoofer (Chen, Paxson, Jiang: "Composition Kills", USENIX Security 2020) tries
// on servers and on submission: each is refused, by SMTP or by the verifier, and nothing of it reaches the inbox.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inbox } from '../harness/inbox.ts'
import { openDialogue, plainLogin } from '../harness/smtp-dialogue.ts'

type Case = {
  readonly name: string
  /** With its brackets. */
  readonly mailFrom?: string
  /** The author's lines, each with its line end. */
  readonly from: string
  /** Put above the others. */
  readonly signature?: string
  readonly sender?: string
  readonly refusal: RegExp
}

const FORGED = 'From: <admin@legitimate.test>\r\n'
const DMARC = /^550 5\.7\.26 DMARC of legitimate\.test asks to reject/
const SYNTAX = /^5(?:01|03|50|53|55)/
const AUTHOR = /^550 5\.7\.1 Cannot tell who wrote this/

/** A signature that only a reader who stops at an odd octet takes for one of legitimate.test. */
const signatureOf = (domain: string, selector: string): string =>
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=${selector}; h=from:to:subject; bh=${'A'.repeat(43)}=; b=AAAA\r\n`

const SERVER: readonly Case[] = [
  {
    name: 'A1 a subdomain that does not exist in MAIL FROM',
    mailFrom: '<any@mailfrom.notexist.legitimate.test>',
    from: FORGED,
    refusal: DMARC,
  },
  { name: 'A2 an open parenthesis in MAIL FROM', mailFrom: '<(any@legitimate.test>', from: FORGED, refusal: SYNTAX },
  {
    name: 'A3 NUL in the selector',
    from: FORGED,
    signature: signatureOf('legitimate.test', 'selector._domainkey.attack.test.\0.any'),
    refusal: /^5\d\d /,
  },
  {
    name: 'A4 a quote in d=',
    from: FORGED,
    signature: signatureOf("legitimate.test'a.attack.test", 'selector'),
    refusal: DMARC,
  },
  {
    name: 'A5 a parenthesis in the domain of MAIL FROM',
    mailFrom: '<any@legitimate.test(a.attack.test>',
    from: FORGED,
    refusal: SYNTAX,
  },
  {
    name: 'A6 a quote and two at signs in MAIL FROM',
    mailFrom: "<any@legitimate.test'@any.attack.test>",
    from: FORGED,
    refusal: SYNTAX,
  },
  {
    name: 'A7 a route in MAIL FROM',
    mailFrom: "<@legitimate.test,@any.test:'any@attack.test>",
    from: FORGED,
    refusal: DMARC,
  },
  { name: 'A8 two From fields', from: `From: <first@attack.test>\r\n${FORGED}`, refusal: AUTHOR },
  {
    name: 'A9 From after a space, and another',
    from: ` From: <first@attack.test>\r\n${FORGED}`,
    refusal: /^550 5\.(?:6\.0|7\.26)/,
  },
  {
    name: 'A10 From before a space, and another',
    from: `From: <first@attack.test>\r\nFrom : <admin@legitimate.test>\r\n`,
    refusal: AUTHOR,
  },
  {
    name: 'A11 From folded before its colon, and another',
    from: `From\r\n : <first@attack.test>\r\n${FORGED}`,
    refusal: /^550 5\.(?:6\.0|7\.1|7\.26)/,
  },
  {
    name: 'A12 From folded before its colon, and Sender',
    from: 'From\r\n : <first@attack.test>\r\nn',
    sender: 'Sender: <admin@legitimate.test>\r\n',
    refusal: /^550 5\.(?:6\.0|7\.1)/,
  },
  {
    name: 'A13 From folded before its colon, and Resent-From',
    from: 'From\r\n : <first@attack.test>\r\nn',
    sender: 'Resent-From: <admin@legitimate.test>\r\n',
    refusal: /^550 5\.(?:6\.0|7\.1)/,
  },
  { name: 'A14 two addresses', from: 'From: <first@attack.test>, <admin@legitimate.test>\r\n', refusal: AUTHOR },
  {
    name: 'A15 an encoded address',
    from: `From: =?utf-8?B?${Buffer.from('<admin@legitimate.test>').toString('base64')}?=,<second@attack.test>\r\n`,
    refusal: AUTHOR,
  },
  { name: 'A16 a route in From', from: 'From: <@attack.test,@any.test:admin@legitimate.test>\r\n', refusal: AUTHOR },
  {
    name: 'A17 a quoted pair between addresses',
    from: 'From: <admin@legitimate.test>\\,<second@attack.test>\r\n',
    refusal: AUTHOR,
  },
  {
    name: 'A18 an address without brackets before one with',
    from: 'From: admin@legitimate.test,<second@attack.test>\r\n',
    refusal: AUTHOR,
  },
  {
    name: 'A19 an address behind an address',
    from: 'From: <any@attack.test>admin@legitimate.test\r\n',
    refusal: AUTHOR,
  },
]

const CLIENT: readonly Case[] = [
  {
    name: 'client A1 two From fields',
    from: 'From: <alice@spoof.test>\r\nFrom: <admin@spoof.test>\r\n',
    refusal: /^5\d\d /,
  },
  { name: 'client A2 two addresses', from: 'From: <alice@spoof.test>, <admin@spoof.test>\r\n', refusal: /^5\d\d / },
  { name: 'client A3 the address of another', from: 'From: <admin@spoof.test>\r\n', refusal: /^5\d\d / },
]

test('espoofer', { timeout: 180_000 }, async (t) => {
  const bottle = await startTestBottle({
    domain: 'spoof.test',
    name: 'alice',
    zones: {
      'legitimate.test': '@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n',
      'attack.test': '@ TXT "v=spf1 ip4:127.0.0.0/8 -all"\n33 TXT "v=spf1 ip4:127.0.0.0/8 -all"\n',
    },
  })
  t.after(async () => {
    await bottle.stop()
    rmSync(bottle.home.directory, { recursive: true, force: true })
  })
  await t.test('what is honest is taken', async () => {
    assert.match(await send(bottle, { name: 'honest', from: 'From: <any@attack.test>\r\n', refusal: /^$/ }), /^250/)
    assert.equal((await inbox(bottle)).length, 1)
  })
  for (const one of SERVER)
    await t.test(one.name, async () => {
      assert.match(await send(bottle, one), one.refusal)
    })
  for (const one of CLIENT)
    await t.test(one.name, async () => {
      assert.match(await submit(bottle, one), one.refusal)
    })
  assert.equal((await inbox(bottle)).length, 1, 'nothing else has arrived')
})

function messageOf({ name, from, signature = '', sender = '' }: Case): string {
  return (
    `${signature}${from}To: <alice@spoof.test>\r\nSubject: ${name}\r\n${sender}` +
    'Date: Fri, 27 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@attack.test>\r\n\r\nHi.\r\n'
  )
}

/** The first refusal, or the reply to the message. */
async function send(bottle: TestBottle, one: Case): Promise<string> {
  const client = await openDialogue({
    host: bottle.configuration.listen.smtp.address,
    port: bottle.configuration.listen.smtp.port,
  })
  await client.reply()
  await client.command('EHLO attack.test')
  const said = await transaction(client, one.mailFrom ?? '<any@attack.test>', one)
  client.close()
  return said
}

async function submit(bottle: TestBottle, one: Case): Promise<string> {
  const { submissions } = bottle.configuration.listen
  const client = await openDialogue({ host: submissions.address, port: submissions.port, tls: true })
  await client.reply()
  await client.command('EHLO client.test')
  assert.match(await client.command(plainLogin(bottle.account, bottle.password)), /^235/)
  const said = await transaction(client, `<${bottle.account}>`, one)
  client.close()
  return said
}

async function transaction(
  client: Awaited<ReturnType<typeof openDialogue>>,
  mailFrom: string,
  one: Case,
): Promise<string> {
  const from = await client.command(`MAIL FROM:${mailFrom}`)
  if (!from.startsWith('250')) return from
  assert.match(await client.command('RCPT TO:<alice@spoof.test>'), /^250/)
  assert.match(await client.command('DATA'), /^354/)
  client.write(Buffer.from(`${messageOf(one)}.\r\n`, 'latin1'))
  return (await client.reply()) ?? 'closed'
}
