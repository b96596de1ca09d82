// The examples of RFC 4035 Appendix B and RFC 5155 Appendix B, asked of zones with the same names; DNAME (RFC 6672); what must
// not be served.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  answer,
  decodeRdata,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  encodeBase32Hex,
  formatName,
  formatRcode,
  formatType,
  type Message,
  NSEC3,
  nsec3Hash,
  parseType,
  parseZone,
  type ResourceRecord,
  RRSIG,
  typeCoveredBy,
  type Zone,
  zoneSet,
} from '../src/index.ts'
import { type ChainMode, chainZone, online } from './chain-zone.ts'
import { name } from './example-zone.ts'

const zoneOf = (text: string, origin = 'example'): Zone =>
  expectOk(parseZone(`$TTL 3600\n@ SOA ns1 bugs 1081539377 3600 300 3600000 3600\n${text}`, name(origin)), 'read')
const RFC_4035 = chainZone(
  zoneOf(`@ NS ns1\n@ NS ns2\n@ MX 1 xx
a NS ns1.a\na NS ns2.a\na DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\nns1.a A 192.0.2.5\nns2.a A 192.0.2.6
ai A 192.0.2.9\nai AAAA 2001:db8::f00:baa9
b NS ns1.b\nb NS ns2.b\nns1.b A 192.0.2.7\nns2.b A 192.0.2.8
ns1 A 192.0.2.1\nns2 A 192.0.2.2\n*.w MX 1 ai\nx.w MX 1 xx\nx.y.w MX 1 xx\nxx A 192.0.2.10\n`),
  'nsec',
)
const RFC_5155 = chainZone(
  zoneOf(`@ NS ns1\n@ NS ns2\n@ MX 1 xx
a NS ns1.a\na NS ns2.a\na DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C\nns1.a A 192.0.2.5\nns2.a A 192.0.2.6
ai A 192.0.2.9\nai AAAA 2001:db8::f00:baa9
c NS ns1.c\nc NS ns2.c\nns1.c A 192.0.2.7\nns2.c A 192.0.2.8
ns1 A 192.0.2.1\nns2 A 192.0.2.2\n*.w MX 1 ai\nx.w MX 1 xx\nx.y.w MX 1 xx\nxx A 192.0.2.10\n`),
  'nsec3-optout',
  { salt: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd), iterations: 12 },
)

const ask = (
  zones: readonly Zone[],
  owner: string,
  type: string,
  options: Parameters<typeof answer>[2] = {},
): Message =>
  answer(
    zoneSet(zones),
    {
      ...EMPTY_MESSAGE,
      questions: [{ name: name(owner), type: parseType(type) ?? -1, class: 1 }],
      edns: { udpOctets: 1232, version: 0, dnssecOk: true, options: [] },
    },
    options,
  )
/** `owner TYPE`, a signed set as `owner TYPE+`; the hash of an NSEC3 owner stands for it. */
const sets = (records: readonly ResourceRecord[]): string => {
  const signed = new Set(
    records
      .filter(({ type }) => type === RRSIG.code)
      .map((record) => `${record.name.key} ${typeCoveredBy(record.rdata)}`),
  )
  const shown = records
    .filter(({ type }) => type !== RRSIG.code)
    .map((record) => {
      const isSigned = signed.has(`${record.name.key} ${record.type}`)
      return `${formatName(record.name).replace(/\.?example\.$/, '') || '@'} ${formatType(record.type)}${isSigned ? '+' : ''}`
    })
  return [...new Set(shown)].sort().join(', ')
}

