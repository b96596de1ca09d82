// What is refused, and in which words: the mistakes that people and programs make first.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { type Dialogue, openDialogue, plainLogin } from '../harness/smtp-dialogue.ts'

let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({ domain: 'refuse.example', name: 'alice' })
})
after(async () => {
  await bottle.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

async function open(listener: 'submissions' | 'submission' | 'smtp'): Promise<Dialogue> {
  const { address, port } = bottle.configuration.listen[listener]
  const client = await openDialogue({ host: address, port, tls: listener === 'submissions' })
  assert.match((await client.reply()) ?? '', /^220/)
  assert.match(await client.command('EHLO client.example'), /^250/)
  return client
}

async function loggedIn(): Promise<Dialogue> {
  const client = await open('submissions')
  assert.match(await client.command(plainLogin(bottle.account, bottle.password)), /^235 2\.7\.0/)
  return client
}

test('a wrong password', async () => {
  const client = await open('submissions')
  assert.match(await client.command(plainLogin(bottle.account, 'wrong')), /^535 5\.7\.8/)
  assert.match(await client.command(plainLogin('nobody@refuse.example', bottle.password)), /^535 5\.7\.8/)
  assert.match(await client.command('MAIL FROM:<alice@refuse.example>'), /^530 5\.7\.0/)
  client.close()
})

test('too many wrong passwords end the session', async () => {
  const client = await open('submissions')
  const replies: string[] = []
  for (let i = 0; i < 4 && replies.at(-1) !== 'closed'; i++)
    replies.push(await client.command(plainLogin(bottle.account, `wrong ${i}`)))
  assert.ok(
    replies.some((reply) => reply.startsWith('421') || reply === 'closed'),
    replies.join(' | '),
  )
  client.close()
})

test('AUTH in clear: not offered, and refused', async () => {
  const { address, port } = bottle.configuration.listen.submission
  const client = await openDialogue({ host: address, port })
  await client.reply()
  const hello = await client.command('EHLO client.example')
  assert.match(hello, /STARTTLS/)
  assert.doesNotMatch(hello, /AUTH/)
  assert.match(await client.command(plainLogin(bottle.account, bottle.password)), /^5(?:38|30|03|04) /)
  assert.match(await client.command('MAIL FROM:<alice@refuse.example>'), /^530/)
  client.close()
})

test('after STARTTLS, AUTH is offered with SCRAM first', async () => {
  const clear = await open('submission')
  assert.match(await clear.command('STARTTLS'), /^220/)
  const client = await clear.startTls()
  assert.match(await client.command('EHLO client.example'), /AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN/)
  assert.match(await client.command(plainLogin(bottle.account, bottle.password)), /^235/)
  client.close()
})

test('commands that come in clear behind STARTTLS are not heard', async () => {
  const client = await open('submission')
  client.write('STARTTLS\r\nNOOP\r\n')
  const first = await client.reply()
  const second = first?.startsWith('220')
    ? await Promise.race([client.reply(), new Promise((resolve) => setTimeout(resolve, 500, 'silence'))])
    : 'closed'
  assert.ok(second === 'silence' || second === undefined || second === 'closed', `answered: ${String(second)}`)
  client.close()
})

test('a sender that is not yours', async () => {
  const client = await loggedIn()
  assert.match(await client.command('MAIL FROM:<bob@refuse.example>'), /^553 5\.7\.1/)
  assert.match(await client.command('MAIL FROM:<alice@elsewhere.example>'), /^553 5\.7\.1/)
  assert.match(await client.command('MAIL FROM:<>'), /^550 5\.7\.1/)
  client.close()
})

const MESSAGES = [
  ['a From that is not yours', 'From: <bob@refuse.example>\r\n\r\nx\r\n', /^550 5\.7\.1 .*bob@refuse\.example/],
  ['no From', 'Subject: x\r\n\r\nx\r\n', /^550 5\.6\.0 .*no From/],
  ['two From', 'From: <alice@refuse.example>\r\nFrom: <eve@evil.example>\r\n\r\nx\r\n', /^550 5\.6\.0 .*several From/],
  ['a From of several, one not yours', 'From: <alice@refuse.example>, <eve@evil.example>\r\n\r\nx\r\n', /^550 5\.7\.1/],
  [
    'a Sender that is not yours',
    'From: <alice@refuse.example>\r\nSender: <eve@evil.example>\r\n\r\nx\r\n',
    /^550 5\.7\.1/,
  ],
  ['a line that is no field', 'From: <alice@refuse.example>\r\nno field\r\n\r\nx\r\n', /^550 5\.6\.0/],
  ['a bare LF', 'From: <alice@refuse.example>\r\n\r\nx\ny\r\n', /^5\d\d .*a LF without CR/],
  ['a bare CR', 'From: <alice@refuse.example>\r\n\r\nx\ry\r\n', /^5\d\d .*a CR without LF/],
  ['a line of 999 octets', `From: <alice@refuse.example>\r\n\r\n${'x'.repeat(999)}\r\n`, /^5\d\d .*line/i],
] as const

for (const [what, message, expected] of MESSAGES) {
  test(what, async () => {
    const client = await loggedIn()
    assert.match(await client.command('MAIL FROM:<alice@refuse.example>'), /^250/)
    assert.match(await client.command('RCPT TO:<alice@refuse.example>'), /^250/)
    assert.match(await client.command('DATA'), /^354/)
    client.write(message)
    assert.match(await client.command('.'), expected)
    client.close()
  })
}

test('an oversized message: by its word, and by its weight', async () => {
  const most = bottle.configuration.limits['message-octets']
  const client = await loggedIn()
  assert.match(await client.command(`MAIL FROM:<alice@refuse.example> SIZE=${most + 1}`), /^552 5\.3\.4/)
  assert.match(await client.command('MAIL FROM:<alice@refuse.example>'), /^250/)
  assert.match(await client.command('RCPT TO:<alice@refuse.example>'), /^250/)
  assert.match(await client.command('DATA'), /^354/)
  client.write('From: <alice@refuse.example>\r\n\r\n')
  const chunk = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(1000))
  for (let sent = 0; sent <= most; sent += chunk.length) {
    if (!client.socket.write(chunk)) await new Promise((resolve) => client.socket.once('drain', resolve))
  }
  assert.match(await client.command('.'), /^552 5\.3\.4/)
  client.close()
})

test('an unknown recipient, from us and from strangers; a domain that is not ours', async () => {
  const ours = await loggedIn()
  await ours.command('MAIL FROM:<alice@refuse.example>')
  assert.match(await ours.command('RCPT TO:<nobody@refuse.example>'), /^550 5\.1\.1/)
  ours.close()
  const stranger = await open('smtp')
  await stranger.command('MAIL FROM:<eve@evil.example>')
  assert.match(await stranger.command('RCPT TO:<nobody@refuse.example>'), /^550 5\.1\.1/)
  assert.match(await stranger.command('RCPT TO:<bob@elsewhere.example>'), /^550 5\.7\.1/)
  assert.match(await stranger.command('RCPT TO:<@refuse.example:bob@elsewhere.example>'), /^550 5\.7\.1/)
  assert.match(await stranger.command('DATA'), /^554 5\.5\.1/)
  assert.match(await stranger.command('RCPT TO:<alice+tag@refuse.example>'), /^250/)
  assert.match(await stranger.command('RCPT TO:<postmaster@refuse.example>'), /^250/)
  assert.match(await stranger.command('RCPT TO:<Postmaster>'), /^250/)
  stranger.close()
})
