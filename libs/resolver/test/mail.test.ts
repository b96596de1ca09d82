// RFC 5321 §5.1, RFC 7505, RFC 7672 §2, RFC 4033 §5
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatName, parseName, parseRecords, RCODE, ROOT, type TlsaData } from '@scop/dns'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import {
  groupRecords,
  type HostAddresses,
  type HostRecordType,
  judgeDane,
  type MailAnswer,
  type Outcome,
  readAddresses,
  readMx,
  readHostRecords,
  readTlsa,
  readTxt,
  reverseName,
  tlsaName,
  TRUST,
} from '../src/index.ts'

const name = (text: string) => expectOk(parseName(text, ROOT), `read ${text}`)

/** Records in zone-file form; `insecure` owners are not validated, whatever `status` says. */
function outcome(
  text: string,
  {
    status = 'secure',
    rcode = 0,
    insecure = [],
    ede = [],
  }: Partial<Pick<Outcome, 'status' | 'rcode' | 'ede'>> & {
    readonly insecure?: readonly string[]
  } = {},
): Outcome {
  const records = expectOk(parseRecords(text, ROOT), `read ${text}`)
  const answer = groupRecords(records, TRUST.answer).map((rrset) => ({
    ...rrset,
    security:
      insecure.includes(formatName(rrset.name)) || status !== 'secure' ? ('insecure' as const) : ('secure' as const),
  }))
  return {
    status,
    rcode,
    answer,
    authority: [],
    additional: [],
    ede,
    ttlSeconds: 60,
    stale: false,
    authoritative: false,
  }
}

const show = (answer: MailAnswer<unknown>): string =>
  answer.kind === 'temporary'
    ? `temporary ${answer.reason}`
    : answer.kind === 'answer'
      ? `${answer.security} ${JSON.stringify(answer.value)}`
      : `${answer.security} ${answer.kind}`

const random = (below: number): number => below - 1

const MX: readonly (readonly [string, Outcome, string])[] = [
  [
    'in the order of preference, host names only',
    outcome('a.example. 60 IN MX 20 b.example.\na.example. 60 IN MX 10 c.example.\na.example. 60 IN MX 5 _x.example.'),
    'secure {"kind":"mx","exchanges":[{"preference":10,"exchange":"c.example"},{"preference":20,"exchange":"b.example"}],"unusable":["_x.example."]}',
  ],
  ['null MX', outcome('a.example. 60 IN MX 0 .'), 'secure {"kind":"null-mx"}'],
  [
    'a null MX beside others is an exchange that no host can be',
    outcome('a.example. 60 IN MX 0 .\na.example. 60 IN MX 5 b.example.', { status: 'insecure' }),
    'insecure {"kind":"mx","exchanges":[{"preference":5,"exchange":"b.example"}],"unusable":["."]}',
  ],
  [
    'behind an alias',
    outcome('a.example. 60 IN CNAME b.example.\nb.example. 60 IN MX 1 c.example.'),
    'secure {"kind":"mx","exchanges":[{"preference":1,"exchange":"c.example"}],"unusable":[]}',
  ],
  [
    'an alias that is not signed makes the whole way insecure',
    outcome('a.example. 60 IN CNAME b.example.\nb.example. 60 IN MX 1 c.example.', { insecure: ['a.example.'] }),
    'insecure {"kind":"mx","exchanges":[{"preference":1,"exchange":"c.example"}],"unusable":[]}',
  ],
  ['an alias to nothing', outcome('a.example. 60 IN CNAME b.example.'), 'secure nodata'],
  [
    'aliases in a circle',
    outcome('a.example. 60 IN CNAME b.example.\nb.example. 60 IN CNAME a.example.'),
    'secure nodata',
  ],
  ['records of another name are no answer', outcome('x.example. 60 IN MX 1 c.example.'), 'secure nodata'],
  ['no such name', outcome('', { rcode: RCODE.NXDOMAIN, status: 'insecure' }), 'insecure nxdomain'],
  ['no such record', outcome(''), 'secure nodata'],
  ['a failure', outcome('', { rcode: RCODE.SERVFAIL, status: 'indeterminate' }), 'temporary SERVFAIL'],
  ['a refusal', outcome('', { rcode: RCODE.REFUSED, status: 'indeterminate' }), 'temporary REFUSED'],
  [
    'what is bogus is no answer, although it is there',
    outcome('a.example. 60 IN MX 1 c.example.', { status: 'bogus', ede: [{ code: 6, text: '' }] }),
    'temporary the answer is not validly signed: EDE 6',
  ],
  [
    'an absence that is bogus is no absence',
    outcome('', { status: 'bogus', rcode: RCODE.NXDOMAIN, ede: [{ code: 12, text: 'no NSEC' }] }),
    'temporary the answer is not validly signed: no NSEC',
  ],
]
for (const [what, given, expected] of MX) {
  test(`MX: ${what}`, () => assert.equal(show(readMx(given, name('a.example'), random)), expected))
}

