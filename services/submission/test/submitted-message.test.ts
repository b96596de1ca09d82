import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMailbox, type Mailbox, parseDomainName, parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { acceptSubmission } from '../src/submitted-message.ts'

const hostname = expectOk(parseDomainName('mx.one.example'), 'parse')
const OURS = ['alice@one.example', 'sales@one.example']

async function submit(message: string, cut = 1000) {
  async function* pieces() {
    for (let at = 0; at < message.length; at += cut) yield Buffer.from(message.slice(at, at + cut), 'latin1')
  }
  const accepted = await acceptSubmission(pieces(), {
    hostname,
    protocol: 'ESMTPSA',
    trace: '0123456789abcdef',
    tlsCipher: 'TLS_AES_256_GCM_SHA384',
    recipient: expectOk(parseMailbox('bob@two.example'), 'parse'),
    epochMilliseconds: 1_800_000_000_000,
    randomOctets: (count) => new Uint8Array(count),
    receivedFields: 2,
    owns: async (mailbox: Mailbox) => OURS.includes(formatMailbox(mailbox)),
  })
  if (!accepted.ok) return { refused: accepted.error.kind, text: '' }
  let text = ''
  for await (const chunk of accepted.value) text += Buffer.from(chunk).toString('latin1')
  return { refused: undefined, text }
}

const GOOD =
  'From: Alice <alice@one.example>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <x@one.example>\r\n\r\nbody\r\n'

test('puts Received above and leaves all else as it came, at any cut', async () => {
  for (const cut of [1, 3, 1000]) {
    const { text } = await submit(GOOD, cut)
    assert.ok(text.endsWith(`\r\n${GOOD}`))
    const above = text.slice(0, -GOOD.length).replace(/\r\n[ \t]+/g, ' ')
    assert.match(
      above,
      /^Received: by mx\.one\.example with ESMTPSA id 0123456789abcdef for <bob@two\.example> tls TLS_AES_256_GCM_SHA384; /,
    )
    assert.equal(above.match(/\r\n/g)?.length, 1)
  }
})

test('adds Date and Message-ID where they are missing', async () => {
  const message = 'From: <alice@one.example>\r\n\r\nbody\r\n'
  const { text } = await submit(message)
  assert.match(text, /^Date: Fri, 15 Jan 2027 08:00:00 \+0000\r\n/m)
  assert.match(text, /^Message-ID: <0{32}@mx\.one\.example>\r\n/m)
  assert.ok(text.endsWith(message))
})

const ACCEPTED = [
  'From: alice@one.example\r\n\r\n',
  'From: "Ännchen" <alice@one.example>\r\n\r\n',
  'From: <alice@one.example>, <sales@one.example>\r\nSender: <alice@one.example>\r\n\r\n',
  'From: us: <alice@one.example>;\r\n\r\n',
  'From: alice@one.example (Alice)\r\n\r\n',
  'From:\r\n alice@one.example\r\n\r\n',
  'From: <alice@one.example>\r\n',
]
for (const message of ACCEPTED) {
  test(`accepts ${JSON.stringify(message)}`, async () => assert.equal((await submit(message)).refused, undefined))
}

const REFUSED = [
  ['Subject: x\r\n\r\n', 'no-from'],
  ['\r\nFrom: <alice@one.example>\r\n', 'no-from'],
  ['From: <alice@one.example>\r\nFrom: <alice@one.example>\r\n\r\n', 'many-from'],
  ['From: <alice@one.example>\r\nfrom : <eve@evil.example>\r\n\r\n', 'bad-header'],
  ['From: <eve@evil.example>\r\n\r\n', 'not-yours'],
  ['From: <alice@one.example>, <eve@evil.example>\r\n\r\n', 'not-yours'],
  ['From: x: <alice@one.example>, <eve@evil.example>;\r\n\r\n', 'not-yours'],
  ['From: <alice@one.example>\r\nSender: <eve@evil.example>\r\n\r\n', 'not-yours'],
  ['From: "alice@one.example" <eve@evil.example>\r\n\r\n', 'not-yours'],
  ['From: alice@one.example <eve@evil.example>\r\n\r\n', 'unreadable-address'],
  ['From: <alice@one.example>\r\n  , <eve@evil.example>\r\n\r\n', 'not-yours'],
  ['From: nobody\r\n\r\n', 'unreadable-address'],
  ['From: us:;\r\n\r\n', 'unreadable-address'],
  ['From:\r\n\r\n', 'unreadable-address'],
  ['From: <alice@one.example>\r\nno field\r\n\r\n', 'bad-header'],
  ['From: <alice@one.example>\r\nX: a\0b\r\n\r\n', 'bad-header'],
  ['From: <alice@one.example>\r\nSubject: x\r\nSubject: y\r\n\r\n', 'duplicate-field'],
  ['From: <alice@one.example>\r\nContent-Type: text/plain\r\ncontent-type: text/html\r\n\r\n', 'duplicate-field'],
  ['Received: a\r\nReceived: b\r\nReceived: c\r\nFrom: <alice@one.example>\r\n\r\n', 'loop'],
  [`From: <alice@one.example>\r\nX: ${'x'.repeat(300_000)}\r\n\r\n`, 'bad-header'],
] as const
for (const [message, kind] of REFUSED) {
  test(`refuses ${JSON.stringify(message.slice(0, 90))}`, async () =>
    assert.equal((await submit(message)).refused, kind))
}
