// RFC 5322 §3.6; RFC 2046 §5.1; RFC 2387 §3; RFC 6047 §2.4
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { concatOctets, decodeLatin1, encodeUtf8, isAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  chooseBodies,
  compose,
  decodeBody,
  decodeBodyText,
  type MailPerson,
  type NewMail,
  type Part,
  parseMessage,
  readEntity,
  readPartFields,
  walkParts,
} from '../src/index.ts'

const person = (mailbox: string, name?: string): MailPerson => ({
  mailbox: expectOk(parseMailbox(mailbox, { utf8: true }), 'read a mailbox'),
  ...(name !== undefined && { name }),
})
const random = (): ((count: number) => Uint8Array) => {
  let next = 0
  return (count) => new Uint8Array(count).fill(++next)
}
const MAIL: NewMail = {
  from: [person('a@example.org')],
  epochMilliseconds: 880_127_706_000,
  messageId: '1@example.org',
}
const PNG = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff)
const FULL: NewMail = {
  ...MAIL,
  from: [person('a@example.org', 'Ä. "Quote" Author'), person('"b c"@example.org')],
  sender: person('a@example.org'),
  replyTo: [person('r@example.org')],
  to: [person('t@example.com', 'T, U'), { group: 'Friends: all', members: [person('m@example.net', 'ю')] }],
  cc: [{ group: 'none', members: [] }],
  subject: 'Grüße, and a rather long subject that has to be folded somewhere before the end of it — twice',
  inReplyTo: ['0@example.org'],
  references: Array.from({ length: 20 }, (_, i) => `a-long-identifier-${i}@mail.example.org`),
  fields: [{ name: 'X-Mood', kind: 'unstructured', text: 'fine' }],
  text: 'Hello\nwörld\r.\n-- \nme',
  html: '<p>Hello <img src="cid:pic@example.org"></p>',
  images: [{ type: 'image/png', octets: PNG, contentId: 'pic@example.org', name: 'a b.png' }],
  calendar: { method: 'REQUEST', text: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n' },
  attachments: [
    {
      type: 'application/octet-stream',
      octets: PNG,
      name: 'naïve — file with a long name that no line could hold at once.bin',
    },
    { type: 'text/csv; charset=utf-8', octets: encodeUtf8('a,b\n'), name: 'x.csv', disposition: 'inline' },
  ],
}
const composed = (mail: NewMail): Uint8Array => expectOk(compose(mail, { randomOctets: random() }), 'compose').octets
const shape = (part: Part): string =>
  part.content.kind === 'multipart'
    ? `${part.type}(${part.content.parts.map((entry) => shape(entry.part)).join(' ')})`
    : part.type

const SHAPES: readonly (readonly [Partial<NewMail>, string])[] = [
  [{}, 'text/plain'],
  [{ text: 'x' }, 'text/plain'],
  [{ html: 'x' }, 'text/html'],
  [{ text: 'x', html: 'y' }, 'multipart/alternative(text/plain text/html)'],
  [{ html: FULL.html ?? '', images: FULL.images ?? [] }, 'multipart/related(text/html image/png)'],
  [{ calendar: { method: 'REPLY', text: 'x' } }, 'text/calendar'],
  [{ attachments: [{ type: 'image/png', octets: PNG }] }, 'image/png'],
  [{ text: '', attachments: [{ type: 'image/png', octets: PNG }] }, 'multipart/mixed(text/plain image/png)'],
  [
    FULL,
    'multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png) text/calendar) application/octet-stream text/csv)',
  ],
]
for (const [mail, expected] of SHAPES) {
  test(`nests ${Object.keys(mail).join(', ') || 'nothing'} as ${expected}`, () => {
    const octets = composed({ ...MAIL, ...mail })
    const tree = parseMessage(octets)
    assert.equal(shape(tree.root), expected)
    assert.deepEqual(tree.defects, [])
    for (const part of walkParts(tree.root)) assert.deepEqual(part.header.defects, [])
  })
}

test('our reader gives back what was composed', () => {
  const { entity, octets, needsUtf8 } = expectOk(compose(FULL, { randomOctets: random() }), 'compose')
  assert.equal(needsUtf8, false)
  assert.ok(isAscii(octets))
  const tree = parseMessage(octets)
  assert.deepEqual(readEntity(tree, octets), entity)
  const { textBody, htmlBody, attachments } = chooseBodies(tree)
  assert.equal(decodeBodyText(textBody[0] as Part, octets).text, 'Hello\r\nwörld\r\n.\r\n-- \r\nme')
  assert.equal(decodeBodyText(htmlBody[0] as Part, octets).text, FULL.html)
  assert.deepEqual(
    attachments.map((part) => readPartFields(part).name),
    ['a b.png', undefined, 'naïve — file with a long name that no line could hold at once.bin', 'x.csv'],
  )
  assert.deepEqual(decodeBody(attachments[0] as Part, octets).octets, PNG)
  const lines = decodeLatin1(octets).split('\r\n')
  assert.equal(lines.filter((line) => line.length > 78).length, 0)
})

const ENCODINGS: readonly (readonly [string, string, string])[] = [
  ['ASCII', 'Hello\n.\nFrom here\n', '7bit'],
  ['a line of 998', 'x'.repeat(998), '7bit'],
  ['a longer line', 'x'.repeat(999), 'quoted-printable'],
  ['some UTF-8', 'Grüße aus der Ferne und von allen hier im Haus', 'quoted-printable'],
  ['much UTF-8', 'привет', 'base64'],
  ['a NUL', `a\0b${'c'.repeat(20)}`, 'quoted-printable'],
]
for (const [name, text, encoding] of ENCODINGS) {
  test(`writes ${name} in ${encoding}`, () => {
    const { root } = parseMessage(composed({ ...MAIL, text }))
    assert.equal(readPartFields(root).transferEncoding, encoding)
  })
}

const UTF8_PERSON = person('ю@example.org')
const REFUSED: readonly (readonly [string, Partial<NewMail>, string])[] = [
  ['no author', { from: [] }, 'no-from'],
  ['two authors and no sender', { from: [person('a@b.c'), person('d@e.f')] }, 'no-sender'],
  ['an address that needs UTF-8', { to: [UTF8_PERSON] }, 'needs-utf8'],
  ['a line end in the subject', { subject: 'x\r\nBcc: y@example.org' }, 'unwritable'],
  ['a line end in a name', { to: [person('a@b.c', 'x\r\nBcc: y')] }, 'unwritable'],
  ['a line end in an identifier', { messageId: 'a@b>\r\nX: y' }, 'unwritable'],
  ['a line end in a reference', { references: ['a@b', 'c\n@d'] }, 'unwritable'],
  ['a fraction of a second', { epochMilliseconds: 1 }, 'unwritable'],
  ['a field name with a line end', { fields: [{ name: 'a\r\nb', kind: 'unstructured', text: '' }] }, 'unwritable'],
  ['a field name with a colon', { fields: [{ name: 'Bcc: x', kind: 'unstructured', text: '' }] }, 'unwritable'],
  ['a second From', { fields: [{ name: 'fROM', kind: 'unstructured', text: 'x' }] }, 'own-field'],
  ['a type of its own', { fields: [{ name: 'content-TYPE', kind: 'unstructured', text: 'x' }] }, 'own-field'],
  ['an image without HTML', { images: FULL.images ?? [] }, 'image-without-html'],
  ['a type with a line end', { attachments: [{ type: 'a/b\r\nX: y', octets: PNG }] }, 'bad-type'],
  ['a type without subtype', { attachments: [{ type: 'text', octets: PNG }] }, 'bad-type'],
  ['a multipart as octets', { attachments: [{ type: 'multipart/mixed; boundary=x', octets: PNG }] }, 'bad-type'],
  ['a message as octets', { attachments: [{ type: 'message/rfc822', octets: PNG }] }, 'bad-type'],
  ['a file name with a line end', { attachments: [{ type: 'a/b', octets: PNG, name: 'a\nb' }] }, 'bad-name'],
  ['a text with a lone surrogate', { text: '\ud800' }, 'not-unicode'],
  ['a Content-ID with a bracket', { html: '', images: [{ type: 'a/b', octets: PNG, contentId: 'a>' }] }, 'unwritable'],
]
for (const [name, mail, kind] of REFUSED) {
  test(`refuses ${name}`, () => {
    const answer = compose({ ...MAIL, ...mail }, { randomOctets: random() })
    assert.equal(answer.ok ? 'written' : answer.error.kind, kind)
  })
}

test('says when the transport needs UTF-8', () => {
  const answer = compose({ ...MAIL, to: [UTF8_PERSON] }, { randomOctets: random(), utf8: true })
  assert.ok(answer.ok && answer.value.needsUtf8)
})

test('takes no boundary that occurs in a body, and gives up where all do', () => {
  const first = `=_${'01'.repeat(15)}`
  const mail = { ...MAIL, text: `--${first}-mixed`, attachments: [{ type: 'a/b', octets: PNG }] }
  const tree = parseMessage(composed(mail))
  assert.equal(shape(tree.root), 'multipart/mixed(text/plain a/b)')
  const stuck = compose(mail, { randomOctets: (count) => new Uint8Array(count).fill(1) })
  assert.ok(!stuck.ok && stuck.error.kind === 'no-free-boundary')
})

test('no text becomes a field of its own, or is lost', () => {
  const any = fc.string({ unit: 'binary', maxLength: 100 })
  fc.assert(
    fc.property(any, any, any, any, (subject, name, text, file) => {
      const mail = { ...MAIL, subject, to: [person('t@example.org', name)], text }
      const answer = compose(
        { ...mail, attachments: [{ type: 'a/b', octets: PNG, name: file }] },
        { randomOctets: random() },
      )
      if (!answer.ok) return
      const { octets } = answer.value
      const tree = parseMessage(octets)
      assert.deepEqual(
        tree.root.header.fields.map((field) => field.name),
        ['Date', 'From', 'To', 'Message-ID', 'Subject', 'MIME-Version', 'Content-Type'],
      )
      const [body, attachment] = [...walkParts(tree.root)].slice(1) as [Part, Part]
      assert.equal(decodeBodyText(body, octets).text, text.replace(/\r\n?|\n/g, '\r\n'))
      assert.equal(readPartFields(attachment).name, file)
    }),
  )
})

const python = spawnSync('python3', ['-c', 'import email'])
test("Python's email package reads the same", { skip: python.status === 0 ? false : 'no python3' }, () => {
  const ran = spawnSync('python3', ['-c', PYTHON], { input: concatOctets([composed(FULL)]), encoding: 'utf8' })
  assert.equal(ran.stderr, '')
  const seen: unknown = JSON.parse(ran.stdout)
  assert.deepEqual(seen, {
    defects: 0,
    subject: FULL.subject,
    from: ['Ä. "Quote" Author|a@example.org', '|"b c"@example.org'],
    to: ['T, U|t@example.com', 'ю|m@example.net'],
    references: (FULL.references ?? []).map((id) => `<${id}>`).join(' '),
    parts: [
      'multipart/mixed None None',
      'multipart/alternative None None',
      'text/plain None None Hello\r\nwörld\r\n.\r\n-- \r\nme',
      'multipart/related None None',
      `text/html None None ${FULL.html}`,
      `image/png inline a b.png ${PNG.toHex()}`,
      'text/calendar None None BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n',
      `application/octet-stream attachment naïve — file with a long name that no line could hold at once.bin ${PNG.toHex()}`,
      'text/csv inline x.csv a,b\n',
    ],
  })
})

const PYTHON = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
def show(p):
    head = f"{p.get_content_type()} {p.get_content_disposition()} {p.get_filename()}"
    if p.is_multipart(): return head
    octets = p.get_payload(decode=True)
    return head + " " + (octets.decode("utf-8") if p.get_content_maintype() == "text" else octets.hex())
def who(h): return [f"{a.display_name}|{a.addr_spec}" for a in h.addresses]
print(json.dumps({
  "defects": sum(len(p.defects) for p in m.walk()), "subject": m["subject"], "from": who(m["from"]), "to": who(m["to"]),
  "references": m["references"], "parts": [show(p) for p in m.walk()]}))
`