/** question; code; answer; authority, of the example with that number */
const RFC_TABLE: readonly (readonly [string, Zone, string, string, string, string, string])[] = [
  ['RFC 4035 B.1', RFC_4035, 'x.w.example', 'MX', 'NOERROR', 'x.w MX+', ''],
  ['RFC 4035 B.2', RFC_4035, 'ml.example', 'A', 'NXDOMAIN', '', '@ NSEC+, @ SOA+, b NSEC+'],
  ['RFC 4035 B.3', RFC_4035, 'ns1.example', 'MX', 'NOERROR', '', '@ SOA+, ns1 NSEC+'],
  ['RFC 4035 B.4', RFC_4035, 'mc.a.example', 'MX', 'NOERROR', '', 'a DS+, a NS'],
  ['RFC 4035 B.5', RFC_4035, 'mc.b.example', 'MX', 'NOERROR', '', 'b NS, b NSEC+'],
  ['RFC 4035 B.6', RFC_4035, 'a.z.w.example', 'MX', 'NOERROR', 'a.z.w MX+', 'x.y.w NSEC+'],
  ['RFC 4035 B.7', RFC_4035, 'a.z.w.example', 'AAAA', 'NOERROR', '', '*.w NSEC+, @ SOA+, x.y.w NSEC+'],
  ['RFC 4035 B.8', RFC_4035, 'example', 'DS', 'NOERROR', '', '@ NSEC+, @ SOA+'],
  [
    'RFC 5155 B.1',
    RFC_5155,
    'a.c.x.w.example',
    'A',
    'NXDOMAIN',
    '',
    '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3+, 35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3+, @ SOA+, b4um86eghhds6nea196smvmlo4ors995 NSEC3+',
  ],
  ['RFC 5155 B.2', RFC_5155, 'ns1.example', 'MX', 'NOERROR', '', '2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3+, @ SOA+'],
  ['RFC 5155 B.2.1', RFC_5155, 'y.w.example', 'A', 'NOERROR', '', '@ SOA+, ji6neoaepv8b5o6k4ev33abha8ht9fgc NSEC3+'],
  [
    'RFC 5155 B.3',
    RFC_5155,
    'mc.c.example',
    'MX',
    'NOERROR',
    '',
    '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3+, 35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3+, c NS',
  ],
  ['RFC 5155 B.4', RFC_5155, 'a.z.w.example', 'MX', 'NOERROR', 'a.z.w MX+', 'q04jkcevqvmu85r014c7dkba38o0ji5r NSEC3+'],
  [
    'RFC 5155 B.5',
    RFC_5155,
    'a.z.w.example',
    'AAAA',
    'NOERROR',
    '',
    '@ SOA+, k8udemvp1j2f7eg6jebps17vp3n8i58h NSEC3+, q04jkcevqvmu85r014c7dkba38o0ji5r NSEC3+, r53bq7cc2uvmubfu5ocmm6pers9tk9en NSEC3+',
  ],
  ['RFC 5155 B.6', RFC_5155, 'example', 'DS', 'NOERROR', '', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3+, @ SOA+'],
  [
    'RFC 5155 §7.2.4, a delegation that opts out',
    RFC_5155,
    'c.example',
    'DS',
    'NOERROR',
    '',
    '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3+, 35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3+, @ SOA+',
  ],
]
for (const [what, zone, owner, type, rcode, answers, authorities] of RFC_TABLE) {
  test(`${what}: ${owner} ${type}`, () => {
    const reply = ask([zone], owner, type)
    assert.equal(formatRcode(reply.rcode), rcode)
    assert.equal(sets(reply.answers), answers)
    assert.equal(sets(reply.authorities), authorities)
  })
}

test('below an empty name that opts out, it is the wildcard of the encloser that can be proven which is denied', () => {
  const optOut = (text: string): Message => ask([chainZone(zoneOf(text), 'nsec3-optout')], 'x.ent.example', 'A')
  const hashes = (reply: Message): readonly string[] =>
    reply.authorities.filter(({ type }) => type === NSEC3.code).map((record) => formatName(record.name).slice(0, 32))
  const { authorities } = optOut('@ NS ns1\nns1 A 192.0.2.1\ncut.ent NS elsewhere.\n')
  const wildcard = encodeBase32Hex(nsec3Hash(name('*.example'), { iterations: 1, salt: Uint8Array.of(0xab, 0xcd) }))
  const covers = authorities.some((record) => {
    if (record.type !== NSEC3.code) return false
    const [from, to] = [
      formatName(record.name).slice(0, 32),
      encodeBase32Hex(expectOk(decodeRdata(NSEC3, record.rdata), 'read').nextHash),
    ]
    return from < to ? from < wildcard && wildcard < to : wildcard > from || wildcard < to
  })
  assert.ok(covers)
  assert.ok(hashes(optOut('@ NS ns1\nns1 A 192.0.2.1\ncut.ent NS elsewhere.\n')).length > 0)
})

test('RFC 5155 §7.2.8: the owner of an NSEC3 is no name', () => {
  const reply = ask([RFC_5155], '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example', 'NSEC3')
  assert.equal(formatRcode(reply.rcode), 'NXDOMAIN')
  assert.equal(reply.answers.length, 0)
})

test('without DO there is no signature and no proof', () => {
  for (const [, zone, owner, type] of RFC_TABLE) {
    const query = { ...EMPTY_MESSAGE, questions: [{ name: name(owner), type: parseType(type) ?? -1, class: 1 }] }
    const { answers, authorities, additionals } = answer(zoneSet([zone]), query)
    const types = new Set([...answers, ...authorities, ...additionals].map((record) => formatType(record.type)))
    for (const type_ of ['RRSIG', 'NSEC', 'NSEC3', 'DS']) assert.ok(!types.has(type_), `${owner} ${type}: ${type_}`)
  }
})

test('the TTL of a denial counts for its signatures too', () => {
  const text = '$TTL 3600\n@ SOA ns1 bugs 1 3600 300 3600000 60\n@ NS ns1\n'
  const low = chainZone(expectOk(parseZone(text, name('example')), 'read'), 'nsec')
  const { authorities } = ask([low], 'none.example', 'A')
  assert.equal(authorities.length, 4)
  for (const record of authorities) assert.equal(record.ttlSeconds, 60)
})

test('more iterations than the bound: no proof is served', () => {
  const { nsec3Iterations } = DEFAULT_LIMITS
  const denial = (iterations: number): string => {
    const zone = chainZone(zoneOf('@ NS ns1\nns1 A 192.0.2.1\n'), 'nsec3', { iterations })
    return sets(ask([zone], 'none.example', 'A').authorities)
  }
  assert.match(denial(nsec3Iterations), /NSEC3\+/)
  assert.equal(denial(nsec3Iterations + 1), '@ SOA+')
})

const WITH_DNAME = `@ NS ns1\nns1 A 192.0.2.1
d DNAME target\nx.target A 192.0.2.2\nd TXT "at the owner itself"\nhidden.d A 192.0.2.3
long DNAME ${'l'.repeat(63)}.${'m'.repeat(63)}.${'n'.repeat(60)}
loop DNAME loop\nself DNAME a.self\nout DNAME elsewhere.test.
*.wild DNAME target\nchain CNAME y.d\ny.target CNAME x.d\n`
/** question; code; answer */
const DNAMES: readonly (readonly [string, string, string, string])[] = [
  ['x.d.example', 'A', 'NOERROR', 'd DNAME+, x.d CNAME, x.target A+'],
  ['hidden.d.example', 'A', 'NXDOMAIN', 'd DNAME+, hidden.d CNAME'],
  ['d.example', 'DNAME', 'NOERROR', 'd DNAME+'],
  ['d.example', 'TXT', 'NOERROR', 'd TXT+'],
  ['d.example', 'A', 'NOERROR', ''],
  ['x.d.example', 'CNAME', 'NOERROR', 'd DNAME+, x.d CNAME'],
  ['x.d.example', 'ANY', 'NOERROR', 'd DNAME+, x.d CNAME'],
  ['x.out.example', 'A', 'NOERROR', 'out DNAME+, x.out CNAME'],
  [`${'q'.repeat(63)}.long.example`, 'A', 'YXDOMAIN', 'long DNAME+'],
  ['chain.example', 'A', 'NOERROR', 'chain CNAME+, d DNAME+, x.d CNAME, x.target A+, y.d CNAME, y.target CNAME+'],
  ['x.loop.example', 'A', 'NOERROR', 'loop DNAME+, x.loop CNAME'],
  ['x.wild.example', 'DNAME', 'NOERROR', 'x.wild DNAME+'],
]
for (const mode of ['nsec', 'nsec3'] as const) {
  const zone = chainZone(zoneOf(WITH_DNAME), mode)
  for (const [owner, type, rcode, answers] of DNAMES) {
    test(`DNAME in a zone with ${mode}: ${owner.slice(0, 20)} ${type}`, () => {
      const reply = ask([zone], owner, type)
      assert.equal(formatRcode(reply.rcode), rcode)
      assert.equal(sets(reply.answers), answers)
    })
  }
}

test('a DNAME that leads below itself ends at the bound', () => {
  const reply = ask([chainZone(zoneOf(WITH_DNAME), 'nsec')], 'x.self.example', 'A')
  const aliases = reply.answers.filter(({ type }) => formatType(type) === 'CNAME').length
  assert.equal(aliases, DEFAULT_LIMITS.aliasHops + 1)
})

test('DS is answered by the parent where it is here, by the child with its own denial where it is not', () => {
  const child = chainZone(zoneOf('@ NS ns1\nns1 A 192.0.2.1\n', 'a.example'), 'nsec')
  assert.equal(sets(ask([RFC_4035, child], 'a.example', 'DS').answers), 'a DS+')
  const alone = ask([child], 'a.example', 'DS')
  assert.equal(alone.answers.length, 0)
  assert.equal(sets(alone.authorities), 'a NSEC+, a SOA+')
})

/** NSEC asked for by name; through a wildcard it is expanded like all else, RFC 4592 §4.7, but not with ANY. */
for (const [owner, type, answers] of [
  ['x.w.example', 'NSEC', 'x.w NSEC+'],
  ['a.z.w.example', 'NSEC', 'a.z.w NSEC+'],
  ['a.z.w.example', 'ANY', 'a.z.w MX+'],
  ['y.w.example', 'NSEC', ''],
] as const) {
  test(`asked for as it stands: ${owner} ${type}`, () => {
    assert.equal(sets(ask([RFC_4035], owner, type, { wholeAny: true }).answers), answers)
  })
}

test("RRSIG by name: one set of signatures, and none of a wildcard's NSEC", () => {
  const covered = (owner: string): readonly string[] =>
    ask([RFC_4035], owner, 'RRSIG').answers.map(({ rdata }) => formatType(typeCoveredBy(rdata)))
  assert.equal(covered('example').length, 1)
  assert.deepEqual(covered('a.z.w.example'), ['MX'])
})

for (const mode of ['nsec', 'nsec3', 'nsec3-optout', 'online'] satisfies readonly ChainMode[]) {
  test(`hidden names are asked of the child: ${mode}`, () => {
    const zone = chainZone(
      zoneOf('@ NS ns1\nsub NS ns.sub\nns.sub A 192.0.2.1\nns.sub MX 1 x\ndeep.ns.sub TXT "t"\n'),
      mode,
    )
    const options = mode === 'online' ? { onlineSigner: () => online('nsec3') } : {}
    for (const owner of ['ns.sub.example', 'deep.ns.sub.example', 'none.sub.example', 'sub.example']) {
      const reply = ask([zone], owner, 'A', options)
      assert.ok(!reply.authoritative)
      assert.equal(reply.answers.length, 0)
      assert.ok(sets(reply.authorities).startsWith(mode === 'nsec' ? 'sub NS, sub NSEC+' : ''))
      assert.equal(sets(reply.additionals), 'ns.sub A')
    }
  })
}
