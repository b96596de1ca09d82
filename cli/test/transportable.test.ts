import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { transportable, withCrlf } from '../src/transportable.ts'

const ACCEPTED: readonly (readonly [string, string, '7bit' | '8bitmime'])[] = [
  ['CRLF throughout', 'A: b\r\n\r\nc\r\n', '7bit'],
  ['octets above 127', 'A: b\r\n\r\nü\r\n', '8bitmime'],
  ['a line of 998 octets', `A: b\r\n\r\n${'x'.repeat(998)}\r\n`, '7bit'],
  ['a dot alone', 'A: b\r\n\r\n.\r\n', '7bit'],
]
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /empty/],
  ['LF alone', 'A: b\n\r\n', /LF alone/],
  ['CR alone', 'A: b\r\n\r\nx\ry\r\n', /CR without LF/],
  ['NUL', 'A: b\r\n\r\n\0\r\n', /NUL/],
  ['a line of 999 octets', `A: b\r\n\r\n${'x'.repeat(999)}\r\n`, /999 octets/],
  ['an unfinished last line', 'A: b\r\n\r\nc', /last line/],
]
for (const [name, message, body] of ACCEPTED) {
  test(`accepts ${name}`, () => assert.deepEqual(transportable(Buffer.from(message)), { body, reasons: [] }))
}
for (const [name, message, reason] of REFUSED) {
  test(`refuses ${name}`, () => assert.match(transportable(Buffer.from(message)).reasons.join('; '), reason))
}

test('line ends written as CRLF are never the reason for a refusal', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z.\r\n]+$/), (text) => {
      assert.deepEqual(transportable(withCrlf(Buffer.from(text))).reasons, [])
    }),
  )
})
