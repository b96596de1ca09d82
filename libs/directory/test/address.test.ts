import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/address.fuzz.ts'
import { isPostmaster, parseAddress, splitAddress, withoutSubaddress } from '../src/index.ts'
import { address } from './fixtures.ts'

for (const [text, expected] of [
  ['alice@one.example', 'alice@one.example'],
  ['Alice@ONE.example', 'alice@one.example'],
  ['"alice"@one.example', 'alice@one.example'],
  ['gr\u00dc\u00dfe@b\u00fccher.example', 'gr\u00fc\u00dfe@xn--bcher-kva.example'],
  ['e\u0301@one.example', '\u00e9@one.example'],
  ['"a@b"@one.example', '"a@b"@one.example'],
  ['"a..b"@one.example', '"a..b"@one.example'],
  ['alice', 'no-at-sign'],
  ['@one.example', 'bad-local-part'],
  ['alice@', 'bad-domain'],
  ['alice@[192.0.2.1]', 'not-a-domain'],
  ['"alice smith"@one.example', 'disallowed-character'],
  ['ali\u200bce@one.example', 'disallowed-character'],
  ['\u265a@one.example', 'disallowed-character'],
  [`${'a'.repeat(65)}@one.example`, 'local-part-too-long'],
] as const) {
  test(`${text}: ${expected}`, () => {
    const parsed = parseAddress(text)
    assert.equal(parsed.ok ? parsed.value : parsed.error.kind, expected)
  })
}

for (const [text, user] of [
  ['alice+tag@one.example', 'alice@one.example'],
  ['alice+a+b@one.example', 'alice@one.example'],
  ['alice+@one.example', 'alice@one.example'],
  ['+tag@one.example', undefined],
  ['alice@one.example', undefined],
] as const) {
  test(`${text} is a subaddress of ${user}`, () => assert.equal(withoutSubaddress(address(text)), user))
}

test('splits at the last "@"', () => {
  assert.deepEqual(splitAddress(address('"a@b"@one.example')), { localPart: 'a@b', domain: 'one.example' })
})

test('postmaster in any case is postmaster', () => {
  assert.equal(isPostmaster(address('PostMaster@one.example')), true)
  assert.equal(isPostmaster(address('postmaster1@one.example')), false)
})

test('fuzz laws hold for the seeds and for random text', () => {
  for (const seed of seeds) fuzz(typeof seed === 'string' ? encodeUtf8(seed) : seed)
  const local = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  fc.assert(fc.property(local, (text) => fuzz(encodeUtf8(`${text}@one.example`))))
  fc.assert(fc.property(local, (text) => fuzz(encodeUtf8(`"${text.replace(/["\\]/g, '\\$&')}"@one.example`))))
})
