import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeRdata, DNSKEY, type RRset } from '@scop/dns'
import { encodeBase64 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DNSSEC_LIMITS,
  formatPrivateKey,
  keyTag,
  makeKey,
  parseBindPrivateKey,
  parsePrivateKey,
  signingKey,
  signRrset,
  verifyRrsig,
} from '../src/index.ts'
import { readRfcVectors } from './rfc-vectors.ts'
import { name, records, VECTORS } from './vectors.ts'

const ALGORITHMS = createAlgorithms()
const ZONE = name('Example.com')

for (const algorithm of [8, 10, 13, 14, 15, 16]) {
  test(`what a fresh key of algorithm ${algorithm} signs is verified, and nothing else is`, () => {
    const key = makeKey(algorithm, { flags: 256, rsaBits: 1024 })
    const again = expectOk(
      signingKey(expectOk(parsePrivateKey(formatPrivateKey(key.privateKey)), 'read'), algorithm, 256),
      'key',
    )
    assert.deepEqual(again.dnskey, key.dnskey)
    const owners = ['example.com', 'a.EXAMPLE.com', '*.example.com', 'b.a.example.com'].map(name)
    fc.assert(
      fc.property(
        fc.constantFrom(...owners),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
        fc.nat(1000),
        (owner, rdatas, flip) => {
          const rrset: RRset = { type: 65280, ttlSeconds: 60, rdatas }
          const validity = { signer: ZONE, inceptionSeconds: 100, expirationSeconds: 200 }
          const [rrsig] = signRrset(owner, rrset, [again], validity)
          assert.ok(rrsig !== undefined)
          const signed = {
            owner,
            rrset: { ...rrset, rdatas: rdatas.toReversed() },
            rrsig,
            keyOwner: ZONE,
            key: key.dnskey,
          }
          assert.ok(verifyRrsig(signed, 150, ALGORITHMS).ok)
          const at = flip % rrsig.signature.length
          const signature = rrsig.signature.map((octet, i) => (i === at ? octet ^ 1 : octet))
          assert.ok(!verifyRrsig({ ...signed, rrsig: { ...rrsig, signature } }, 150, ALGORITHMS).ok)
          const longer = { ...rrset, rdatas: [...rdatas, new Uint8Array(41)] }
          assert.ok(!verifyRrsig({ ...signed, rrset: longer }, 150, ALGORITHMS).ok)
        },
      ),
      { numRuns: 20 },
    )
  })
}

test('a wildcard signature verifies at the names that it gave', () => {
  const key = makeKey(15, { flags: 256 })
  const rrset: RRset = { type: 1, ttlSeconds: 60, rdatas: [new Uint8Array(4)] }
  const validity = { signer: ZONE, inceptionSeconds: 100, expirationSeconds: 200 }
  const [rrsig] = signRrset(name('*.w.example.com'), rrset, [key], validity)
  assert.ok(rrsig !== undefined)
  const at = (text: string) =>
    verifyRrsig({ owner: name(text), rrset, rrsig, keyOwner: ZONE, key: key.dnskey }, 150, ALGORITHMS)
  for (const text of ['a.w.example.com', 'b.a.W.example.com']) {
    const verified = at(text)
    assert.equal(verified.ok && verified.value.wildcardLabels, 3)
  }
  for (const text of ['w.example.com', 'a.v.example.com']) assert.equal(at(text).ok, false)
})

test('tags that are to be avoided are', () => {
  const tags = new Set<number>()
  for (let i = 0; i < 0x8000; i++) tags.add(i)
  for (let i = 0; i < 20; i++) assert.ok(makeKey(15, { flags: 256, avoidTags: tags }).keyTag >= 0x8000)
})

test('the private keys of the RFCs sign what the RFCs show', (t) => {
  const vectors = readRfcVectors()
  if (vectors === undefined) return t.skip('vectors absent')
  let seen = 0
  for (const { source, owner, key, privateKey, signed } of vectors) {
    if (privateKey === undefined || signed === undefined) continue
    const file = `Private-key-format: v1.2\nAlgorithm: ${key.algorithm} (X)\nPrivateKey: ${privateKey}\n`
    const read = expectOk(parseBindPrivateKey(file), source)
    const mine = expectOk(signingKey(read.privateKey, read.algorithm, key.flags), source)
    assert.deepEqual(mine.dnskey, key, source)
    const { rrsig } = signed
    const validity = { signer: rrsig.signer, inceptionSeconds: rrsig.inception, expirationSeconds: rrsig.expiration }
    const [made] = signRrset(signed.owner, signed.rrset, [mine], validity)
    assert.ok(made !== undefined)
    // ECDSA is not the same twice.
    if (key.algorithm === 15) assert.equal(encodeBase64(made.signature), encodeBase64(rrsig.signature), source)
    assert.deepEqual({ ...made, signature: 0 }, { ...rrsig, signature: 0 }, source)
    assert.ok(verifyRrsig({ ...signed, rrsig: made, keyOwner: owner, key }, rrsig.inception, ALGORITHMS).ok, source)
    seen++
  }
  assert.equal(seen, 4)
})

