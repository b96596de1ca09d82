// RFC 5322 §2.1.1, §2.2.3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { decodeLatin1, encodeLatin1, encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { formatDate, formatField, formatMessageId, parseHeaderSection, rewriteHeader } from '../src/index.ts'

test('folds at white space within 78 octets', () => {
  const octets = expectOk(formatField('Subject', Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ')), 'format')
  const lines = decodeLatin1(octets).split('\r\n')
  assert.equal(lines.pop(), '')
  assert.equal(lines.length, 4)
  for (const line of lines) assert.ok(line.length <= 78)
  for (const line of lines.slice(1)) assert.match(line, /^ \S/)
})

test('refuses what would break out of a field', () => {
  const cases: readonly [string, string, string][] = [
    ['Subject', 'a\r\nBcc: b', 'control-in-value'],
    ['Subject', 'a\nb', 'control-in-value'],
    ['Subject', 'a\rb', 'control-in-value'],
    ['Subject', 'a\0b', 'control-in-value'],
    ['Subject', 'a\x1bb', 'control-in-value'],
    ['Subject', '\ud800', 'not-unicode'],
    ['Subject', 'x'.repeat(998), 'word-too-long'],
    ['', 'a', 'bad-field-name'],
    ['A b', 'a', 'bad-field-name'],
    ['A:', 'a', 'bad-field-name'],
    ['A\r\n', 'a', 'bad-field-name'],
    ['Ä', 'a', 'bad-field-name'],
  ]
  for (const [name, value, kind] of cases) {
    const result = formatField(name, value)
    assert.equal(result.ok ? 'ok' : result.error.kind, kind)
  }
})

test('long white space costs no more than its length', () => {
  const result = formatField('Subject', `a${' '.repeat(300_000)}b`)
  assert.equal(result.ok ? 'ok' : result.error.kind, 'word-too-long')
})

test('every value that is written is one field, read back the same', () => {
  const value = fc.array(fc.constantFrom('a', ' ', '\t', 'ä', '€', '😀', ':', 'word', 'x'.repeat(90)), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(value, (pieces) => {
      const text = pieces.join('')
      const written = formatField('X-Test', text)
      if (!written.ok) return assert.ok(text.length > 300)
      const { header } = expectOk(parseHeaderSection(written.value), 'read')
      assert.equal(header.fields.length, 1)
      assert.deepEqual(header.defects, [])
      const [field] = header.fields
      assert.ok(field !== undefined)
      assert.equal(field.text.trim(), text.replace(/^[ \t]+|[ \t]+$/g, ''))
    }),
  )
})

test('writes dates', () => {
  const rows: readonly [number, number, string][] = [
    [880127706000, -360, 'Fri, 21 Nov 1997 09:55:06 -0600'],
    [0, 0, 'Thu, 1 Jan 1970 00:00:00 +0000'],
    [0, 330, 'Thu, 1 Jan 1970 05:30:00 +0530'],
    [0, -30, 'Wed, 31 Dec 1969 23:30:00 -0030'],
    [1709164800000, 0, 'Thu, 29 Feb 2024 00:00:00 +0000'],
  ]
  for (const [epoch, offset, expected] of rows) assert.equal(formatDate(epoch, offset), expected)
  for (const [epoch, offset] of [
    [Number.NaN, 0],
    [1e17, 0],
    [0, 1.5],
    [0, 6000],
  ] as const) {
    assert.throws(() => formatDate(epoch, offset), RangeError)
  }
})

test('writes message identifiers', () => {
  const domain = expectOk(parseDomainName('example.com'), 'read a domain')
  assert.equal(formatMessageId(new Uint8Array(8).fill(0xab), domain), '<abababababababab@example.com>')
  assert.throws(() => formatMessageId(new Uint8Array(7), domain), RangeError)
})

test('rewrites a header: fields out, fields on top, the rest untouched', () => {
  const { header } = expectOk(parseHeaderSection(encodeLatin1('A: 1\r\njunk\r\nB: 2\r\n 3\r\nC:4\r\n\r\nbody')), 'read')
  const change = { prepend: [encodeUtf8('X: y\r\n')], remove: (field: { name: string }) => field.name === 'B' }
  assert.equal(decodeLatin1(expectOk(rewriteHeader(header, change), 'rewrite')), 'X: y\r\nA: 1\r\njunk\r\nC:4\r\n\r\n')
  assert.equal(decodeLatin1(expectOk(rewriteHeader(header, {}), 'rewrite')), decodeLatin1(header.octets))
  const folded = expectOk(parseHeaderSection(encodeLatin1(' evil\r\nA: 1\r\n\r\n')), 'read').header
  assert.deepEqual(rewriteHeader(folded, change), { ok: false, error: { kind: 'begins-with-continuation' } })
})
