// What check_host() answers, and that each limit stops it. The tables of RFC 7208's own suite run in tests/suites.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeProblem, reasoningOf, SPF_LIMITS, spfResult, VerifiedSpf } from '../src/index.ts'
import { check, type Zone } from './zone.ts'

const txt = (...records: string[]): Zone => ({ 'TXT example.com': records })

test('a pass gives a proof, and nothing else does', async () => {
  const passed = await check(txt('v=spf1 ip4:192.0.2.0/24 -all'))
  assert.equal(passed.result, 'pass')
  assert.ok(passed.proof !== undefined && VerifiedSpf.isProof(passed.proof))
  assert.equal(passed.proof.domain, 'example.com')
  assert.deepEqual(passed.decidedBy, { domain: 'example.com', term: 'ip4:192.0.2.0/24' })
  for (const record of ['v=spf1 -all', 'v=spf1 ~all', 'v=spf1 ?all', 'v=spf1', 'v=spf1 nonsense']) {
    assert.equal((await check(txt(record))).proof, undefined, record)
  }
  assert.throws(() => Reflect.construct(VerifiedSpf, [Symbol('checked'), 'example.com', 'mailfrom', '192.0.2.1']))
})

test('a pass of a name that no host can have gives no proof', async () => {
  const outcome = await check({ 'TXT _x.example.com': ['v=spf1 +all'] }, { sender: 'a@_x.example.com' })
  assert.equal(outcome.result, 'pass')
  assert.equal(outcome.proof, undefined)
})

test('the null sender is HELO, and says so', async () => {
  const outcome = await check(
    { 'TXT mail.example.com': ['v=spf1 exists:%{l}.%{o} -all'], 'A postmaster.mail.example.com': ['127.0.0.2'] },
    { sender: '' },
  )
  assert.equal(outcome.identity, 'helo')
  assert.equal(outcome.result, 'pass')
  assert.deepEqual(spfResult(outcome, '').properties, [{ type: 'smtp', name: 'helo', value: 'mail.example.com' }])
})

test('an IPv4 client behind a dual-stack socket is one of IPv4', async () => {
  assert.equal((await check(txt('v=spf1 ip4:192.0.2.1 -all'), { client: '::ffff:192.0.2.1' })).result, 'pass')
})

const includes = (count: number): Zone => ({
  ...txt(`v=spf1 ${Array.from({ length: count }, (_, i) => `include:i${i}.example.com`).join(' ')} +all`),
  ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`TXT i${i}.example.com`, ['v=spf1 -all']])),
})

for (const [name, zone, kind] of [
  ['eleven includes', includes(11), 'too-many-lookups'],
  ['an include of itself', txt('v=spf1 include:example.com -all'), 'too-many-lookups'],
  ['a redirect to itself', txt('v=spf1 redirect=example.com'), 'too-many-lookups'],
  ['three names without address', txt('v=spf1 a:a.x.test a:b.x.test a:c.x.test +all'), 'too-many-void-lookups'],
  [
    'eleven mail exchangers',
    { ...txt('v=spf1 mx +all'), 'MX example.com': Array.from({ length: 11 }, (_, i) => `m${i}.example.com`) },
    'too-many-mx-hosts',
  ],
  ['two records', txt('v=spf1 +all', 'v=spf1 -all'), 'several-records'],
  ['an include without record', txt('v=spf1 include:none.example.com +all'), 'target-without-record'],
  ['a redirect without record', txt('v=spf1 redirect=none.example.com'), 'target-without-record'],
  ['an include of what is no name', txt('v=spf1 include:%{l}.example.com +all'), 'target-not-a-domain'],
  ['a record too long', txt(`v=spf1 ${'ip4:192.0.2.7 '.repeat(1200)}+all`), 'bad-record'],
  ['too many terms', txt(`v=spf1 ${'?all '.repeat(1025)}+all`), 'bad-record'],
] as const) {
  test(`${name}: permerror, never a pass`, async () => {
    const outcome = await check(zone, name.includes('no name') ? { sender: 'a..b@example.com' } : {})
    assert.equal(outcome.result, 'permerror')
    assert.equal(outcome.problem?.kind, kind)
    assert.equal(outcome.proof, undefined)
    assert.notEqual(describeProblem(outcome.problem), '')
  })
}

test('ten includes and two voids are within the limits', async () => {
  const outcome = await check(includes(10))
  assert.equal(outcome.result, 'pass')
  assert.equal(outcome.lookups, SPF_LIMITS.lookups)
  const voids = await check(txt('v=spf1 a:a.x.test a:b.x.test +all'))
  assert.equal(voids.result, 'pass')
  assert.equal(voids.voidLookups, SPF_LIMITS.voidLookups)
})

