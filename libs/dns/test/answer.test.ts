import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answer,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  formatRcode,
  formatRecord,
  type Message,
  parseType,
  type ResourceRecord,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, name } from './example-zone.ts'

const ZONES = zoneSet([exampleZone()])
const ask = (owner: string, type: string, limits = DEFAULT_LIMITS): Message =>
  answer(
    ZONES,
    {
      ...EMPTY_MESSAGE,
      id: 9,
      recursionDesired: true,
      questions: [{ name: name(owner), type: parseType(type) ?? -1, class: 1 }],
    },
    { limits },
  )
const short = (records: readonly ResourceRecord[]): string =>
  records
    .map((record) => formatRecord(record).split(' ').toSpliced(2, 1).join(' ').replaceAll('.example.org.', ''))
    .join(', ')

const SOA = 'example.org. 300 SOA ns1 hostmaster 100 7200 900 1209600 300'
/** question; rcode and aa; answer; authority; additional */
const TABLE: readonly (readonly [string, string, string, string, string, string])[] = [
  ['web.example.org', 'A', 'NOERROR aa', 'web 3600 A 192.0.2.80', '', ''],
  ['WEB.Example.ORG', 'A', 'NOERROR aa', 'WEB.Example.ORG. 3600 A 192.0.2.80', '', ''],
  ['web.example.org', 'AAAA', 'NOERROR aa', '', SOA, ''],
  ['nothing.example.org', 'A', 'NXDOMAIN aa', '', SOA, ''],
  ['below.web.example.org', 'A', 'NXDOMAIN aa', '', SOA, ''],
  ['ent.example.org', 'A', 'NOERROR aa', '', SOA, ''],
  ['b.ent.example.org', 'TXT', 'NOERROR aa', '', SOA, ''],
  ['www.example.org', 'A', 'NOERROR aa', 'www 3600 CNAME web, web 3600 A 192.0.2.80', '', ''],
  ['www.example.org', 'AAAA', 'NOERROR aa', 'www 3600 CNAME web', SOA, ''],
  ['www.example.org', 'CNAME', 'NOERROR aa', 'www 3600 CNAME web', '', ''],
  ['out.example.org', 'A', 'NOERROR aa', 'out 3600 CNAME host.elsewhere.example.', '', ''],
  ['gone.example.org', 'A', 'NXDOMAIN aa', 'gone 3600 CNAME nothing', SOA, ''],
  ['loop1.example.org', 'A', 'NOERROR aa', 'loop1 3600 CNAME loop2, loop2 3600 CNAME loop1', '', ''],
  ['x.wild.example.org', 'TXT', 'NOERROR aa', 'x.wild 3600 TXT "from the wildcard"', '', ''],
  ['x.y.wild.example.org', 'TXT', 'NOERROR aa', 'x.y.wild 3600 TXT "from the wildcard"', '', ''],
  ['x.wild.example.org', 'A', 'NOERROR aa', '', SOA, ''],
  ['host.wild.example.org', 'TXT', 'NOERROR aa', '', SOA, ''],
  ['x.host.wild.example.org', 'TXT', 'NXDOMAIN aa', '', SOA, ''],
  ['*.wild.example.org', 'TXT', 'NOERROR aa', '*.wild 3600 TXT "from the wildcard"', '', ''],
  [
    'x.wild.example.org',
    'MX',
    'NOERROR aa',
    'x.wild 3600 MX 10 mail',
    '',
    'mail 60 A 192.0.2.25, mail 3600 AAAA 2001:db8::25',
  ],
  [
    '_imaps._tcp.example.org',
    'SRV',
    'NOERROR aa',
    '_imaps._tcp 3600 SRV 0 1 993 mail',
    '',
    'mail 60 A 192.0.2.25, mail 3600 AAAA 2001:db8::25',
  ],
  [
    'sub.example.org',
    'A',
    'NOERROR',
    '',
    'sub 3600 NS ns.sub, sub 3600 NS ns.other.example.',
    'ns.sub 3600 A 127.0.0.9',
  ],
  [
    'deep.sub.example.org',
    'MX',
    'NOERROR',
    '',
    'sub 3600 NS ns.sub, sub 3600 NS ns.other.example.',
    'ns.sub 3600 A 127.0.0.9',
  ],
  [
    'ns.sub.example.org',
    'A',
    'NOERROR',
    '',
    'sub 3600 NS ns.sub, sub 3600 NS ns.other.example.',
    'ns.sub 3600 A 127.0.0.9',
  ],
  [
    'sub.example.org',
    'NS',
    'NOERROR',
    '',
    'sub 3600 NS ns.sub, sub 3600 NS ns.other.example.',
    'ns.sub 3600 A 127.0.0.9',
  ],
  [
    'sub.example.org',
    'DS',
    'NOERROR aa',
    'sub 3600 DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
    '',
    '',
  ],
  [
    'example.org',
    'NS',
    'NOERROR aa',
    'example.org. 3600 NS ns1, example.org. 3600 NS ns2',
    '',
    'ns1 3600 A 127.0.0.1, ns2 3600 AAAA 2001:db8::53',
  ],
  ['example.org', 'DS', 'NOERROR aa', '', SOA, ''],
  ['mail.example.org', 'ANY', 'NOERROR aa', 'mail 60 A 192.0.2.25', '', ''],
  ['example.net', 'A', 'REFUSED', '', '', ''],
  ['org', 'A', 'REFUSED', '', '', ''],
  ['.', 'NS', 'REFUSED', '', '', ''],
  ['example.org', 'AXFR', 'REFUSED', '', '', ''],
  ['example.org', 'IXFR', 'REFUSED', '', '', ''],
  ['example.org', 'OPT', 'NOTIMP', '', '', ''],
  ['example.org', 'MAILB', 'NOTIMP', '', '', ''],
]
for (const [owner, type, status, answers, authority, additional] of TABLE) {
  test(`answers ${owner} ${type}: ${status}`, () => {
    const reply = ask(owner, type)
    assert.equal(`${formatRcode(reply.rcode)}${reply.authoritative ? ' aa' : ''}`, status)
    assert.equal(short(reply.answers), answers)
    assert.equal(short(reply.authorities), authority)
    assert.equal(short(reply.additionals), additional)
    assert.ok(reply.response && reply.id === 9 && reply.recursionDesired && !reply.recursionAvailable)
  })
}

test('limits: aliases followed, hosts whose addresses are added', () => {
  assert.equal(short(ask('www.example.org', 'A', { ...DEFAULT_LIMITS, aliasHops: 0 }).answers), 'www 3600 CNAME web')
  assert.equal(ask('example.org', 'MX', { ...DEFAULT_LIMITS, additionalNames: 0 }).additionals.length, 0)
  assert.equal(ask('example.org', 'MX').additionals.length, 2)
})

test('no question, two questions, another class', () => {
  const question = { name: name('example.org'), type: 6, class: 1 }
  assert.equal(answer(ZONES, EMPTY_MESSAGE).rcode, 1)
  assert.equal(answer(ZONES, { ...EMPTY_MESSAGE, questions: [question, question] }).rcode, 1)
  assert.equal(answer(ZONES, { ...EMPTY_MESSAGE, questions: [{ ...question, class: 3 }] }).rcode, 5)
})