test('equal preferences come in random order', () => {
  const given = outcome('a.example. 60 IN MX 1 b.example.\na.example. 60 IN MX 1 c.example.')
  const orders = [
    [0, 1],
    [1, 0],
  ].map((dice) => {
    const answer = readMx(given, name('a.example'), () => dice.shift() ?? 0)
    return answer.kind === 'answer' && answer.value.kind === 'mx'
      ? answer.value.exchanges.map((one) => one.exchange)
      : []
  })
  assert.deepEqual(orders, [
    ['b.example', 'c.example'],
    ['c.example', 'b.example'],
  ])
})

test('the strings of a TXT record are joined, and records stay apart', () => {
  const answer = readTxt(outcome('t.example. 60 IN TXT "v=spf1 " "-all"\nt.example. 60 IN TXT "x"'), name('t.example'))
  assert.ok(answer.kind === 'answer')
  assert.deepEqual(
    answer.value.map((octets) => Buffer.from(octets).toString()),
    ['v=spf1 -all', 'x'],
  )
})

const V6 = 'm.example. 60 IN AAAA 2001:db8::1'
const V4 = 'm.example. 60 IN A 192.0.2.1'
const NONE = outcome('')
const FAILED = outcome('', { rcode: RCODE.SERVFAIL, status: 'indeterminate' })
const ADDRESSES: readonly (readonly [string, Outcome, Outcome, string])[] = [
  ['IPv6 first', outcome(V6), outcome(V4), 'secure {"addresses":["2001:db8::1","192.0.2.1"],"canonical":"m.example"}'],
  ['one is enough', NONE, outcome(V4), 'secure {"addresses":["192.0.2.1"],"canonical":"m.example"}'],
  [
    'one is enough where the other fails, but not secure',
    FAILED,
    outcome(V4),
    'insecure {"addresses":["192.0.2.1"],"canonical":"m.example"}',
  ],
  [
    'one that is not signed spoils both',
    outcome(V6, { status: 'insecure' }),
    outcome(V4),
    'insecure {"addresses":["2001:db8::1","192.0.2.1"],"canonical":"m.example"}',
  ],
  ['a failure counts more than an absence', FAILED, NONE, 'temporary SERVFAIL'],
  ['in either order', NONE, FAILED, 'temporary SERVFAIL'],
  ['neither', NONE, NONE, 'secure nodata'],
  ['no such name', outcome('', { rcode: 3 }), outcome('', { rcode: 3 }), 'secure nxdomain'],
  ['a bogus address is none', outcome(V6, { status: 'bogus' }), NONE, 'temporary the answer is not validly signed'],
  [
    'the end of the aliases',
    outcome('m.example. 60 IN CNAME n.example.'),
    outcome('m.example. 60 IN CNAME n.example.\nn.example. 60 IN A 192.0.2.1'),
    'secure {"addresses":["192.0.2.1"],"canonical":"n.example"}',
  ],
]
for (const [what, v6, v4, expected] of ADDRESSES) {
  test(`addresses: ${what}`, () => assert.equal(show(readAddresses(v6, v4, name('m.example'))), expected))
}

