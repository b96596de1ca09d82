import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  A,
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  DS,
  type Name,
  type ResourceRecord,
  type RRset,
  RRSIG,
  type RrsigData,
} from '@scop/dns'
import fc from 'fast-check'
import { expectOk } from '@scop/result'
import {
  type AlgorithmTable,
  createAlgorithms,
  DNSSEC_LIMITS,
  keyTag,
  makeDs,
  makeKey,
  matchDs,
  type SignatureRefusal,
  type SignedRrset,
  verifyRrsig,
} from '../src/index.ts'
import { readRfcVectors } from './rfc-vectors.ts'
import { name, readEntries, UNBOUND } from './vectors.ts'

const ALGORITHMS = createAlgorithms()
/** RFC 5702 shows a key of 512 bits; Unbound's files have RSA with SHA-1. */
const OLD = createAlgorithms({ limits: { ...DNSSEC_LIMITS, rsaMinimumBits: 512 }, sha1Signatures: true })

test('the examples of the RFCs: key tags, digests, signatures', (t) => {
  const vectors = readRfcVectors()
  if (vectors === undefined) return t.skip('vectors absent')
  for (const { source, owner, key, keyTag: tag, ds, signed } of vectors) {
    assert.equal(keyTag(key), tag, source)
    for (const one of ds) {
      assert.equal(matchDs(owner, key, one, ALGORITHMS), 'match', source)
      if (one.digestType === 2 || one.digestType === 4) assert.deepEqual(makeDs(owner, key, one.digestType), one)
      const other = { ...one, digest: one.digest.map((octet, i) => (i === 7 ? octet ^ 1 : octet)) }
      assert.equal(matchDs(owner, key, other, ALGORITHMS), 'mismatch', source)
    }
    if (signed === undefined) continue
    const now = signed.rrsig.inception + 1
    const verified = verifyRrsig({ ...signed, keyOwner: owner, key }, now, OLD)
    assert.deepEqual(
      verified,
      { ok: true, value: { ttlSeconds: signed.rrset.ttlSeconds, wildcardLabels: undefined } },
      source,
    )
    const later = verifyRrsig({ ...signed, keyOwner: owner, key }, signed.rrsig.expiration - 5, OLD)
    assert.equal(later.ok && later.value.ttlSeconds, 5, source)
  }
})

test('Unbound: every signature of its files is as it says', (t) => {
  if (!existsSync(UNBOUND)) return t.skip('vectors absent')
  const counted = { valid: 0, bogus: 0, unsupported: 0, unread: 0 }
  for (const file of readdirSync(UNBOUND).filter((each) => each.startsWith('test_sig'))) {
    const [first, ...rest] = readEntries(join(UNBOUND, file))
    const keys = (first?.sections.get('ANSWER') ?? []).filter(({ type }) => type === DNSKEY.code)
    for (const { question, sections } of rest) {
      const expected = question.startsWith('bogus') ? 'bogus' : 'valid'
      if (!sections.has('ANSWER')) counted.unread++
      for (const set of rrsetsOf(sections.get('ANSWER') ?? [])) {
        if (set.signatures.length === 0) continue // glue, in their transfer of a zone
        const verdict = judge(set, keys)
        counted[verdict]++
        if (verdict !== 'unsupported') assert.equal(verdict, expected, `${file} ${question}`)
      }
    }
  }
  t.diagnostic(JSON.stringify(counted))
  assert.ok(counted.valid > 20 && counted.bogus > 2)
})

test('Unbound: every DS matches its key or not, as it says', (t) => {
  if (!existsSync(UNBOUND)) return t.skip('vectors absent')
  let seen = 0
  for (const file of ['test_ds.sha1', 'test_ds.sha384']) {
    for (const { question, sections } of readEntries(join(UNBOUND, file))) {
      const answer = sections.get('ANSWER') ?? []
      const [ds, key] = [DS.code, DNSKEY.code].map((type) => answer.find((record) => record.type === type))
      assert.ok(ds !== undefined && key !== undefined)
      const verdict = matchDs(
        key.name,
        expectOk(decodeRdata(DNSKEY, key.rdata), 'key'),
        expectOk(decodeRdata(DS, ds.rdata), 'ds'),
        ALGORITHMS,
      )
      assert.equal(verdict === 'match', question.startsWith('yes'), `${file} ${question}`)
      seen++
    }
  }
  assert.ok(seen > 5)
})

