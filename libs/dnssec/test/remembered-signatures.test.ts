import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AlgorithmTable, DNSSEC_LIMITS, rememberSignatures } from '../src/index.ts'

/** Valid is what ends in the first octet of the key; counts what it computes. */
function table(): AlgorithmTable & { computed: number } {
  const own = {
    computed: 0,
    supports: (algorithm: number) => algorithm !== 1,
    supportsDigest: () => true,
    checkDigest: () => 'invalid' as const,
    verify: (algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array) => {
      own.computed++
      if (algorithm === 1) return 'unsupported' as const
      return signature.at(-1) === publicKey[0] && data.length > 0 ? ('valid' as const) : ('invalid' as const)
    },
  }
  return own
}
const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

test('a signature that was valid is not computed again, for the same key and the same octets alone', () => {
  const under = table()
  const remembering = rememberSignatures(under)
  const rows: readonly (readonly [number, Uint8Array, Uint8Array, Uint8Array, string, number])[] = [
    [13, octets(7, 1), octets(1, 2), octets(9, 7), 'valid', 1],
    [13, octets(7, 1), octets(1, 2), octets(9, 7), 'valid', 1],
    [13, octets(7, 2), octets(1, 2), octets(9, 7), 'valid', 2], // another key
    [13, octets(7, 2), octets(1, 2, 3), octets(9, 7), 'valid', 3], // other data
    [15, octets(7, 2), octets(1, 2, 3), octets(9, 7), 'valid', 4], // another algorithm
    [15, octets(7, 2), octets(1, 2, 3), octets(8, 7), 'valid', 5], // another signature
    [15, octets(6, 2), octets(1, 2, 3), octets(8, 7), 'invalid', 6],
    [15, octets(6, 2), octets(1, 2, 3), octets(8, 7), 'invalid', 7], // what is not valid is not kept
    [1, octets(7, 2), octets(1, 2, 3), octets(8, 7), 'unsupported', 8],
    [15, octets(7, 2), octets(1, 2, 3), octets(8, 7), 'valid', 8],
  ]
  for (const [algorithm, key, data, signature, verdict, computed] of rows) {
    assert.equal(remembering.verify(algorithm, key, data, signature), verdict)
    assert.equal(under.computed, computed)
  }
  assert.deepEqual([remembering.supports(1), remembering.supportsDigest(2)], [false, true])
  assert.equal(remembering.checkDigest(2, octets(), octets()), 'invalid')
})

test('what is remembered is its own: octets that are written over later change nothing', () => {
  const under = table()
  const remembering = rememberSignatures(under)
  const [key, data, signature] = [octets(7), octets(1), octets(7)]
  remembering.verify(13, key, data, signature)
  data[0] = 2
  assert.equal(remembering.verify(13, key, data, signature), 'valid')
  assert.equal(under.computed, 2)
})

test('as many as it may, those in use longest; large ones not at all', () => {
  const under = table()
  const remembering = rememberSignatures(under, { ...DNSSEC_LIMITS, rememberedSignatures: 8, rememberedOctets: 4 })
  const ask = (i: number, length = 1): void =>
    void remembering.verify(13, octets(7), new Uint8Array(length).fill(1), octets(i, 7))
  for (let i = 0; i < 100; i++) {
    ask(0)
    ask(i)
  }
  assert.equal(under.computed, 100)
  ask(50)
  assert.equal(under.computed, 101, 'long gone')
  ask(200, 5)
  ask(200, 5)
  assert.equal(under.computed, 103)
})
