import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRdata, NSEC, parseType, type RrsigData } from '@scop/dns'
import type { DelegationVerdict, DenialVerdict } from '../src/denial-verdict.ts'
import {
  type NsecEvidence,
  nsecEvidence,
  nsecNameError,
  nsecNoData,
  nsecNoDs,
  nsecWildcardAnswer,
} from '../src/nsec-proof.ts'
import { name, nsec, nsecChain, types, zoneModel } from './denial-model.ts'

// RFC 4035 Appendix A
const APEX = 'SOA NS MX DNSKEY'
const CHAIN = nsecChain(
  zoneModel('example', {
    example: APEX,
    'a.example': 'NS DS',
    'ai.example': 'A HINFO AAAA',
    'b.example': 'NS',
    'ns1.example': 'A',
    'ns2.example': 'A',
    '*.w.example': 'MX',
    'x.w.example': 'MX',
    'x.y.w.example': 'MX',
    'xx.example': 'A HINFO AAAA',
  }),
)
const of = (...owners: string[]): readonly NsecEvidence[] =>
  CHAIN.filter((one) => owners.some((owner) => name(owner).key === one.owner.key))

type Row = readonly [title: string, verdict: DenialVerdict | DelegationVerdict, expected: string]
const nameError = (sought: string, ...records: readonly NsecEvidence[]) => nsecNameError(records, name(sought))
const noData = (sought: string, type: string, ...records: readonly NsecEvidence[]) =>
  nsecNoData(records, name(sought), parseType(type) ?? 0)
const noDs = (sought: string, ...records: readonly NsecEvidence[]) => nsecNoDs(records, name(sought))
const wildcard = (sought: string, encloser: string, ...records: readonly NsecEvidence[]) =>
  nsecWildcardAnswer(records, name(sought), name(encloser), name('example'))

const NAME_ERRORS: readonly Row[] = [
  ['RFC 4035 B.2: ml.example', nameError('ml.example', ...of('b.example', 'example')), 'proven'],
  ['after the last name', nameError('zz.example', ...of('xx.example', 'example')), 'proven'],
  [
    'one record for name and wildcard',
    nameError('x.b', nsec('a.b', 'z.b', 'A', 'b'), nsec('b', 'a.b', APEX, 'b')),
    'proven',
  ],
  ['the only name of its zone', nameError('x.example', nsec('example', 'example', APEX)), 'proven'],
  ['case does not count', nameError('ML.Example', ...of('b.example', 'example')), 'proven'],
  ['a name below one that exists', nameError('a.ns1.example', ...of('ns1.example')), 'proven'],
  ['no record at all', nameError('ml.example'), 'name-not-covered'],
  ['the name is not in the gap', nameError('ml.example', ...of('example', 'xx.example')), 'name-not-covered'],
  ['the wildcard is not denied', nameError('ml.example', ...of('b.example')), 'wildcard-not-denied'],
  [
    'the wildcard exists',
    nameError('a.z.w.example', ...of('x.y.w.example', '*.w.example', 'ns2.example')),
    'wildcard-not-denied',
  ],
  [
    'the wildcard is an empty non-terminal',
    nameError('m.example', nsec('l.example', 'n.example', 'A'), nsec('example', 'a.*.example', APEX)),
    'wildcard-not-denied',
  ],
  ['the name exists', nameError('ns1.example', ...of('ns1.example', 'example')), 'name-exists'],
  ['an empty non-terminal', nameError('y.w.example', ...of('x.w.example', 'ns2.example')), 'name-exists'],
  ['below a signed delegation', nameError('x.a.example', ...of('a.example', 'example')), 'ancestor-delegation'],
  ['below an unsigned delegation', nameError('x.b.example', ...of('b.example', 'example')), 'ancestor-delegation'],
  [
    'the wildcard lies below a delegation',
    nameError('x.w.b.example', nsec('a.w.b.example', 'z.w.b.example', 'A'), nsec('b.example', 'a.w.b.example', 'NS')),
    'wildcard-not-denied',
  ],
  ['below a DNAME', nameError('x.d.example', nsec('d.example', 'e.example', 'DNAME')), 'below-dname'],
  ['a zone that does not hold the name', nameError('x.test', nsec('example', 'example', APEX)), 'name-not-covered'],
  [
    'a sibling zone whose gap would hold it',
    nameError('b.example', nsec('a.sub.example', 'sub.example', 'A', 'sub.example')),
    'name-not-covered',
  ],
  [
    'the wildcard denied by another zone',
    nameError('m.c.example', nsec('l.c.example', 'c.example', 'A', 'c.example'), nsec('example', 'z.example', APEX)),
    'wildcard-not-denied',
  ],
]