test('the key files of BIND, Unbound and Hickory: private and public part agree', (t) => {
  if (!existsSync(join(VECTORS, 'dns'))) return t.skip('vectors absent')
  const counted = { agree: 0, differ: 0, unsupported: 0, malformed: 0 }
  const few = createAlgorithms({ limits: { ...DNSSEC_LIMITS, rsaMinimumBits: 512 }, sha1Signatures: true })
  for (const file of globSync(join(VECTORS, 'dns/**/*.private'))) {
    const read = parseBindPrivateKey(readFileSync(file, 'latin1'))
    if (!read.ok) {
      counted[read.error.kind === 'algorithm-unsupported' ? 'unsupported' : 'malformed']++
      continue
    }
    const beside = file.replace(/private$/, 'key')
    if (!existsSync(beside)) continue
    const record = records(readFileSync(beside, 'latin1')).find(({ type }) => type === DNSKEY.code)
    if (record === undefined) continue
    const theirs = expectOk(decodeRdata(DNSKEY, record.rdata), file)
    const made = signingKey(read.value.privateKey, theirs.algorithm, theirs.flags)
    if (!made.ok) {
      assert.match(file, /comparekeys\/Kexample-.\./, made.error.kind) // broken on purpose
      counted.differ++
      continue
    }
    const mine = made.value
    // Their exponent may have leading zeros.
    const rrset: RRset = { type: 1, ttlSeconds: 60, rdatas: [new Uint8Array(4)] }
    const [rrsig] = signRrset(ZONE, rrset, [{ ...mine, dnskey: theirs, keyTag: keyTag(theirs) }], {
      signer: ZONE,
      inceptionSeconds: 1,
      expirationSeconds: 9,
    })
    assert.ok(rrsig !== undefined)
    const verified = verifyRrsig({ owner: ZONE, rrset, rrsig, keyOwner: ZONE, key: theirs }, 5, few)
    if (verified.ok) counted.agree++
    else if (theirs.flags & 0x100) assert.fail(`${file}: ${verified.error.kind}`)
  }
  t.diagnostic(JSON.stringify(counted))
  assert.ok(counted.agree > 15)
})

const REFUSED: readonly (readonly [string, string])[] = [
  ['', 'not-a-private-key'],
  ['Private-key-format: v2.0\nAlgorithm: 13\nPrivateKey: AAAA\n', 'not-a-private-key'],
  ['Private-key-format: v1.3\nAlgorithm: 3 (DSA)\n', 'algorithm-unsupported'],
  ['Private-key-format: v1.3\nAlgorithm: x\n', 'algorithm-unsupported'],
  ['Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\n', 'field-missing'],
  ['Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: *\n', 'field-malformed'],
  ['Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: AAAA\n', 'field-malformed'],
  ['Private-key-format: v1.3\nAlgorithm: 15 (ED25519)\nPrivateKey: AAAA\n', 'field-malformed'],
  ['Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\nModulus: AAAA\n', 'field-missing'],
]
for (const [text, kind] of REFUSED) {
  test(`refuses a key file: ${kind} ${JSON.stringify(text.slice(24))}`, () => {
    const read = parseBindPrivateKey(text)
    assert.equal(!read.ok && read.error.kind, kind)
  })
}

test('refuses what is no private key, and a key of another algorithm', () => {
  assert.equal(parsePrivateKey('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n').ok, false)
  const key = makeKey(15, { flags: 256 }).privateKey
  for (const [algorithm, kind] of [
    [13, 'algorithm-differs'],
    [8, 'algorithm-differs'],
    [16, 'algorithm-differs'],
    [3, 'algorithm-unsupported'],
  ] as const) {
    const made = signingKey(key, algorithm, 256)
    assert.equal(!made.ok && made.error.kind, kind)
  }
})
