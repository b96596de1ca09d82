import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailboxName } from '../src/index.ts'

for (const [text, expected] of [
  ['INBOX', 'INBOX'],
  ['inbox', 'INBOX'],
  ['Archive/2026', 'Archive/2026'],
  ['Entwu\u0308rfe', 'Entw\u00fcrfe'],
  ['x'.repeat(255), 'x'.repeat(255)],
  ['', undefined],
  ['/a', undefined],
  ['a//b', undefined],
  ['a/', undefined],
  ['a*', undefined],
  ['a%', undefined],
  ['a\r\nb', undefined],
  ['a\u0000', undefined],
  ['a\u2028', undefined],
  ['\ud800', undefined],
  ['x'.repeat(256), undefined],
  ['\u00fc'.repeat(128), undefined],
] as const) {
  test(`${expected === undefined ? 'refuses' : 'reads'} ${JSON.stringify(text.slice(0, 20))} (${text.length})`, () => {
    const name = parseMailboxName(text)
    assert.equal(name.ok ? name.value : undefined, expected)
  })
}
