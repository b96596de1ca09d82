// RFC 5322 §2.2, §4.5
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { concatOctets, decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  fieldsNamed,
  HEADER_LIMITS,
  HeaderReader,
  type HeaderSection,
  parseHeaderSection,
  unfold,
  unfoldOctets,
} from '../src/index.ts'

const read = (text: string): HeaderSection =>
  expectOk(parseHeaderSection(encodeLatin1(text)), 'read a test message').header

type Row = {
  readonly title: string
  readonly text: string
  readonly names: string
  readonly defects?: string
  readonly body?: string
}
const rows: readonly Row[] = [
  { title: 'two fields', text: 'A: 1\r\nB: 2\r\n\r\nbody', names: 'A B', body: 'body' },
  { title: 'a folded field', text: 'A: 1\r\n 2\r\n\t3\r\nB: 2\r\n\r\n', names: 'A B' },
  { title: 'no body', text: 'A: 1\r\n', names: 'A' },
  { title: 'no header', text: '\r\nA: 1\r\n', names: '', body: 'A: 1\r\n' },
  { title: 'nothing', text: '', names: '' },
  { title: 'an empty value', text: 'A:\r\nB: \r\n\r\n', names: 'A B' },
  { title: 'a colon in the value', text: 'A:b:c\r\n\r\n', names: 'A' },
  { title: 'LF line ends', text: 'A: 1\nB: 2\n\nbody', names: 'A B', defects: 'bare-lf@4 bare-lf@9', body: 'body' },
  { title: 'CRLF header, LF empty line', text: 'A: 1\r\n\nbody', names: 'A', body: 'body' },
  {
    title: 'a junk line between fields',
    text: 'A: 1\r\nX\r\nB: 2\r\n\r\nbody',
    names: 'A B',
    defects: 'not-a-field@6',
    body: 'body',
  },
  {
    title: 'a junk line at the end (Exim bug 3036)',
    text: 'A: 1\r\nX\r\n\r\nB: 2',
    names: 'A',
    defects: 'not-a-field@6',
    body: 'B: 2',
  },
  {
    title: 'a mailbox separator',
    text: 'From a@b Fri Nov 21 09:00:00\r\nA: 1\r\n\r\n',
    names: 'A',
    defects: 'not-a-field@0',
  },
  { title: 'a continuation of nothing', text: ' x\r\nA: 1\r\n\r\n', names: 'A', defects: 'not-a-field@0' },
  { title: 'a blank continuation', text: 'A: 1\r\n \r\nB: 2\r\n\r\n', names: 'A B', defects: 'blank-continuation@6' },
  { title: 'space before the colon', text: 'A \t: 1\r\n\r\n', names: 'A', defects: 'space-before-colon@1' },
  { title: 'no name', text: ': 1\r\n\r\n', names: '', defects: 'not-a-field@0' },
  { title: 'a name with a space', text: 'A b: 1\r\n\r\n', names: '', defects: 'not-a-field@0' },
  { title: 'a name beyond ASCII', text: 'Ä: 1\r\n\r\n', names: '', defects: 'not-a-field@0' },
  { title: 'a colon on the second line', text: 'A\r\n : 1\r\n\r\n', names: '', defects: 'not-a-field@0' },
  { title: 'NUL', text: 'A: \0\0\r\n\r\n', names: 'A', defects: 'nul@3' },
  { title: 'bare CR', text: 'A: 1\rB: 2\r\n\r\n', names: 'A', defects: 'bare-cr@4' },
  {
    title: 'CR CR LF is no empty line',
    text: 'A: 1\r\n\r\r\nB: 2\r\n\r\nx',
    names: 'A B',
    defects: 'not-a-field@6 bare-cr@6',
    body: 'x',
  },
  { title: 'a long line', text: `A: ${'x'.repeat(996)}\r\n\r\n`, names: 'A', defects: 'line-too-long@0' },
  { title: 'the longest line', text: `A: ${'x'.repeat(995)}\r\n\r\n`, names: 'A' },
  { title: 'an end within a line', text: 'A: 1\r\nB: 2', names: 'A B', defects: 'unterminated-line@10' },
]
for (const row of rows) {
  test(`reads ${row.title}`, () => {
    const header = read(row.text)
    assert.equal(header.fields.map((field) => field.name).join(' '), row.names)
    const defects = header.defects.map((defect) => `${defect.kind}@${defect.offset}`)
    assert.deepEqual(defects.sort(), (row.defects?.split(' ') ?? []).sort())
    assert.equal(row.text.slice(header.octets.length), row.body ?? '')
    assertTiled(header)
  })
}

