import { test } from 'node:test'
import assert from 'node:assert/strict'
import { encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/scram-message.fuzz.ts'
import { DEFAULT_LIMITS, formatClientFirst, parseClientFirst, parseServerFirst } from '../src/index.ts'

test('fuzz laws hold for the seeds, for pieces of them and for random octets', () => {
  const whole = seeds.map((seed) => (typeof seed === 'string' ? encodeUtf8(seed) : seed))
  for (const seed of whole) {
    for (let end = 0; end <= seed.length; end++) fuzz(seed.subarray(0, end))
  }
  const piece = fc.constantFrom(
    ',',
    'n',
    'y',
    'p=x',
    'a=',
    'n=',
    'r=',
    's=',
    'i=',
    'c=',
    'v=',
    'e=',
    'm=',
    'AAAA',
    '=2C',
    '=3D',
    '9',
    '\u00e9',
  )
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => fuzz(encodeUtf8(pieces.join('')))))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => fuzz(octets)))
})

test('any username survives, commas and equal signs too', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(name, name, (username, authorizationIdentity) => {
      const message = { header: { binding: 'n', authorizationIdentity }, username, nonce: 'x', extensions: [] } as const
      assert.deepEqual(parseClientFirst(formatClientFirst(message), DEFAULT_LIMITS), { ok: true, value: message })
    }),
  )
})

for (const [message, kind] of [
  ['r=x,s=AAAA,i=1', 'ok'],
  ['r=x,s=AAAA,i=9999999999', 'ok'],
  ['r=x,s=AAAA,i=99999999999', 'malformed'],
  ['r=x,s=AAA,i=1', 'malformed'],
  ['r=x,s=AAB=,i=1', 'malformed'], // non-zero padding bits
  ['s=AAAA,r=x,i=1', 'malformed'],
  ['r=x,s=AAAA,i=1,i', 'malformed'],
  ['r=x,s=AAAA,i=1,1=a', 'malformed'],
] as const) {
  test(`server-first "${message}": ${kind}`, () => {
    const parsed = parseServerFirst(encodeUtf8(message), DEFAULT_LIMITS)
    assert.equal(parsed.ok ? 'ok' : parsed.error.kind, kind)
  })
}
