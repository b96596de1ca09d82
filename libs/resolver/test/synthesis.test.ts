// Answers that are made of what was verified before, without asking: denials and wildcards. RFC 8198 §5

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRdata, NSEC, NSEC3, type Question, RCODE } from '@scop/dns'
import { encodeHex } from '@scop/octets'
import fc from 'fast-check'
import type { Fetched } from '../src/index.ts'
import { question, signedTree, Validation } from './signed-tree.ts'

const TREES = [
  ['NSEC', signedTree()],
  ['NSEC3', signedTree({ kind: 'nsec3', optOut: false })],
  ['NSEC3 with opt-out', signedTree({ kind: 'nsec3', optOut: true })],
] as const

/** `[asked before, asked now, what is made]` */
const WILDCARDS: readonly (readonly [before: readonly string[], now: string, made: string | undefined])[] = [
  [['x.wild.example A'], 'x.wild.example A', '0 c0000202'],
  [['x.wild.example A'], 'y.wild.example A', '0 c0000202'],
  [['x.wild.example A'], 'z.y.wild.example A', '0 c0000202'],
  [['x.y.wild.example A'], 'z.wild.example A', '0 c0000202'],
  // The name, or one nearer, is there.
  [['x.wild.example A'], 'b.near.wild.example A', undefined],
  [['x.wild.example A'], 'near.wild.example A', undefined],
  [['x.wild.example A'], 'c.near.wild.example A', undefined],
  [['x.wild.example A'], 'wild.example A', undefined],
  // Another type, another wildcard, and nothing known.
  [['x.wild.example A'], 'y.wild.example TXT', undefined],
  [['x.any.signed.example TXT'], 'y.any.signed.example TXT', '0 03616e79'],
  [['x.any.signed.example TXT'], 'y.wild.example A', undefined],
  [['x.wild.example A'], 'y.any.signed.example TXT', undefined],
  // An alias is no answer to another type.
  [['x.cw.example A'], 'y.cw.example A', undefined],
  [[], 'y.wild.example A', undefined],
]

const asked = (text: string): Question => {
  const [name = '', type = ''] = text.split(' ')
  return question(name, type)
}

function said(fetched: Pick<Fetched, 'rcode' | 'answer'> | undefined, { type }: Question): string | undefined {
  if (fetched === undefined) return undefined
  const data = fetched.answer
    .filter((rrset) => rrset.type === type)
    .flatMap(({ rdatas }) => rdatas.map((rdata) => encodeHex(canonicalRdata(type, rdata))))
  return [fetched.rcode, ...data.sort()].join(' ')
}

for (const [before, now, made] of WILDCARDS) {
  test(`NSEC: after ${before.join(', ') || 'nothing'}: ${now} is ${made ?? 'asked for'}`, () => {
    const validation = new Validation(TREES[0][1])
    for (const each of before) assert.equal(validation.try(asked(each)).validated.security, 'secure')
    const synthesised = validation.synthesise(asked(now), 0)
    assert.equal(said(synthesised, asked(now)), made)
    if (synthesised === undefined) return
    assert.equal(synthesised.security, 'secure')
    assert.ok(
      synthesised.answer.every(({ name, signatures }) => name.key === asked(now).name.key && signatures.length > 0),
    )
    assert.ok(synthesised.authority.some(({ type }) => type === NSEC.code))
  })
}

test('NSEC3: the same; with opt-out nothing is made, since names may hide there', () => {
  for (const [kind, tree] of TREES) {
    const validation = new Validation(tree)
    validation.try(asked('x.wild.example A'))
    const again = validation.synthesise(asked('x.wild.example A'), 0)
    assert.equal(said(again, asked('x.wild.example A')), kind.endsWith('opt-out') ? undefined : '0 c0000202', kind)
    if (kind === 'NSEC3') assert.ok(again?.authority.some(({ type }) => type === NSEC3.code))
  }
})

test('what was made lives no longer than what it is made of', () => {
  const validation = new Validation(TREES[0][1])
  validation.try(asked('x.wild.example A'))
  const ttlOf = (nowMs: number): number | undefined =>
    validation.synthesise(asked('y.wild.example A'), nowMs)?.ttlSeconds
  const first = ttlOf(0) ?? 0
  assert.ok(first > 0 && first <= 3600)
  assert.equal(ttlOf(100_000), first - 100)
  assert.equal(ttlOf(first * 1000), undefined)
})

const NAMES = [
  ...['x', 'y', 'a.near', 'b.near', 'c.near', 'near', 'z.b.near', 'a.b', ''].map((below) => `${below}.wild.example`),
  ...['www', 'x', 'f', 'e.f', 'd.e.f', 'c.e.f', 'x.any', 'any', 'ns'].map((below) => `${below}.signed.example`),
  ...['www', 'alias', 'none', 'cw', 'x.cw', 'mx', 'far', 'old', 'x.old'].map((below) => `${below}.example`),
].map((text) => text.replace(/^\./, ''))
const anyQuestion = fc.record({
  name: fc.constantFrom(...NAMES),
  type: fc.constantFrom('A', 'AAAA', 'TXT', 'MX', 'CNAME'),
})

for (const [kind, tree] of TREES) {
  test(`${kind}: what is made is what would be answered`, () => {
    fc.assert(
      fc.property(fc.array(anyQuestion, { maxLength: 8 }), anyQuestion, (before, now) => {
        const validation = new Validation(tree)
        for (const each of before) validation.try(question(each.name, each.type))
        const wanted = question(now.name, now.type)
        const made = validation.synthesise(wanted, 0)
        if (made === undefined) return
        const truth = new Validation(tree).try(wanted).validated
        assert.equal(truth.security, 'secure')
        assert.equal(said(made, wanted), said(truth, wanted))
        assert.ok(made.rcode === RCODE.NOERROR || made.answer.length === 0)
      }),
      { numRuns: 300 },
    )
  })
}