const OWNER = name('www.example.com')
const ZONE = name('example.com')
const KEY: DnskeyData = { flags: 256, protocol: 3, algorithm: 13, publicKey: new Uint8Array(64).fill(7) }
const RRSET: RRset = { type: A.code, ttlSeconds: 300, rdatas: [new Uint8Array([192, 0, 2, 1])] }
const NOW = 1_700_000_000
const SIGNATURE: RrsigData = {
  typeCovered: A.code,
  algorithm: 13,
  labels: 3,
  originalTtlSeconds: 300,
  expiration: NOW + 1000,
  inception: NOW - 1000,
  keyTag: keyTag(KEY),
  signer: ZONE,
  signature: new Uint8Array(64),
}
/** Every signature is right: what is refused is refused for another reason. */
const BELIEVING: AlgorithmTable = { ...ALGORITHMS, verify: () => 'valid' }

type Change = Partial<Omit<SignedRrset, 'rrsig' | 'key'>> & {
  readonly rrsig?: Partial<RrsigData>
  readonly key?: Partial<DnskeyData>
}
function verifyChanged(change: Change, now: number | undefined = NOW, algorithms = BELIEVING) {
  const key = { ...KEY, ...change.key }
  const rrsig = { ...SIGNATURE, keyTag: keyTag(key), ...change.rrsig }
  return verifyRrsig({ owner: OWNER, rrset: RRSET, keyOwner: ZONE, ...change, key, rrsig }, now, algorithms)
}

const REFUSED: readonly (readonly [SignatureRefusal['kind'], Change, number?])[] = [
  ['type-differs', { rrsig: { typeCovered: 28 } }],
  ['labels-more-than-owner', { rrsig: { labels: 4 } }],
  ['labels-more-than-owner', { owner: name('*.example.com'), rrsig: { labels: 3 } }],
  ['labels-fewer-than-signer', { rrsig: { labels: 1 } }],
  ['labels-fewer-than-signer', { rrsig: { labels: 0 } }],
  ['signer-not-above-owner', { rrsig: { signer: name('a.www.example.com') } }],
  ['signer-not-above-owner', { owner: name('www.example.net') }],
  ['signer-not-above-owner', { owner: name('wwwexample.com') }],
  ['denial-expanded', { rrset: { ...RRSET, type: 47 }, rrsig: { typeCovered: 47, labels: 2 } }],
  ['denial-expanded', { rrset: { ...RRSET, type: 50 }, rrsig: { typeCovered: 50, labels: 2 } }],
  ['validity-backwards', { rrsig: { inception: NOW + 2, expiration: NOW + 1 } }],
  ['not-yet-valid', { rrsig: { inception: NOW + 1 } }],
  ['expired', { rrsig: { expiration: NOW - 1 } }],
  ['expired', { rrsig: { inception: 0xffffff00, expiration: 0x10 } }, 0x11],
  ['key-of-another-zone', { keyOwner: name('com') }],
  ['algorithm-differs', { rrsig: { algorithm: 8 } }],
  ['key-tag-differs', { rrsig: { keyTag: 1 } }],
  ['key-not-for-zones', { key: { flags: 1 } }],
  ['key-protocol-wrong', { key: { protocol: 2 } }],
  ['key-revoked', { key: { flags: 257 + 128 } }],
  ['key-revoked', { rrset: { ...RRSET, type: 48 }, rrsig: { typeCovered: 48 }, key: { flags: 257 + 128 } }],
  ['algorithm-unsupported', { rrsig: { algorithm: 5 }, key: { algorithm: 5 } }],
]
for (const [kind, change, now] of REFUSED) {
  test(`refuses a signature: ${kind} (${Object.keys(change.rrsig ?? change.key ?? change).join(', ')})`, () => {
    assert.deepEqual(verifyChanged(change, now), { ok: false, error: { kind } })
  })
}

