import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64, decodeHex, encodeAscii, encodeBase64, encodeHex } from '../src/index.ts'

// RFC 4648 §10
const VECTORS: readonly (readonly [text: string, base64: string, hex: string])[] = [
  ['', '', ''],
  ['f', 'Zg==', '66'],
  ['fo', 'Zm8=', '666f'],
  ['foo', 'Zm9v', '666f6f'],
  ['foob', 'Zm9vYg==', '666f6f62'],
  ['fooba', 'Zm9vYmE=', '666f6f6261'],
  ['foobar', 'Zm9vYmFy', '666f6f626172'],
]

for (const [text, base64, hex] of VECTORS) {
  test(`writes and reads "${text}"`, () => {
    assert.equal(encodeBase64(encodeAscii(text)), base64)
    assert.equal(encodeHex(encodeAscii(text)), hex)
    assert.deepEqual(decodeBase64(base64), { ok: true, value: encodeAscii(text) })
    assert.deepEqual(decodeHex(hex), { ok: true, value: encodeAscii(text) })
  })
}

for (const text of [
  'Zg',
  'Zg=',
  'Zg===',
  'Z',
  '=',
  '====',
  'Zh==',
  'Zm9=',
  'Zm 9v',
  'Zm9v\n',
  'Zm9v\r\n',
  'Zm-_',
  'Zg==Zg==',
  'Zm9é',
]) {
  test(`refuses base64 ${JSON.stringify(text)}`, () => {
    assert.deepEqual(decodeBase64(text), { ok: false, error: { kind: 'not-base64' } })
  })
}

for (const text of ['6', '6g', ' 66', '66 ', '0x66', '６６']) {
  test(`refuses hex ${JSON.stringify(text)}`, () => {
    assert.deepEqual(decodeHex(text), { ok: false, error: { kind: 'not-hex' } })
  })
}

test('reads hex of both cases', () => {
  assert.deepEqual(decodeHex('aBCd'), { ok: true, value: Uint8Array.of(0xab, 0xcd) })
})

test('reads back what it wrote, and writes one way only', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      assert.deepEqual(decodeBase64(encodeBase64(octets)), { ok: true, value: octets })
      assert.deepEqual(decodeHex(encodeHex(octets)), { ok: true, value: octets })
    }),
  )
  fc.assert(
    fc.property(fc.base64String(), (text) => {
      const read = decodeBase64(text)
      if (read.ok) assert.equal(encodeBase64(read.value), text)
    }),
  )
})