const HOST = (security: 'secure' | 'insecure'): MailAnswer<HostAddresses> => ({
  kind: 'answer',
  value: { addresses: [], canonical: 'm.example' },
  security,
  ttlSeconds: 1,
})
const tlsa = (usage: number, selector = 1, matchingType = 1): TlsaData => ({
  usage,
  selector,
  matchingType,
  association: Uint8Array.of(1),
})
const records = (security: 'secure' | 'insecure', ...value: readonly TlsaData[]): MailAnswer<readonly TlsaData[]> => ({
  kind: 'answer',
  value,
  security,
  ttlSeconds: 1,
})
const DOWN = { kind: 'temporary', reason: 'SERVFAIL', ede: [] } as const
const ABSENT = { kind: 'nodata', security: 'secure', ttlSeconds: 1 } as const
const DANE: readonly (readonly [string, Parameters<typeof judgeDane>, string])[] = [
  ['all secure', ['secure', HOST('secure'), records('secure', tlsa(3))], 'authenticate'],
  ['DANE-TA binds as well', ['secure', HOST('secure'), records('secure', tlsa(2, 0, 0))], 'authenticate'],
  [
    'PKIX usages bind nobody in SMTP, but TLS is due',
    ['secure', HOST('secure'), records('secure', tlsa(1))],
    'encrypt',
  ],
  ['an unknown digest', ['secure', HOST('secure'), records('secure', tlsa(3, 1, 9))], 'encrypt'],
  ['an unknown selector', ['secure', HOST('secure'), records('secure', tlsa(3, 7))], 'encrypt'],
  ['MX insecure', ['insecure', HOST('secure'), records('secure', tlsa(3))], 'none'],
  ['address insecure', ['secure', HOST('insecure'), records('secure', tlsa(3))], 'none'],
  ['TLSA insecure', ['secure', HOST('secure'), records('insecure', tlsa(3))], 'none'],
  ['no TLSA', ['secure', HOST('secure'), ABSENT], 'none'],
  ['TLSA fails where all else is secure', ['secure', HOST('secure'), DOWN], 'defer'],
  ['TLSA fails where nothing is signed', ['insecure', HOST('insecure'), DOWN], 'none'],
  ['no address for now', ['secure', DOWN, DOWN], 'defer'],
]
for (const [what, given, expected] of DANE)
  test(`DANE: ${what}`, () => assert.equal(judgeDane(...given).kind, expected))

test('names of TLSA and of addresses backwards', () => {
  assert.equal(formatName(expectOk(tlsaName('mx.example', 25), 'write')), '_25._tcp.mx.example.')
  assert.ok(!tlsaName(`${'a.'.repeat(125)}example`, 25).ok)
  const reverse = (text: string) => formatName(reverseName(expectOk(parseIpAddress(text), 'parse')))
  assert.equal(reverse('192.0.2.1'), '1.2.0.192.in-addr.arpa.')
  assert.equal(
    reverse('2001:db8::567:89ab'),
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.',
  ) // RFC 3596 §2.5
  const found = readTlsa(outcome('_25._tcp.m.example. 60 IN TLSA 3 1 1 ab'), name('_25._tcp.m.example'))
  assert.ok(found.kind === 'answer' && found.value[0]?.usage === 3)
})

test('one kind of record is read as text, whatever the name', () => {
  const table: readonly [HostRecordType, records: string, expected: string][] = [
    ['PTR', 'a.example. 60 IN PTR mx.example.\na.example. 60 IN PTR _x.', 'secure ["mx.example","_x"]'],
    ['MX', 'a.example. 60 IN MX 20 b.example.\na.example. 60 IN MX 10 c.example.', 'secure ["c.example","b.example"]'],
    ['MX', 'a.example. 60 IN MX 0 .', 'secure ["."]'],
    ['A', 'a.example. 60 IN A 192.0.2.1', 'secure ["192.0.2.1"]'],
    ['AAAA', 'a.example. 60 IN CNAME b.example.\nb.example. 60 IN AAAA 2001:db8::1', 'secure ["2001:db8::1"]'],
    ['AAAA', 'a.example. 60 IN A 192.0.2.1', 'secure nodata'],
  ]
  for (const [type, records, expected] of table)
    assert.equal(show(readHostRecords(outcome(records), name('a.example'), type)), expected)
})

test('records that cannot be read are a failure, not an absence', () => {
  const broken = outcome('a.example. 60 IN MX 1 b.example.')
  const answer = broken.answer.map((rrset) => ({ ...rrset, rdatas: [Uint8Array.of(0)] }))
  assert.equal(show(readMx({ ...broken, answer }, name('a.example'), random)), 'temporary unreadable records')
})