const NO_DATA: readonly Row[] = [
  ['RFC 4035 B.3: ns1.example MX', noData('ns1.example', 'MX', ...of('ns1.example')), 'proven'],
  [
    'RFC 4035 B.7: the wildcard has no AAAA',
    noData('a.z.w.example', 'AAAA', ...of('x.y.w.example', '*.w.example')),
    'proven',
  ],
  ['DS at a delegation', noData('b.example', 'DS', ...of('b.example')), 'proven'],
  ['an empty non-terminal', noData('y.w.example', 'A', ...of('x.w.example')), 'proven'],
  ['ANY at an empty non-terminal', noData('y.w.example', 'ANY', ...of('x.w.example')), 'proven'],
  [
    'the wildcard is an empty non-terminal',
    noData('m.example', 'A', nsec('l.example', 'n.example', 'A'), nsec('example', 'a.*.example', APEX)),
    'proven',
  ],
  [
    'RFC 9824: a name that exists for its proof only',
    noData('m.example', 'A', nsec('m.example', '\\000.m.example', 'RRSIG NSEC NXNAME')),
    'proven',
  ],
  ['DS of the root', noData('.', 'DS', nsec('.', 'a', APEX, '.')), 'proven'],
  ['the type is there', noData('ns1.example', 'A', ...of('ns1.example')), 'type-exists'],
  ['ANY where there is something', noData('ns1.example', 'ANY', ...of('ns1.example')), 'type-exists'],
  ['a CNAME is there', noData('c.example', 'A', nsec('c.example', 'd.example', 'CNAME')), 'alias-exists'],
  ['RFC 4035 B.8: DS, from the child', noData('example', 'DS', ...of('example')), 'child-side'],
  ['A at a delegation, from the parent', noData('b.example', 'A', ...of('b.example')), 'ancestor-delegation'],
  ['no record of the name', noData('ml.example', 'A', ...of('xx.example')), 'name-not-covered'],
  ['the name is not there', noData('ml.example', 'A', ...of('b.example', 'example')), 'wildcard-not-denied'],
  ['the wildcard has the type', noData('a.z.w.example', 'MX', ...of('x.y.w.example', '*.w.example')), 'type-exists'],
  [
    'the wildcard is an alias',
    noData('m.example', 'A', nsec('l.example', 'n.example', 'A'), nsec('*.example', 'a.example', 'CNAME')),
    'alias-exists',
  ],
  ['the wildcard alone', noData('a.z.w.example', 'AAAA', ...of('*.w.example')), 'name-not-covered'],
  [
    'the wildcard of another encloser',
    noData('m.example', 'A', nsec('l.example', 'n.example', 'A'), nsec('*.w.example', 'x.w.example', 'MX')),
    'wildcard-not-denied',
  ],
  ['below a delegation', noData('x.b.example', 'A', ...of('b.example')), 'ancestor-delegation'],
]

const WILDCARD_ANSWERS: readonly Row[] = [
  ['RFC 4035 B.6: a.z.w.example', wildcard('a.z.w.example', 'w.example', ...of('x.y.w.example')), 'proven'],
  ['of the apex', wildcard('ml.example', 'example', ...of('b.example')), 'proven'],
  ['nothing covers the name', wildcard('a.z.w.example', 'w.example', ...of('xx.example')), 'name-not-covered'],
  ['a closer name exists', wildcard('a.z.w.example', 'example', ...of('x.y.w.example')), 'closer-name-exists'],
  [
    'a closer wildcard would be used',
    wildcard('m.y.w.example', 'w.example', nsec('l.y.w.example', 'n.y.w.example', 'A')),
    'closer-name-exists',
  ],
  ['the name exists', wildcard('x.w.example', 'w.example', ...of('x.w.example')), 'name-exists'],
  ['the name is an empty non-terminal', wildcard('y.w.example', 'w.example', ...of('x.w.example')), 'name-exists'],
  [
    'another zone speaks',
    wildcard('a.z.w.example', 'w.example', nsec('x.y.w.example', 'w.example', 'A', 'w.example')),
    'name-not-covered',
  ],
]

