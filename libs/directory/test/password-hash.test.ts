import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAscii, encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/password-hash.fuzz.ts'
import { formatPasswordHash, hashPassword, parsePasswordHash, verifyPasswordHash } from '../src/index.ts'

const GOOD = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

// From the test suite of the reference implementation (phc-winner-argon2, test.c, version 0x13):
// hashtest(version, 2, 8, 1, "password", "somesalt", ..., "$argon2id$...")
const REFERENCE = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

test('verifies a hash of the reference implementation', async () => {
  const hash = parsePasswordHash(REFERENCE)
  assert.ok(hash.ok)
  assert.equal(await verifyPasswordHash('password', hash.value), true)
  assert.equal(await verifyPasswordHash('Password', hash.value), false)
  const cost = { memoryKibibytes: 256, passes: 2, parallelism: 1 }
  assert.equal(formatPasswordHash(await hashPassword('password', encodeAscii('somesalt'), cost)), REFERENCE)
})

test('reads what it writes', () => {
  const hash = parsePasswordHash(GOOD)
  assert.ok(hash.ok)
  assert.equal(formatPasswordHash(hash.value), GOOD)
})

for (const [name, text] of [
  ['argon2i', GOOD.replace('argon2id', 'argon2i')],
  ['version 16', GOOD.replace('v=19', 'v=16')],
  ['2 GiB of memory', GOOD.replace('m=19456', 'm=2097152')],
  ['less memory than lanes need', GOOD.replace('m=19456', 'm=7')],
  ['101 passes', GOOD.replace('t=2', 't=101')],
  ['17 lanes', GOOD.replace('p=1', 'p=17')],
  ['no passes', GOOD.replace('t=2', 't=0')],
  ['another order', GOOD.replace('m=19456,t=2', 't=2,m=19456')],
  ['padding', `${GOOD}=`],
  ['padding bits that are not zero', GOOD.replace(/A$/, 'B')],
  ['a salt of 6 octets', GOOD.replace('$AAAAAAAAAAAAAAAAAAAAAA$', '$AAAAAAAA$')],
  ['a hash of 6 octets', GOOD.replace(/\$[^$]*$/, '$AAAAAAAA')],
  ['a line feed', `${GOOD}\n`],
  ['nothing', ''],
] as const) {
  test(`refuses ${name}`, () => assert.equal(parsePasswordHash(text).ok, false))
}

test('fuzz laws hold for the seeds, cut and changed', () => {
  for (const seed of seeds) {
    const octets = typeof seed === 'string' ? encodeUtf8(seed) : seed
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.nat(127), (at, octet) => {
        fuzz(octets.subarray(0, at))
        fuzz(octets.with(at, octet))
      }),
    )
  }
})
