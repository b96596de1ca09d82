// RFC 9989 §4.10, §5.3, App. B.1; RFC 7489 §6.6.4
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DmarcVerdict, dmarcResult, strictestFailure, VerifiedAuthor } from '../src/index.ts'
import { sentBy, signedBy } from './proofs.ts'
import { evaluate, type Zone } from './zone.ts'

const words = ({ outcome, policy }: DmarcVerdict) =>
  policy === undefined ? outcome : `${outcome} ${policy.tag}=${policy.published} ${policy.requested} @${policy.domain}`

const example: Zone = { records: { 'example.com': 'v=DMARC1; p=reject' } }

test("the RFC's alignment examples", () => {
  for (const [author, domain, relaxed, strict] of [
    ['example.com', 'example.com', 'pass', 'pass'], // B.1.1, B.1.2 example 1
    ['example.com', 'child.example.com', 'pass', 'fail'], // B.1.1 example 2
    ['child.example.com', 'example.com', 'pass', 'fail'], // B.1.2 example 2
    ['child.example.com', 'example.net', 'fail', 'fail'], // example 3 of both
    ['news.example.com', 'foo.example.com', 'pass', 'fail'], // §4.4, table 1
    ['news.example.com', 'news.example.com', 'pass', 'pass'],
    ['news.example.com', 'foo.example.net', 'fail', 'fail'],
    ['example.com', 'com', 'fail', 'fail'],
    ['example.com', 'notexample.com', 'fail', 'fail'],
    ['example.com', 'example.com.evil.com', 'fail', 'fail'],
  ] as const) {
    const strictZone = { records: { 'example.com': 'v=DMARC1; p=reject; aspf=s; adkim=s' } }
    const signed = { signatures: [signedBy(domain)] }
    for (const proofs of domain === 'com' ? [signed] : [signed, { spfProof: sentBy(domain) }]) {
      assert.equal(evaluate(author, example, proofs).verdict.outcome, relaxed, `${author} ${domain} relaxed`)
      assert.equal(evaluate(author, strictZone, proofs).verdict.outcome, strict, `${author} ${domain} strict`)
    }
  }
})

test('each mechanism has its own mode', () => {
  const zone = { records: { 'example.com': 'v=DMARC1; p=reject; adkim=s' } }
  assert.equal(evaluate('example.com', zone, { spfProof: sentBy('m.example.com') }).verdict.outcome, 'pass')
  assert.equal(evaluate('example.com', zone, { signatures: [signedBy('m.example.com')] }).verdict.outcome, 'fail')
  const many = [signedBy('example.net'), signedBy('m.example.com'), signedBy('example.com')]
  assert.equal(evaluate('example.com', zone, { signatures: many }).verdict.outcome, 'pass')
})

test('HELO counts only where the sender is null', () => {
  const spfProof = sentBy('example.com', 'helo')
  assert.equal(evaluate('example.com', example, { spfProof }).verdict.outcome, 'fail')
  assert.equal(evaluate('example.com', example, { spfProof, nullSender: true }).verdict.outcome, 'pass')
})

