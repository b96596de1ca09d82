import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DANE_LIMITS, type DaneOptions, matchTlsa, type TlsaData } from '../src/index.ts'
import { subjectPublicKeyInfo } from '../src/subject-public-key-info.ts'
import { CERTIFICATES } from './dane-certificates.ts'

const { root, inter, impostor, leaf, short, noAuthority, child, self } = CERTIFICATES
const NOW = Date.parse('2030-01-01') / 1000
const CHAIN = [leaf, inter, root]

/** A record that matches this certificate. */
function tlsa(usage: number, selector: number, matchingType: number, certificate: Uint8Array): TlsaData {
  const content = selector === 1 ? (subjectPublicKeyInfo(certificate) ?? new Uint8Array(0)) : certificate
  const hash = (name: string): Uint8Array => new Uint8Array(createHash(name).update(content).digest())
  const association = matchingType === 1 ? hash('sha256') : matchingType === 2 ? hash('sha512') : content
  return { usage, selector, matchingType, association }
}

/** `match 0`, or the kind and why each record is refused. */
function judge(records: readonly TlsaData[], chain: readonly Uint8Array[], options: Partial<DaneOptions> = {}): string {
  const judgement = matchTlsa(records, chain, { now: NOW, names: ['mail.example'], ...options })
  if (judgement.kind === 'match') return `match ${judgement.depth}${judgement.needsPkix ? ' and PKIX' : ''}`
  if (judgement.kind === 'certificate-malformed') return judgement.kind
  return [judgement.kind, ...judgement.refusals.map(({ kind }) => kind)].join(' ')
}

for (const selector of [0, 1]) {
  for (const matchingType of [0, 1, 2]) {
    const made = (usage: number, certificate: Uint8Array): TlsaData => tlsa(usage, selector, matchingType, certificate)
    test(`selector ${selector}, matching type ${matchingType}`, () => {
      assert.equal(judge([made(3, leaf)], CHAIN), 'match 0')
      assert.equal(judge([made(3, leaf)], [leaf]), 'match 0')
      assert.equal(judge([made(2, inter)], CHAIN), 'match 1')
      assert.equal(judge([made(2, root)], CHAIN), 'match 2')
      assert.equal(judge([made(2, root)], [leaf, root, inter]), 'match 2') // in another order
      assert.equal(judge([made(2, self)], [self]), 'match 0')
      assert.equal(judge([made(0, root)], CHAIN, { usages: [0, 1] }), 'match 2 and PKIX')
      assert.equal(judge([made(1, leaf)], CHAIN, { usages: [0, 1] }), 'match 0 and PKIX')
      assert.equal(judge([made(3, inter)], CHAIN), 'no-match differs')
      assert.equal(judge([made(3, self)], CHAIN), 'no-match differs')
      assert.equal(judge([made(2, leaf)], CHAIN), 'no-match differs') // it is no anchor of its own
      assert.equal(judge([made(2, self)], CHAIN), 'no-match differs')
      assert.equal(judge([made(2, impostor)], CHAIN), 'no-match differs')
      assert.equal(judge([made(1, inter)], CHAIN, { usages: [1] }), 'no-match differs')
      assert.equal(judge([made(0, leaf)], CHAIN, { usages: [0] }), 'no-match differs')
      assert.equal(judge([made(0, root), made(1, leaf)], CHAIN), 'no-usable-record usage-not-usable usage-not-usable')
    })
  }
}

test('an anchor that the server does not show is in the record itself, or unknown', () => {
  assert.equal(judge([tlsa(2, 0, 0, root)], [leaf, inter]), 'match 2')
  assert.equal(judge([tlsa(2, 1, 0, root)], [leaf, inter]), 'match 2')
  assert.equal(judge([tlsa(2, 1, 0, inter)], [leaf]), 'match 1')
  assert.equal(judge([tlsa(2, 1, 1, root)], [leaf, inter]), 'no-match differs')
  assert.equal(judge([tlsa(2, 0, 0, root)], [leaf]), 'no-match differs')
  assert.equal(judge([tlsa(2, 0, 0, impostor)], [leaf]), 'no-match differs') // the issuer's name with another key
})

