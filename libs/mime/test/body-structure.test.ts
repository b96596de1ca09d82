// RFC 9051 §7.5.2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1 } from '@scop/octets'
import { type BodyStructure, bodyStructureOf, envelopeOf, parseMessage } from '../src/index.ts'

const structureOf = (text: string): BodyStructure => {
  const message = encodeLatin1(text)
  return bodyStructureOf(parseMessage(message).root, message)
}

/** As IMAP writes it, with what matters here. */
function sketch(structure: BodyStructure): string {
  if (structure.kind === 'multipart') return `(${structure.parts.map(sketch).join('')} ${structure.subtype})`
  const { type, subtype, encoding, octets, lines, message } = structure
  const inner = message === undefined ? '' : ` ${message.envelope.subject} ${sketch(message.structure)}`
  return `(${type} ${subtype} ${encoding} ${octets}${inner}${lines === undefined ? '' : ` ${lines}`})`
}

const mixed = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
const rows: readonly { readonly title: string; readonly text: string; readonly structure: string }[] = [
  { title: 'a text without header', text: '\r\none\r\ntwo', structure: '(text plain 7BIT 8 2)' },
  { title: 'nothing', text: '', structure: '(text plain 7BIT 0 0)' },
  {
    title: 'an image, which has no lines',
    text: 'Content-Type: image/PNG\r\nContent-Transfer-Encoding: Base64\r\n\r\nQQ==\r\n',
    structure: '(image png BASE64 6)',
  },
  {
    title: 'parts, and a message among them',
    text: `${mixed}--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\n--b--`,
    structure: '((text plain 7BIT 3 1)(message rfc822 7BIT 15 s (text plain 7BIT 1 1) 3) mixed)',
  },
  { title: 'a multipart without parts', text: `${mixed}--b--`, structure: '((text plain 7BIT 0 0) mixed)' },
]
for (const row of rows) {
  test(`answers the structure of ${row.title}`, () => assert.equal(sketch(structureOf(row.text)), row.structure))
}

test('answers the extension data, and what is absent', () => {
  const structure = structureOf(
    'Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-ID: <a@b>\r\nContent-Description: d\r\nContent-MD5: m\r\nContent-Disposition: inline; filename=x\r\nContent-Language: de, en\r\nContent-Location: l\r\n\r\n',
  )
  assert.deepEqual(structure, {
    kind: 'single',
    type: 'text',
    subtype: 'plain',
    parameters: [
      { name: 'charset', value: 'utf-8' },
      { name: 'format', value: 'flowed' },
    ],
    id: '<a@b>',
    description: 'd',
    encoding: '7BIT',
    octets: 0,
    lines: 0,
    md5: 'm',
    message: undefined,
    disposition: { type: 'inline', parameters: [{ name: 'filename', value: 'x' }] },
    language: ['de', 'en'],
    location: 'l',
  })
  const bare = structureOf('\r\n')
  assert.ok(bare.kind === 'single')
  assert.deepEqual(bare.parameters, [{ name: 'charset', value: 'us-ascii' }])
  assert.deepEqual([bare.id, bare.description, bare.disposition, bare.location], Array(4).fill(undefined))
})

test('answers the envelope', () => {
  const { root } = parseMessage(
    encodeLatin1(
      'Date: Fri, 21 Nov 2025 09:00:00 +0000\r\nSubject: =?utf-8?Q?=C3=A4?=\r\n b\r\nFrom: A B <"a b"@one.example>\r\nTo: g: c@two.example;, d@[192.0.2.1]\r\nTo: e@two.example\r\nCc: @\r\nMessage-ID: <i@one.example>\r\n\r\n',
    ),
  )
  const from = [{ name: 'A B', mailbox: '"a b"', host: 'one.example' }]
  assert.deepEqual(envelopeOf(root.header), {
    date: 'Fri, 21 Nov 2025 09:00:00 +0000',
    subject: '=?utf-8?Q?=C3=A4?= b',
    from,
    sender: from,
    replyTo: from,
    to: [
      { name: undefined, mailbox: 'g', host: undefined },
      { name: undefined, mailbox: 'c', host: 'two.example' },
      { name: undefined, mailbox: undefined, host: undefined },
      { name: undefined, mailbox: 'd', host: '[192.0.2.1]' },
      { name: undefined, mailbox: 'e', host: 'two.example' },
    ],
    cc: undefined,
    bcc: undefined,
    inReplyTo: undefined,
    messageId: '<i@one.example>',
  })
  const bare = envelopeOf(parseMessage(encodeLatin1('')).root.header)
  assert.deepEqual(new Set(Object.values(bare)), new Set([undefined]))
})