test('answers a value still folded, and unfolded', () => {
  const [field] = fieldsNamed(read('X: 0\r\nSUBJECT: a\r\n  b\n\tc\r\n\r\n'), 'Subject')
  assert.ok(field !== undefined)
  assert.equal(decodeLatin1(field.value), ' a\r\n  b\n\tc')
  assert.equal(decodeLatin1(unfoldOctets(field.value)), ' a  b\tc')
  assert.equal(unfold(Uint8Array.of(0xc3, 0xa4)), 'ä')
  assert.equal(unfold(Uint8Array.of(0xe4)), 'ä')
})

test('refuses what is beyond each limit, whole and in pieces', () => {
  const limits = { headerOctets: 20, fields: 2, defects: 1 }
  const cases: readonly [string, string][] = [
    ['A: 1\r\n\r\n', 'ok'],
    [`A: ${'x'.repeat(13)}\r\n\r\n`, 'ok'],
    [`A: ${'x'.repeat(14)}\r\n\r\n`, 'header-too-long'],
    ['A: 123456789012345678901', 'header-too-long'],
    ['a:\r\nb:\r\n\r\n', 'ok'],
    ['a:\r\nb:\r\nc:\r\n\r\n', 'too-many-fields'],
    ['a\r\n\r\n', 'ok'],
    ['a\r\nb\r\n\r\n', 'too-many-defects'],
  ]
  for (const [text, expected] of cases) {
    const whole = parseHeaderSection(encodeLatin1(text), limits)
    assert.equal(whole.ok ? 'ok' : whole.error.kind, expected, text)
    const reader = new HeaderReader(limits)
    const fed = reader.feed(encodeLatin1(text))
    const answer = fed.ok && fed.value.kind === 'need-more' ? reader.finish() : fed
    assert.equal(answer.ok ? 'ok' : answer.error.kind, expected, text)
  }
  assert.deepEqual(HEADER_LIMITS, { headerOctets: 262144, fields: 2000, defects: 1000 })
})

const messageText = fc
  .array(fc.constantFrom('A', ':', ' ', '\t', '\r\n', '\n', '\r', '\0', 'ä', 'Subject: x\r\n', '\r\n\r\n'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''))

test('answers the same at any cut', () => {
  fc.assert(
    fc.property(messageText, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
      const message = encodeLatin1(text)
      const whole = expectOk(parseHeaderSection(message), 'read')
      assertTiled(whole.header)
      const reader = new HeaderReader()
      const ends = [...cuts.filter((cut) => cut < message.length).sort((a, b) => a - b), message.length]
      let from = 0
      let header: HeaderSection | undefined
      const body: Uint8Array[] = []
      for (const end of ends) {
        const chunk = message.subarray(from, end)
        from = end
        if (header !== undefined) body.push(chunk)
        else {
          const reading = expectOk(reader.feed(chunk), 'feed')
          if (reading.kind === 'need-more') continue
          header = reading.header
          body.push(reading.rest)
        }
      }
      if (header === undefined) {
        const last = expectOk(reader.finish(), 'finish')
        header = last.header
        body.push(last.rest)
      }
      assert.deepEqual(header, whole.header)
      assert.deepEqual(concatOctets(body), message.slice(whole.bodyStart))
    }),
  )
})

const vectors = process.env.SCOP_VECTORS ?? join(import.meta.dirname, '../../../../shared/vectors')
for (const folder of ['mail/messages', 'mail/mime']) {
  test(`loses no octet of ${folder}`, (t) => {
    const root = join(vectors, folder)
    if (!existsSync(root)) return t.skip(`${root} absent`)
    let count = 0
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const message = new Uint8Array(readFileSync(join(entry.parentPath, entry.name)))
      const parsed = parseHeaderSection(message)
      if (!parsed.ok) {
        assert.ok(message.length > 1000, `${entry.name}: ${parsed.error.kind}`)
        continue
      }
      assertTiled(parsed.value.header)
      assert.deepEqual(parsed.value.header.octets, message.subarray(0, parsed.value.bodyStart))
      count++
    }
    assert.ok(count > 10)
    t.diagnostic(`${count} files`)
  })
}

/** Fields, junk lines and the empty line are the section, each octet once. */
function assertTiled(header: HeaderSection): void {
  const pieces: { readonly offset: number; readonly octets: Uint8Array }[] = [...header.fields]
  for (const defect of header.defects) if (defect.kind === 'not-a-field') pieces.push(defect)
  pieces.sort((a, b) => a.offset - b.offset)
  const joined = concatOctets([...pieces.map((piece) => piece.octets), header.emptyLine])
  assert.deepEqual(joined, header.octets)
}
