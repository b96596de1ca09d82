// RFC 6376 §3.4.1, §3.4.2, §3.4.5, §5.4.2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHeaderSection } from '@scop/mime'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { canonicalizeField, selectFields } from '../src/canonical-header.ts'

const read = (text: string) => expectOk(parseHeaderSection(encodeLatin1(`${text}\r\n`)), 'read').header

const rows: readonly [string, string][] = [
  ['A: X\r\n', 'a:X\r\n'], // RFC 6376 §3.4.5
  ['B : Y\t\r\n\tZ  \r\n', 'b:Y Z\r\n'],
  ['SUBJect:\r\n', 'subject:\r\n'],
  ['Subject: \r\n \r\n', 'subject:\r\n'],
  ['Subject:a\r\n b\r\n  c\r\n', 'subject:a b c\r\n'],
  ['Subject:\r\n a\r\n', 'subject:a\r\n'],
  ['Subject: a\r b\r\n', 'subject:a\r b\r\n'],
  ['Subject: \xe4\xa0\r\n', 'subject:\xe4\xa0\r\n'],
]
for (const [text, relaxed] of rows) {
  test(`canonicalizes ${JSON.stringify(text)}`, () => {
    const [field] = read(text).fields
    assert.ok(field !== undefined)
    assert.equal(decodeLatin1(canonicalizeField(field, 'relaxed')), relaxed)
    assert.equal(decodeLatin1(canonicalizeField(field, 'simple')), text)
  })
}

test('takes fields of one name from the bottom up, and no more than there are', () => {
  const header = read('A: 1\r\nB: 2\r\na: 3\r\nSelf: 4\r\n')
  const values = (names: readonly string[]): string =>
    selectFields(header, names, header.fields[3])
      .map((field) => decodeLatin1(field.octets).trim())
      .join('|')
  assert.equal(values(['a']), 'a: 3')
  assert.equal(values(['a', 'b', 'a', 'a', 'c']), 'a: 3|B: 2|A: 1')
  assert.equal(values(['self']), '')
})