const UNUSABLE: readonly (readonly [string, TlsaData, string])[] = [
  ['usage 4', { ...tlsa(3, 1, 1, leaf), usage: 4 }, 'usage-not-usable'],
  ['usage 255', { ...tlsa(3, 1, 1, leaf), usage: 255 }, 'usage-not-usable'],
  ['selector 2', { ...tlsa(3, 1, 1, leaf), selector: 2 }, 'selector-unknown'],
  ['matching type 3', { ...tlsa(3, 1, 1, leaf), matchingType: 3 }, 'matching-type-unknown'],
  ['31 octets of SHA-256', { ...tlsa(3, 1, 1, leaf), association: new Uint8Array(31) }, 'digest-length'],
  ['32 octets of SHA-512', { ...tlsa(3, 1, 2, leaf), association: new Uint8Array(32) }, 'digest-length'],
  ['no certificate', { ...tlsa(3, 0, 0, leaf), association: Uint8Array.of(0x30, 0) }, 'association-malformed'],
  ['a cut certificate', { ...tlsa(2, 0, 0, root), association: root.subarray(0, -1) }, 'association-malformed'],
  ['no key', { ...tlsa(2, 1, 0, root), association: Uint8Array.of(1, 2, 3) }, 'association-malformed'],
]
for (const [what, record, kind] of UNUSABLE) {
  test(`${what}: unusable, ${kind}`, () => {
    assert.equal(judge([record], CHAIN), `no-usable-record ${kind}`)
    // Beside one that is usable it does not count.
    assert.equal(judge([record, tlsa(3, 1, 1, leaf)], CHAIN), 'match 0')
    assert.equal(judge([record, tlsa(3, 1, 1, self)], CHAIN), `no-match ${kind} differs`)
  })
}

const REFUSED: readonly (readonly [string, TlsaData, readonly Uint8Array[], Partial<DaneOptions>, string])[] = [
  ['another name', tlsa(2, 0, 1, root), CHAIN, { names: ['other.example'] }, 'no-match name-differs'],
  ['no name', tlsa(2, 0, 1, root), CHAIN, { names: [] }, 'no-match name-differs'],
  ['a wildcard over two labels', tlsa(2, 0, 1, root), CHAIN, { names: ['a.b.wild.example'] }, 'no-match name-differs'],
  ['before its time', tlsa(2, 0, 1, root), CHAIN, { now: 0 }, 'no-match not-yet-valid'],
  ['after its time', tlsa(2, 0, 1, root), [short, inter, root], {}, 'no-match expired'],
  ['below one that is no authority', tlsa(2, 0, 1, root), [child, noAuthority, root], {}, 'no-match not-an-authority'],
  ['an anchor that has not signed', tlsa(2, 0, 1, root), [self, root], {}, 'no-match differs'],
  ['a link that is missing', tlsa(2, 0, 1, root), [leaf, root], {}, 'no-match differs'],
  ['a link of the same name', tlsa(2, 0, 1, root), [leaf, impostor, root], {}, 'no-match differs'],
]
for (const [what, record, chain, options, judgement] of REFUSED) {
  test(`refuses ${what}: ${judgement}`, () => assert.equal(judge([record], chain, options), judgement))
}

test('usage 3 asks neither for names nor for dates nor for who has signed', () => {
  assert.equal(judge([tlsa(3, 1, 1, short)], [short, self], { names: [] }), 'match 0')
})

test('names of usage 2: one of several, also by a wildcard', () => {
  for (const names of [['other.example', 'mail.example'], ['MAIL.example'], ['a.wild.example']]) {
    assert.equal(judge([tlsa(2, 1, 1, inter)], CHAIN, { names }), 'match 1')
  }
})

test('a digest counts only where there is no stronger one of the same usage and selector', () => {
  const [good, strong] = [tlsa(3, 1, 1, leaf), tlsa(3, 1, 2, self)]
  assert.equal(judge([good, strong], CHAIN), 'no-match weaker-digest differs')
  assert.equal(judge([good, tlsa(3, 0, 2, self)], CHAIN), 'match 0')
  assert.equal(judge([good, tlsa(2, 1, 2, self)], CHAIN), 'match 0')
  assert.equal(judge([good, { ...strong, association: new Uint8Array(3) }], CHAIN), 'match 0')
})

test('what the server shows must be certificates', () => {
  const record = tlsa(3, 1, 1, leaf)
  for (const chain of [[], [new Uint8Array(0)], [leaf.subarray(0, 100)], [leaf, Uint8Array.of(1)]]) {
    assert.equal(judge([record], chain), 'certificate-malformed')
  }
})

test('limits: certificates and records', () => {
  const { certificates, records } = DANE_LIMITS
  const padding = (count: number) => Array.from({ length: count }, () => self)
  assert.equal(judge([tlsa(2, 0, 1, inter)], [leaf, ...padding(certificates - 2), inter]), 'match 1')
  assert.equal(judge([tlsa(2, 0, 1, inter)], [leaf, ...padding(certificates - 1), inter]), 'no-match differs')
  const others = (count: number) => Array.from({ length: count }, () => tlsa(3, 1, 1, self))
  assert.equal(judge([...others(records - 1), tlsa(3, 1, 1, leaf)], CHAIN), 'match 0')
  assert.match(judge([...others(records), tlsa(3, 1, 1, leaf)], CHAIN), /^no-match(?: differs)+$/)
})

test('no octet of a certificate can be changed without a refusal, nor does any cut throw', () => {
  for (let i = 0; i < leaf.length; i += 7) {
    const changed = leaf.with(i, (leaf[i] ?? 0) ^ 0xff)
    assert.match(judge([tlsa(3, 0, 1, leaf)], [changed]), /^(?:no-match differs|certificate-malformed)$/)
    assert.equal(subjectPublicKeyInfo(leaf.subarray(0, i)), undefined)
  }
})
