import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeAscii, decodeLatin1, decodeUtf8, encodeAscii, encodeLatin1, encodeUtf8, isAscii } from '../src/index.ts'

test('ASCII ends at U+007F', () => {
  assert.deepEqual(encodeAscii('a\0\x7f'), Uint8Array.of(0x61, 0, 0x7f))
  assert.deepEqual(decodeAscii(Uint8Array.of(0x61, 0, 0x7f)), { ok: true, value: 'a\0\x7f' })
  assert.deepEqual(decodeAscii(Uint8Array.of(0x61, 0x80)), { ok: false, error: { kind: 'not-ascii' } })
  assert.equal(isAscii(Uint8Array.of(0x80)), false)
  assert.equal(isAscii(new Uint8Array(0)), true)
})

test('writing what an encoding lacks is our own mistake', () => {
  assert.throws(() => encodeAscii('ab\x80'), /Cannot encode as ASCII: U\+80 at 2/)
  assert.throws(() => encodeLatin1('aĀ'), /Cannot encode as ISO-8859-1: U\+100 at 1/)
  assert.throws(() => encodeLatin1('😀'), /U\+d83d at 0/)
})

test('ISO-8859-1 loses no octet, at any length', () => {
  const all = Uint8Array.from({ length: 20_001 }, (_, i) => i % 256)
  for (const length of [0, 1, 256, 4095, 4096, 4097, 8192, 20_001]) {
    const octets = all.subarray(0, length)
    const text = decodeLatin1(octets)
    assert.equal(text.length, length)
    assert.deepEqual(encodeLatin1(text), octets)
  }
})

// RFC 3629 §3, §10
const REFUSED: readonly (readonly [why: string, octets: readonly number[]])[] = [
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['an overlong form of three', [0xe0, 0x80, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a cut sequence', [0xe2, 0x82]],
  ['a lone continuation', [0x80]],
  ['0xff', [0xff]],
]

for (const [why, octets] of REFUSED) {
  test(`refuses as UTF-8 ${why}`, () => {
    assert.deepEqual(decodeUtf8(Uint8Array.from(octets)), { ok: false, error: { kind: 'not-utf8' } })
  })
}

test('a byte order mark stays', () => {
  assert.deepEqual(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), { ok: true, value: '\ufeffa' })
})

test('a lone surrogate is written as U+FFFD', () => {
  assert.deepEqual(encodeUtf8('\ud800'), Uint8Array.of(0xef, 0xbf, 0xbd))
})

test('reads back what it wrote', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) =>
      assert.deepEqual(decodeUtf8(encodeUtf8(text)), { ok: true, value: text }),
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      const read = decodeUtf8(octets)
      if (read.ok) assert.deepEqual(encodeUtf8(read.value), octets)
      assert.deepEqual(encodeLatin1(decodeLatin1(octets)), octets)
      assert.equal(decodeAscii(octets).ok, isAscii(octets))
    }),
  )
})