test('the policy: whose record, which tag', () => {
  const org = 'v=DMARC1; p=quarantine; sp=none; np=reject'
  for (const [author, records, missing, expected] of [
    ['example.com', { 'example.com': org }, [], 'fail p=quarantine quarantine @example.com'],
    ['a.example.com', { 'example.com': org }, [], 'fail sp=none none @example.com'],
    ['a.example.com', { 'example.com': org }, ['a.example.com'], 'fail np=reject reject @example.com'],
    [
      'a.example.com',
      { 'example.com': 'v=DMARC1;p=none;sp=reject' },
      ['a.example.com'],
      'fail sp=reject reject @example.com',
    ],
    ['a.example.com', { 'example.com': 'v=DMARC1;p=reject' }, ['a.example.com'], 'fail p=reject reject @example.com'],
    [
      'a.example.com',
      { 'example.com': org, 'a.example.com': 'v=DMARC1; p=none; sp=reject' },
      [],
      'fail p=none none @a.example.com',
    ],
    // a record between the author and the organisation is not the organisation's
    [
      'a.b.example.com',
      { 'example.com': org, 'b.example.com': 'v=DMARC1; p=reject' },
      [],
      'fail sp=none none @example.com',
    ],
    [
      'a.b.example.com',
      { 'example.com': org, 'b.example.com': 'v=DMARC1; p=reject; psd=n' },
      [],
      'fail p=reject reject @b.example.com',
    ],
    ['example.com', {}, [], 'none'],
    ['example.com', { 'example.com': ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] }, [], 'none'],
    ['example.com', { 'example.com': 'v=DMARC1; p=block' }, [], 'permerror'],
    ['a.example.com', { 'example.com': 'v=DMARC1' }, [], 'permerror'],
    [
      'example.com',
      { 'example.com': 'v=DMARC1; p=block; rua=mailto:a@example.com' },
      [],
      'fail p=none none @example.com',
    ],
    // public suffixes: RFC 9989 §4.10.2
    ['example.bank', { bank: 'v=DMARC1; p=reject; psd=y' }, [], 'fail p=reject reject @bank'],
    ['example.bank', { bank: 'v=DMARC1; p=none; np=reject; psd=y' }, ['example.bank'], 'fail np=reject reject @bank'],
    [
      'a.example.bank',
      { bank: 'v=DMARC1; p=reject; psd=y', 'example.bank': 'v=DMARC1; p=none' },
      [],
      'fail p=none none @example.bank',
    ],
    ['bank', { bank: 'v=DMARC1; p=reject; psd=y' }, [], 'fail p=reject reject @bank'],
  ] as const) {
    const zone: Zone = { records, missing }
    assert.equal(words(evaluate(author, zone).verdict), expected, `${author} ${JSON.stringify(records)}`)
  }
})

test('t=y and pct ask for one level less', () => {
  for (const [record, sample, expected, eased] of [
    ['p=reject; t=y', 0, 'quarantine', 'testing'],
    ['p=quarantine; t=y', 0, 'none', 'testing'],
    ['p=none; t=y', 0, 'none', 'testing'],
    ['p=reject; t=n; pct=0', 0, 'reject', undefined],
    ['p=reject; pct=0', 0, 'quarantine', 'not-sampled'],
    ['p=quarantine; pct=30', 30, 'none', 'not-sampled'],
    ['p=quarantine; pct=30', 29, 'quarantine', undefined],
    ['p=reject; pct=100', 99, 'reject', undefined],
  ] as const) {
    const zone: Zone = { records: { 'example.com': `v=DMARC1; ${record}` } }
    const { policy } = evaluate('example.com', zone, { sample }).verdict
    assert.deepEqual([policy?.requested, policy?.eased], [expected, eased], record)
  }
  assert.throws(() => evaluate('example.com', example, { sample: 100 }))
})

test('organisations end where psd says', () => {
  const psd = { records: { 'gov.example': 'v=DMARC1; p=none; psd=y', 'a.gov.example': 'v=DMARC1; p=reject' } }
  const other = { signatures: [signedBy('b.gov.example')] }
  assert.equal(evaluate('a.gov.example', psd, other).verdict.outcome, 'fail')
  assert.equal(evaluate('a.gov.example', psd, { signatures: [signedBy('x.a.gov.example')] }).verdict.outcome, 'pass')
  assert.equal(evaluate('a.gov.example', psd, { signatures: [signedBy('gov.example')] }).verdict.outcome, 'fail')
  // without psd=y the suffix looks like the organisation of all: RFC 9989 §11.8
  const untold = { records: { ...psd.records, 'gov.example': 'v=DMARC1; p=none' } }
  assert.equal(evaluate('a.gov.example', untold, other).verdict.outcome, 'pass')
  const protected_ = { records: { ...untold.records, 'a.gov.example': 'v=DMARC1; p=reject; psd=n' } }
  assert.equal(evaluate('a.gov.example', protected_, other).verdict.outcome, 'fail')
  // the identifier's own walk may end in another organisation below the author's
  const below = { records: { ...example.records, 'evil.example.com': 'v=DMARC1; p=none; psd=n' } }
  assert.equal(evaluate('example.com', below, { signatures: [signedBy('x.evil.example.com')] }).verdict.outcome, 'fail')
})

