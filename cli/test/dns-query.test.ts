// RFC 1034 §4.2.2, RFC 4035 §5, RFC 7208 §4.5, RFC 7489 §6.6.3: what is said of a domain, and the steps of a question as a tree.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatName, formatType, parseName, parseRecords, ROOT, SOA, EMPTY_MESSAGE } from '@scop/dns'
import { expectOk } from '@scop/result'
import { questionOf } from '../src/dns-query.ts'
import {
  type Finding,
  judgeDmarc,
  judgeDnssec,
  judgeResolution,
  judgeServers,
  judgeSpf,
  recordsOf,
} from '../src/domain-findings.ts'
import { formatStepTree } from '../src/step-tree.ts'

test('steps stand below the lookup that they belong to, lookups below the one that waits', () => {
  const step = (lookup: number, parent: number | undefined, what: string) => ({
    lookup,
    parent,
    question: `q${lookup}`,
    what,
  })
  const lines = formatStepTree([
    step(1, undefined, 'ask'),
    step(2, 1, 'ask below'),
    step(1, undefined, 'meanwhile'),
    step(2, 1, 'answer below'),
    step(3, 2, 'deeper'),
    step(1, undefined, 'done'),
    step(9, 7, 'whose parent said nothing'),
  ])
  assert.deepEqual(lines, [
    'q1',
    '├─ ask',
    '├─ q2',
    '│  ├─ ask below',
    '│  ├─ answer below',
    '│  └─ q3',
    '│     └─ deeper',
    '├─ meanwhile',
    '└─ done',
    'q9',
    '└─ whose parent said nothing',
  ])
  assert.deepEqual(formatStepTree([]), [])
})

test('a question is a name and a type, an address is asked backwards', () => {
  const said = (text: string, type?: string): string => {
    const question = questionOf(text, type)
    return `${formatName(question.name)} ${formatType(question.type)}`
  }
  assert.equal(said('one.example'), 'one.example. A')
  assert.equal(said('_25._tcp.mx.one.example', 'tlsa'), '_25._tcp.mx.one.example. TLSA')
  assert.equal(said('bücher.example', 'MX'), 'xn--bcher-kva.example. MX')
  assert.equal(said('192.0.2.1'), '1.2.0.192.in-addr.arpa. PTR')
  assert.equal(said('.', 'TYPE65280'), '. TYPE65280')
  for (const [text, type] of [
    ['a..b', 'A'],
    ['one.example', 'NONSENSE'],
    [`${'a'.repeat(64)}.example`, undefined],
  ] as const)
    assert.throws(() => questionOf(text, type), text)
})

const level = (finding: Finding | undefined): string => `${finding?.level} ${finding?.said}`
const answered = (changes: object) => ({
  status: 'secure' as const,
  rcode: 'NOERROR',
  answer: ['a.example. 60 IN SOA a. b. 1 2 3 4 5'],
  authority: [],
  ede: [],
  stale: false,
  milliseconds: 0,
  steps: [],
  ...changes,
})

test('resolution: found, bogus, absent, no zone, no answer', () => {
  const rows: readonly (readonly [object, string])[] = [
    [{}, 'good found, secure'],
    [{ status: 'insecure' }, 'good found, insecure'],
    [{ status: 'bogus', rcode: 'SERVFAIL', ede: [{ code: 7, text: 'expired' }] }, 'wrong not validly signed: expired'],
    [{ rcode: 'NXDOMAIN', answer: [] }, 'wrong the name does not exist'],
    [{ answer: [] }, 'wrong the name exists and is no zone'],
    [{ rcode: 'SERVFAIL', status: 'insecure', answer: [] }, 'wrong SERVFAIL'],
  ]
  for (const [changes, expected] of rows) {
    const finding = judgeResolution('a.example', answered(changes))
    assert.equal(level(finding), expected)
    assert.equal(finding.todo === undefined, finding.level === 'good')
  }
})

test('servers: all agree, one lags, one is lame, one is silent', () => {
  const name = expectOk(parseName('a.example', ROOT), 'read')
  const server = (host: string, serial: number | undefined, authoritative = true) => ({
    name: host,
    address: '192.0.2.1',
    port: 53,
    reason: 'no answer in 3000 ms',
    reply:
      serial === undefined
        ? undefined
        : {
            ...EMPTY_MESSAGE,
            authoritative,
            answers: expectOk(parseRecords(`a.example. 60 IN SOA a. b. ${serial} 2 3 4 5`, ROOT), 'read'),
          },
  })
  assert.deepEqual(judgeServers(name, [server('x', 7), server('y', 7)]).map(level), ['good 7 at 2 addresses'])
  assert.deepEqual(judgeServers(name, [server('x', 7), server('y', 8)]).map(level), [
    'note x [192.0.2.1] 7, y [192.0.2.1] 8',
  ])
  assert.deepEqual(judgeServers(name, [server('x', undefined), server('y', 7, false)]).map(level), [
    'wrong does not answer: no answer in 3000 ms',
    'wrong does not know the zone',
  ])
})

test('DNSSEC: unsigned, DS missing, DS of no key, secure, CDS ahead of the parent', () => {
  const ds = { keyTag: 1, algorithm: 13, digestType: 2, digest: new Uint8Array(32) }
  const other = { ...ds, keyTag: 2 }
  const judge = (
    ...given: [status: 'secure' | 'insecure', all: (typeof ds)[], keys: number, matching: number, cds: (typeof ds)[]]
  ) => judgeDnssec('a.example', ...given).map(level)
  assert.deepEqual(judge('insecure', [], 0, 0, []), ['note not signed'])
  assert.deepEqual(judge('insecure', [ds], 0, 0, []), ['wrong the parent has a DS, and the zone no keys'])
  assert.deepEqual(judge('insecure', [], 1, 0, []), ['note signed, but the parent has no DS'])
  assert.deepEqual(judge('insecure', [ds], 1, 0, []), ['wrong no DS of the parent is that of a key'])
  assert.deepEqual(judge('secure', [ds], 2, 1, [ds]), ['good secure: 1 of 1 DS match 2 keys'])
  assert.deepEqual(judge('insecure', [ds], 2, 1, []), ['note signed with a matching DS, and yet insecure'])
  assert.deepEqual(judge('secure', [ds], 2, 1, [other]), [
    'good secure: 1 of 1 DS match 2 keys',
    'note asks the parent for other DS records than it has',
  ])
})

test('SPF and DMARC: one record, none, too many, others that only look alike', () => {
  const rows: readonly (readonly [readonly string[], string, string])[] = [
    [['v=spf1 -all'], 'good', 'note'],
    [['v=spf1'], 'good', 'note'],
    [['v=spf10 -all', 'v=DMARC10'], 'note', 'note'],
    [['v=spf1 -all', 'V=SPF1 mx -all'], 'wrong', 'note'],
    [['v=DMARC1; p=none'], 'note', 'good'],
    [['v=DMARC1; p=none', 'v=DMARC1'], 'note', 'wrong'],
    [[], 'note', 'note'],
  ]
  for (const [texts, spf, dmarc] of rows) {
    assert.equal(judgeSpf(texts).level, spf, texts.join())
    assert.equal(judgeDmarc('a.example', texts).level, dmarc, texts.join())
  }
})

test('records of one type are read from lines; lines that are none are none', () => {
  assert.equal(recordsOf(['a.example. 60 IN SOA a. b. 1 2 3 4 5', 'a.example. 60 IN A 192.0.2.1'], SOA).length, 1)
  assert.deepEqual(recordsOf(['nonsense'], SOA), [])
  assert.deepEqual(recordsOf([], SOA), [])
})
