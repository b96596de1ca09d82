import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAscii } from '@scop/octets'
import { BlobIdBuilder, blobIdOf, parseBlobId } from '../src/index.ts'

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' // FIPS 180-2 appendix B.1

test('names octets by their SHA-256', () => {
  assert.equal(blobIdOf(encodeAscii('abc')), ABC)
  const builder = new BlobIdBuilder()
  for (const letter of 'abc') builder.append(encodeAscii(letter))
  assert.equal(builder.finish(), ABC)
})

for (const [text, accepted] of [
  [ABC, true],
  [ABC.toUpperCase(), false],
  [ABC.slice(1), false],
  [`${ABC}0`, false],
  [`${ABC}\n`, false],
  [`../${ABC.slice(3)}`, false],
  ['', false],
] as const) {
  test(`${accepted ? 'reads' : 'refuses'} ${JSON.stringify(text)}`, () => {
    assert.equal(parseBlobId(text).ok, accepted)
  })
}