test('compares A-labels', () => {
  const zone: Zone = { records: { 'xn--bcher-kva.example': 'v=DMARC1; p=reject' } }
  const { outcome, author } = evaluate('xn--bcher-kva.example', zone, {
    spfProof: sentBy('xn--bcher-kva.example'),
  }).verdict
  assert.deepEqual([outcome, author], ['pass', 'xn--bcher-kva.example'])
})

test('DNS that does not answer is neither pass nor fail', () => {
  const mail = { signatures: [signedBy('m.example.com')] }
  for (const [author, down, proofs, expected] of [
    ['example.com', ['example.com'], {}, 'temperror'],
    ['a.example.com', ['example.com'], {}, 'temperror'],
    ['a.example.com', ['com'], {}, 'temperror'],
    ['example.com', ['com'], mail, 'temperror'],
    ['example.com', ['m.example.com'], mail, 'temperror'],
    // what the result does not rest on was not needed
    ['example.com', ['com'], {}, 'fail'],
    [
      'example.com',
      ['com', 'm.example.com'],
      { signatures: [signedBy('m.example.com'), signedBy('example.com')] },
      'pass',
    ],
    ['example.com', ['m.example.com'], { signatures: [...mail.signatures, signedBy('n.example.com')] }, 'pass'],
  ] as const) {
    const { verdict } = evaluate(author, { ...example, down }, proofs)
    assert.equal(verdict.outcome, expected, `${author} ${down.join(' ')}`)
    assert.equal(VerifiedAuthor.isProof(verdict.proof ?? {}), expected === 'pass')
  }
  const np: Zone = { records: { 'example.com': 'v=DMARC1; p=none; np=reject' }, down: ['a.example.com'] }
  assert.equal(evaluate('a.example.com', np).verdict.outcome, 'temperror')
})

test('says every step', () => {
  const { verdict } = evaluate('a.example.com', example, {
    spfProof: sentBy('example.net'),
    signatures: [signedBy('b.example.com')],
  })
  assert.deepEqual(verdict.steps, [
    'asked _dmarc.a.example.com: no record',
    'asked _dmarc.example.com: found',
    'asked _dmarc.com: no record',
    "the author's organisational domain is example.com",
    'SPF example.net is not aligned (relaxed): it has no name in common with a.example.com',
    "DKIM b.example.com (s1) is aligned (relaxed): organisational domain example.com, author's example.com",
    'p=reject applies: from the record of example.com',
  ])
  assert.deepEqual(
    verdict.identifiers.map(({ mechanism, domain, aligned }) => `${mechanism} ${domain} ${aligned}`),
    ['spf example.net false', 'dkim b.example.com true'],
  )
  assert.deepEqual(dmarcResult(verdict), {
    method: 'dmarc',
    result: 'pass',
    properties: [
      { type: 'header', name: 'from', value: 'a.example.com' },
      { type: 'policy', name: 'dmarc', value: 'reject' },
    ],
  })
})

test('what is no proof is our own mistake', () => {
  const forged = <T extends object>(like: T): T => Object.create(like) as T // as: untyped code could make it
  assert.throws(() => evaluate('example.com', example, { signatures: [forged(signedBy('example.com'))] }), /proof/)
  assert.throws(() => evaluate('example.com', example, { spfProof: forged(sentBy('example.com')) }), /proof/)
  assert.throws(() => new VerifiedAuthor(Symbol('verified'), signedBy('example.com').domain))
})

test('of several author domains the strictest failure counts', () => {
  const verdictOf = (record: string, author = 'example.com') =>
    evaluate(author, { records: { 'example.com': `v=DMARC1; ${record}` } }, { spfProof: sentBy('pass.example.com') })
      .verdict
  const [none, quarantine, reject] = ['none', 'quarantine', 'reject'].map((policy) => verdictOf(`p=${policy}; aspf=s`))
  const pass = verdictOf('p=reject')
  const unknown = verdictOf('p=reject', 'example.net')
  assert.ok(none && quarantine && reject)
  assert.equal(strictestFailure([none, reject, quarantine]), reject)
  assert.equal(strictestFailure([none, pass, unknown]), none)
  assert.equal(strictestFailure([pass, unknown]), undefined)
  assert.equal(strictestFailure([]), undefined)
})