const ACCEPTED: readonly (readonly [string, Change, number | undefined, number | undefined])[] = [
  ['as it is', {}, NOW, undefined],
  ['at its inception', { rrsig: { inception: NOW } }, NOW, undefined],
  ['at its expiration', { rrsig: { expiration: NOW } }, NOW, undefined],
  ['over the end of the 32 bits', { rrsig: { inception: 0xffffff00, expiration: 0x10 } }, 0x100000001, undefined],
  ['of a wildcard', { rrsig: { labels: 2 } }, NOW, 2],
  ['of the wildcard itself', { owner: name('*.example.com'), rrsig: { labels: 2 } }, NOW, undefined],
  ['of the zone itself', { owner: ZONE, rrsig: { labels: 2 } }, NOW, undefined],
  ['in other case', { owner: name('WWW.Example.COM'), rrsig: { signer: name('eXample.com') } }, NOW, undefined],
  [
    'by a revoked key over the keys',
    { owner: ZONE, rrset: { ...RRSET, type: 48 }, rrsig: { typeCovered: 48, labels: 2 }, key: { flags: 385 } },
    NOW,
    undefined,
  ],
  ['at any time where none is asked', { rrsig: { expiration: 1, inception: 0 } }, undefined, undefined],
]
for (const [what, change, now, wildcardLabels] of ACCEPTED) {
  test(`takes a signature ${what}`, () => {
    const key = { ...KEY, ...change.key }
    const rrsig = { ...SIGNATURE, keyTag: keyTag(key), ...change.rrsig }
    const verified = verifyRrsig({ owner: OWNER, rrset: RRSET, keyOwner: ZONE, ...change, key, rrsig }, now, BELIEVING)
    assert.equal(verified.ok && verified.value.wildcardLabels, wildcardLabels, JSON.stringify(verified))
  })
}

test('the TTL is no more than signed, received, or left until expiration', () => {
  const cases: readonly (readonly [Change, number])[] = [
    [{ rrsig: { originalTtlSeconds: 60 } }, 60],
    [{ rrset: { ...RRSET, ttlSeconds: 50 } }, 50],
    [{ rrsig: { expiration: NOW + 40 } }, 40],
  ]
  for (const [change, ttlSeconds] of cases) {
    const verified = verifyChanged(change)
    assert.equal(verified.ok && verified.value.ttlSeconds, ttlSeconds)
  }
})

test('keys of the wrong size, or of no point on the curve, are malformed, and a signature of the wrong size is wrong', () => {
  const rsa = (modulusOctets: number, exponent: readonly number[] = [1, 0, 1]): Uint8Array =>
    new Uint8Array([exponent.length, ...exponent, ...new Uint8Array(modulusOctets).fill(0xff)])
  const cases: readonly (readonly [number, Uint8Array, number, SignatureRefusal['kind']])[] = [
    [13, new Uint8Array(64).fill(7), 64, 'key-malformed'],
    [13, new Uint8Array(63), 64, 'key-malformed'],
    [13, new Uint8Array(64), 63, 'signature-wrong'],
    [14, new Uint8Array(95), 96, 'key-malformed'],
    [15, new Uint8Array(31), 64, 'key-malformed'],
    [15, new Uint8Array(32).fill(3), 64, 'signature-wrong'],
    [16, new Uint8Array(58), 114, 'key-malformed'],
    [8, rsa(127), 127, 'key-malformed'],
    [8, rsa(128), 128, 'signature-wrong'],
    [10, rsa(512), 512, 'signature-wrong'],
    [8, rsa(513), 513, 'key-malformed'],
    [8, rsa(128, [1, 0, 0, 0, 0, 0, 0, 0, 1]), 128, 'key-malformed'],
    [8, rsa(128, [0, 0]), 128, 'key-malformed'],
    [8, rsa(128, [1]), 128, 'key-malformed'],
    [8, rsa(128, [1, 0]), 128, 'key-malformed'],
    [8, rsa(128, [3]), 128, 'signature-wrong'],
    [8, new Uint8Array([0, 1]), 128, 'key-malformed'],
    [8, new Uint8Array([200, 1, 1]), 128, 'key-malformed'],
  ]
  for (const [algorithm, publicKey, signatureOctets, kind] of cases) {
    const signature = new Uint8Array(signatureOctets)
    const verified = verifyChanged({ key: { algorithm, publicKey }, rrsig: { algorithm, signature } }, NOW, ALGORITHMS)
    assert.deepEqual(verified, { ok: false, error: { kind } }, `${algorithm}, ${publicKey.length} octets`)
  }
})

