// RFC 9989 §4.10, §5.1.8 (names of more than eight labels)
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DMARC_LIMITS, walkDomains } from '../src/index.ts'
import { name, sentBy, signedBy } from './proofs.ts'
import { evaluate } from './zone.ts'

test("the RFC's walk", () => {
  assert.deepEqual(walkDomains(name('a.b.c.d.e.f.g.h.i.j.mail.example.com')), [
    'a.b.c.d.e.f.g.h.i.j.mail.example.com',
    'g.h.i.j.mail.example.com',
    'h.i.j.mail.example.com',
    'i.j.mail.example.com',
    'j.mail.example.com',
    'mail.example.com',
    'example.com',
    'com',
  ])
  assert.deepEqual(walkDomains(name('a.mail.example.com')), [
    'a.mail.example.com',
    'mail.example.com',
    'example.com',
    'com',
  ])
  assert.deepEqual(walkDomains(name('com')), ['com'])
  const lengths = [7, 8, 9, 120].map((labels) => walkDomains(name(Array(labels).fill('x').join('.'))).length)
  assert.deepEqual(lengths, [7, 8, 8, 8])
})

test('120 labels cost eight queries', () => {
  const author = `${'x.'.repeat(118)}ex.com`
  const { verdict, asked, rounds } = evaluate(author, {})
  assert.deepEqual([verdict.outcome, asked.length, verdict.queries, rounds], ['none', 8, 8, 2])
  const inherited = evaluate(author, { records: { 'ex.com': 'v=DMARC1; p=reject' } })
  assert.deepEqual([inherited.verdict.outcome, inherited.asked.length], ['fail', 8])
})

test('a record beyond the jump is not found, one at the author is', () => {
  const author = 'mail.a.b.c.d.e.f.g.example.com'
  const cut = { records: { 'a.b.c.d.e.f.g.example.com': 'v=DMARC1; p=reject' } }
  assert.equal(evaluate(author, cut).verdict.outcome, 'none')
  assert.equal(evaluate(author, { records: { [author]: 'v=DMARC1; p=reject' } }).asked.length, 1)
})

test('asks no name twice, and nothing that cannot change the result', () => {
  const zone = { records: { 'example.com': 'v=DMARC1; p=reject' } }
  const asked = (author: string, ...domains: readonly string[]) =>
    evaluate(author, zone, { signatures: domains.map(signedBy) }).asked
  assert.deepEqual(asked('example.com'), ['_dmarc.example.com'])
  assert.deepEqual(asked('example.com', 'example.com', 'a.example.com'), ['_dmarc.example.com'])
  assert.deepEqual(asked('example.com', 'example.net'), ['_dmarc.example.com'])
  assert.deepEqual(asked('example.com', 'evil.com'), ['_dmarc.example.com', '_dmarc.com'])
  assert.deepEqual(asked('example.com', 'a.example.com', 'b.a.example.com', 'a.example.com'), [
    '_dmarc.example.com',
    '_dmarc.com',
    '_dmarc.a.example.com',
    '_dmarc.b.a.example.com',
  ])
  const np = { records: { 'example.com': 'v=DMARC1; p=reject; np=reject' } }
  assert.equal(evaluate('a.example.com', np).asked.includes('a.example.com'), false)
})

test('many identifiers cost no more than their limit', () => {
  const { signatures: limit } = DMARC_LIMITS
  const zone = { records: { 'example.com': 'v=DMARC1; p=reject' } }
  const hostile = Array.from({ length: limit + 5 }, (_, n) => signedBy(`${'x.'.repeat(20)}n${n}.example.com`))
  const { verdict, asked } = evaluate('example.com', { ...zone, down: [] }, { signatures: hostile })
  assert.equal(verdict.identifiers.length, limit)
  assert.ok(asked.length <= 2 + limit * 8)
  assert.ok(verdict.steps.includes('5 more signatures are not looked at'))
})

test('a name that "_dmarc." makes too long is not asked', () => {
  const label = 'x'.repeat(60)
  const author = `${label}.${label}.${label}.${'y'.repeat(58)}.example.co`
  assert.ok(author.length > 246)
  const { verdict, asked } = evaluate(author, {}, { spfProof: sentBy('example.co') })
  assert.equal(verdict.outcome, 'none')
  assert.ok(asked.every((one) => one.length <= 253))
})
