import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/precis.fuzz.ts'
import { preparePassword, prepareUsername } from '../src/index.ts'

// RFC 8265 §3.5 (usernames) and §4.3 (passwords), and more
for (const [text, prepared] of [
  ['juliet@example.com', 'juliet@example.com'],
  ['fussball', 'fussball'],
  ['fu\u00dfball', 'fu\u00dfball'],
  ['\u03c0', '\u03c0'],
  ['\u03a3', '\u03c3'],
  ['\u03c3', '\u03c3'],
  ['\u03c2', '\u03c2'],
  ['Alice@One.EXAMPLE', 'alice@one.example'],
  ['\uff21lice', 'alice'], // fullwidth A
  ['e\u0301', '\u00e9'],
  ['foo bar', undefined],
  ['', undefined],
  ['henry\u2163', undefined], // roman numeral four: compatibility form
  ['\u265a', undefined], // black chess king: a symbol
  ['a\u0000b', undefined],
  ['a\u200bb', undefined], // zero width space
  ['a\u202eb', undefined], // right-to-left override
  ['\ud800', undefined],
] as const) {
  test(`username ${JSON.stringify(text)} is ${prepared === undefined ? 'refused' : JSON.stringify(prepared)}`, () => {
    const result = prepareUsername(text)
    assert.equal(result.ok ? result.value : undefined, prepared)
  })
}

for (const [text, prepared] of [
  ['correct horse battery staple', 'correct horse battery staple'],
  ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
  ['\u03c0\u00df\u00e5', '\u03c0\u00df\u00e5'],
  ['Jack of \u2666s', 'Jack of \u2666s'],
  ['foo\u1680bar', 'foo bar'],
  ['foo\u00a0bar', 'foo bar'],
  ['e\u0301', '\u00e9'],
  ['', undefined],
  ['my cat is a \u0009by', undefined],
  ['a\u0000', undefined],
  ['a\u007f', undefined],
  ['a\u2028b', undefined],
  ['a\ue000b', undefined],
  ['a\uffffb', undefined],
  ['a\ud800b', undefined],
] as const) {
  test(`password ${JSON.stringify(text)} is ${prepared === undefined ? 'refused' : JSON.stringify(prepared)}`, () => {
    const result = preparePassword(text)
    assert.equal(result.ok ? result.value : undefined, prepared)
  })
}

test('what is prepared stays as it is', () => {
  for (const seed of seeds) fuzz(typeof seed === 'string' ? encodeUtf8(seed) : seed)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => fuzz(encodeUtf8(text))),
    { numRuns: 500 },
  )
})
