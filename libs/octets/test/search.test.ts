import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareOctets, concatOctets, encodeAscii, equalOctets, indexOfOctets } from '../src/index.ts'

const few = fc.uint8Array({ max: 2, maxLength: 12 }) // few values, so that much is found

test('finds as Buffer does, from any place', () => {
  fc.assert(
    fc.property(few, fc.uint8Array({ max: 2, maxLength: 3 }), fc.nat(14), (octets, needle, from) => {
      assert.equal(indexOfOctets(octets, needle, from), Buffer.from(octets).indexOf(needle, from))
    }),
  )
})

test('finds CRLF.CRLF that begins at a false start', () => {
  assert.equal(indexOfOctets(encodeAscii('a\r\n\r\n.\r\n'), encodeAscii('\r\n.\r\n')), 3)
  assert.equal(indexOfOctets(encodeAscii('a\r\n.\r'), encodeAscii('\r\n.\r\n')), -1)
})

test('compares as memcmp, a shorter prefix first', () => {
  fc.assert(
    fc.property(few, few, (a, b) => {
      assert.equal(Math.sign(compareOctets(a, b)), Buffer.compare(a, b))
      assert.equal(equalOctets(a, b), Buffer.compare(a, b) === 0)
    }),
  )
})

test('joins in order', () => {
  fc.assert(
    fc.property(fc.array(few), (chunks) =>
      assert.deepEqual(concatOctets(chunks), new Uint8Array(Buffer.concat(chunks))),
    ),
  )
  const one = Uint8Array.of(1)
  assert.equal(concatOctets([one]), one)
})