const NO_DS: readonly Row[] = [
  ['RFC 4035 B.5: b.example', noDs('b.example', ...of('b.example')), 'unsigned-delegation'],
  ['a name with data', noDs('ns1.example', ...of('ns1.example')), 'no-delegation'],
  ['a name that is not there', noDs('ml.example', ...of('b.example')), 'no-delegation'],
  ['an empty non-terminal', noDs('y.w.example', ...of('x.w.example')), 'no-delegation'],
  [
    'parent and child side together',
    noDs('c.example', nsec('c.example', 'c.example', APEX, 'c.example'), nsec('c.example', 'd.example', 'NS')),
    'unsigned-delegation',
  ],
  ['the DS is there', noDs('a.example', ...of('a.example')), 'type-exists'],
  ['the child speaks', noDs('example', ...of('example')), 'child-side'],
  ['below a delegation', noDs('x.b.example', ...of('b.example')), 'ancestor-delegation'],
  ['no record of the name', noDs('b.example', ...of('xx.example')), 'name-not-covered'],
]

for (const [what, rows] of [
  ['name error', NAME_ERRORS],
  ['no data', NO_DATA],
  ['wildcard answer', WILDCARD_ANSWERS],
  ['no DS', NO_DS],
] as const) {
  for (const [title, verdict, expected] of rows) {
    test(`NSEC, ${what}: ${title}: ${expected}`, () =>
      assert.equal(verdict.kind === 'not-proven' ? verdict.because : verdict.kind, expected))
  }
}

const EVIDENCE: readonly (readonly [
  title: string,
  owner: string,
  next: string,
  labels: number,
  signer: string,
  expected: string,
])[] = [
  ['at its own name', 'a.example', 'b.example', 2, 'example', 'taken'],
  ['the last of the zone', 'z.example', 'example', 2, 'example', 'taken'],
  ['at a wildcard', '*.w.example', 'x.w.example', 2, 'example', 'taken'],
  ['expanded from a wildcard', 'a.w.example', 'x.w.example', 2, 'example', 'expanded'],
  ['a wildcard as the expansion of one above', '*.w.example', 'x.w.example', 1, 'example', 'expanded'],
  ['more labels than the owner', 'a.example', 'b.example', 3, 'example', 'expanded'],
  ['owner outside', 'a.test', 'b.example', 2, 'example', 'owner-outside-zone'],
  ['next outside', 'a.example', 'b.test', 2, 'example', 'next-outside-zone'],
  ['next goes back, but not to the apex', 'c.example', 'b.example', 2, 'example', 'next-outside-zone'],
  ['next is the owner, which is no apex', 'c.example', 'c.example', 2, 'example', 'next-outside-zone'],
]
for (const [title, owner, next, labels, signer, expected] of EVIDENCE) {
  test(`NSEC as evidence: ${title}: ${expected}`, () => {
    const rdata = encodeRdata(NSEC, { next: name(next), types: types('A RRSIG NSEC') })
    const record = { name: name(owner), type: NSEC.code, class: 1, ttlSeconds: 60, rdata }
    const evidence = nsecEvidence(record, signature(signer, labels))
    assert.equal(evidence.ok ? 'taken' : evidence.error.kind, expected)
  })
}

test('NSEC as evidence: no NSEC data: malformed', () => {
  const record = {
    name: name('a.example'),
    type: NSEC.code,
    class: 1,
    ttlSeconds: 60,
    rdata: new Uint8Array(3).fill(9),
  }
  const evidence = nsecEvidence(record, signature('example', 2))
  assert.equal(evidence.ok ? 'taken' : evidence.error.kind, 'malformed')
})

function signature(signer: string, labels: number): RrsigData {
  const times = { originalTtlSeconds: 60, expiration: 2, inception: 1 }
  const of = { typeCovered: NSEC.code, algorithm: 13, keyTag: 1, signature: new Uint8Array(64) }
  return { ...of, ...times, labels, signer: name(signer) }
}