test('no key and no signature makes the table throw', () => {
  const sizes: Readonly<Record<number, number>> = { 13: 64, 14: 96, 15: 64, 16: 114 }
  const real = new Map(
    [8, 10, 13, 14, 15, 16].map((algorithm) => [
      algorithm,
      makeKey(algorithm, { flags: 256, rsaBits: 1024 }).dnskey.publicKey,
    ]),
  )
  const octets = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.oneof(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.constant(new Uint8Array(length)),
      fc.constant(new Uint8Array(length).fill(255)),
    )
  const rsa = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.integer({ min: 128, max: 140 }).chain(octets))
    .map(([exponent, modulus]) => new Uint8Array([exponent.length, ...exponent, ...modulus]))
  fc.assert(
    fc.property(
      fc
        .constantFrom(8, 10, 13, 14, 15, 16)
        .chain((algorithm) =>
          fc.tuple(
            fc.constant(algorithm),
            fc.oneof(
              fc.constant(real.get(algorithm) ?? new Uint8Array(1)),
              algorithm < 13 ? rsa : octets(algorithm === 16 ? 57 : (sizes[algorithm] ?? 1)),
              fc.uint8Array({ maxLength: 150 }),
            ),
            fc.oneof(octets(sizes[algorithm] ?? 128), fc.uint8Array({ maxLength: 150 })),
          ),
        ),
      ([algorithm, publicKey, signature]) => {
        const verdict = ALGORITHMS.verify(algorithm, publicKey, new Uint8Array([1, 2, 3]), signature)
        assert.notEqual(verdict, 'valid')
      },
    ),
    { numRuns: 3000 },
  )
})

type Signed = { readonly owner: Name; readonly rrset: RRset; readonly signatures: readonly RrsigData[] }

function rrsetsOf(all: readonly ResourceRecord[]): readonly Signed[] {
  const sets = new Map<string, ResourceRecord[]>()
  for (const record of all.filter(({ type }) => type !== RRSIG.code)) {
    const key = `${record.type} ${record.name.key}`
    sets.set(key, [...(sets.get(key) ?? []), record])
  }
  return [...sets.values()].flatMap((set) => {
    const [first] = set
    if (first === undefined) return []
    const signatures = all
      .filter((record) => record.type === RRSIG.code && record.name.key === first.name.key)
      .map((record) => expectOk(decodeRdata(RRSIG, record.rdata), 'read the signature'))
      .filter(({ typeCovered }) => typeCovered === first.type)
    const rrset = { type: first.type, ttlSeconds: first.ttlSeconds, rdatas: set.map(({ rdata }) => rdata) }
    return [{ owner: first.name, rrset, signatures }]
  })
}

/** As Unbound's own test does: all algorithms of the keys that are supported must have a right signature. */
function judge(
  { owner, rrset, signatures }: Signed,
  keys: readonly ResourceRecord[],
): 'valid' | 'bogus' | 'unsupported' {
  const usable = keys
    .map(({ name: keyOwner, rdata }) => ({ keyOwner, key: expectOk(decodeRdata(DNSKEY, rdata), 'read the key') }))
    .filter(({ key }) => OLD.supports(key.algorithm))
  if (usable.length === 0) return 'unsupported'
  const right = new Set<number>()
  for (const rrsig of signatures) {
    for (const { keyOwner, key } of usable) {
      if (verifyRrsig({ owner, rrset, rrsig, keyOwner, key }, undefined, OLD).ok) right.add(rrsig.algorithm)
    }
  }
  return usable.every(({ key }) => right.has(key.algorithm)) ? 'valid' : 'bogus'
}
