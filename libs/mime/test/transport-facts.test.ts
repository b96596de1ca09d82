// RFC 5321 §2.3.8, §4.5.3.1.6
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1 } from '@scop/octets'
import fc from 'fast-check'
import { type TransportFacts, TransportFactsReader } from '../src/index.ts'

function factsOf(...chunks: readonly string[]): TransportFacts {
  const reader = new TransportFactsReader()
  for (const chunk of chunks) reader.feed(encodeLatin1(chunk))
  return reader.facts
}

// text, octets, 8-bit, NUL, bare CR, bare LF, longest line, ends with CRLF
const rows: readonly [string, number, boolean, boolean, boolean, boolean, number, boolean][] = [
  ['', 0, false, false, false, false, 0, true],
  ['a\r\n', 3, false, false, false, false, 1, true],
  ['a', 1, false, false, false, false, 1, false],
  ['a\n', 2, false, false, false, true, 1, false],
  ['a\r', 2, false, false, true, false, 2, false],
  ['a\rb\r\n', 5, false, false, true, false, 3, true],
  ['a\r\r\n', 4, false, false, true, false, 2, true],
  ['ä\r\n', 3, true, false, false, false, 1, true],
  ['\0\r\n', 3, false, true, false, false, 1, true],
  ['\x7f\r\nabc', 6, false, false, false, false, 3, false],
  ['a\r\n\n', 4, false, false, false, true, 1, false],
]
for (const [text, octets, eightBit, nul, bareCr, bareLf, longestLineOctets, endsWithCrlf] of rows) {
  test(`sees ${JSON.stringify(text)}`, () => {
    assert.deepEqual(factsOf(text), { octets, eightBit, nul, bareCr, bareLf, longestLineOctets, endsWithCrlf })
  })
}

test('sees the same at any cut', () => {
  const chunks = fc.array(fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', '\0', 'ä', ''), { maxLength: 20 })
  fc.assert(fc.property(chunks, (pieces) => assert.deepEqual(factsOf(...pieces), factsOf(pieces.join('')))))
})