for (const [record, question] of [
  ['v=spf1 a +all', 'A example.com'],
  ['v=spf1 mx +all', 'MX example.com'],
  ['v=spf1 include:i.example.com +all', 'TXT i.example.com'],
  ['v=spf1 exists:e.example.com +all', 'A e.example.com'],
  ['v=spf1 redirect=r.example.com', 'TXT r.example.com'],
] as const) {
  test(`${record}: temperror while DNS does not answer ${question}`, async () => {
    const outcome = await check({ ...txt(record), [question]: 'fails' })
    assert.equal(outcome.result, 'temperror')
    assert.equal(outcome.problem?.kind, 'dns-unavailable')
    assert.equal(outcome.proof, undefined)
  })
}

test('ptr: ten names at most are looked at, and DNS that does not answer only does not match', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `h${i}.example.com`)
  const zone = { ...txt('v=spf1 ptr -all'), 'PTR 1.2.0.192.in-addr.arpa': names }
  assert.equal((await check({ ...zone, 'A h9.example.com': ['192.0.2.1'] })).result, 'pass')
  assert.equal((await check({ ...zone, 'A h10.example.com': ['192.0.2.1'] })).result, 'fail')
  assert.equal((await check({ ...txt('v=spf1 ptr -all'), 'PTR 1.2.0.192.in-addr.arpa': 'fails' })).result, 'fail')
})

test('an explanation is cut and made printable', async () => {
  const zone = { ...txt('v=spf1 -all exp=e.example.com'), 'TXT e.example.com': [`%{l}${'x'.repeat(5000)}`] }
  const outcome = await check(zone, { sender: 'a\r\nb@example.com' })
  assert.equal(outcome.explanation?.length, SPF_LIMITS.explanationOctets)
  assert.ok(outcome.explanation.startsWith('a??bxxx'))
  assert.equal((await check(zone, { explain: false })).explanation, undefined)
})

test('the reasoning shows every record and term on the way', async () => {
  const outcome = await check({
    ...txt('v=spf1 include:i.example.com a ~all'),
    'TXT i.example.com': ['v=spf1 ip4:198.51.100.1 -all'],
    'A example.com': ['192.0.2.9'],
  })
  assert.deepEqual(reasoningOf(outcome), [
    'MAIL FROM example.com, client 192.0.2.1: softfail',
    '  example.com: v=spf1 include:i.example.com a ~all',
    '    include:i.example.com: does not match',
    '      i.example.com: v=spf1 ip4:198.51.100.1 -all',
    '        ip4:198.51.100.1: does not match',
    '        -all: matches',
    '      i.example.com gives fail',
    '    a (example.com): does not match, found 192.0.2.9',
    '    ~all: matches',
    '  example.com gives softfail',
    '  2 terms asked DNS, 0 found nothing',
  ])
})

test('whatever the zone says, a check ends within its limits', async () => {
  const name = fc.constantFrom('example.com', 'b.example.com', 'c.example.com')
  const term = fc.oneof(
    fc
      .tuple(fc.constantFrom('', '-', '~', '?'), fc.constantFrom('include:', 'exists:', 'a:', 'mx:', 'ptr:'), name)
      .map(([q, kind, at]) => `${q}${kind}${at}`),
    fc.constantFrom('a', 'mx', 'ptr', '?all', 'ip4:198.51.100.0/24', 'include:%{d}', 'exists:%{ir}.%{p}.example.com'),
  )
  const record = fc.array(term, { maxLength: 8 }).map((terms) => ['v=spf1', ...terms].join(' '))
  await fc.assert(
    fc.asyncProperty(record, record, record, fc.boolean(), async (a, b, c, redirect) => {
      const outcome = await check({
        'TXT example.com': [redirect ? `${a} redirect=b.example.com` : a],
        'TXT b.example.com': [b],
        'TXT c.example.com': [c],
        'MX b.example.com': ['example.com', 'c.example.com'],
        'A c.example.com': ['192.0.2.1'],
        'PTR 1.2.0.192.in-addr.arpa': ['c.example.com'],
      })
      assert.ok(outcome.lookups <= SPF_LIMITS.lookups + 1 && outcome.voidLookups <= SPF_LIMITS.voidLookups + 1)
      assert.equal(outcome.proof !== undefined, outcome.result === 'pass')
    }),
    { numRuns: 300 },
  )
})
