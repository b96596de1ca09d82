import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase32Hex, encodeRdata, type Name, NSEC3, nsec3Hash, parseType, type RrsigData } from '@scop/dns'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import type { DelegationVerdict, DenialVerdict } from '../src/denial-verdict.ts'
import { Nsec3Hasher, NSEC3_LIMITS } from '../src/nsec3-hasher.ts'
import {
  type Nsec3Evidence,
  nsec3Evidence,
  nsec3NameError,
  nsec3NoData,
  nsec3NoDs,
  nsec3WildcardAnswer,
} from '../src/nsec3-proof.ts'
import { name, nsec3Chain, types, type ZoneModel, zoneModel } from './denial-model.ts'

// RFC 5155 Appendix A; all its records have the opt-out flag.
const SALT = Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd)
const ZONE = zoneModel('example', {
  example: 'SOA NS MX DNSKEY NSEC3PARAM',
  '2t7b4g4vsa5smi47k61mv5bv1a22bojr.example': 'A',
  'a.example': 'NS DS',
  'ai.example': 'A HINFO AAAA',
  'c.example': 'NS',
  'ns1.example': 'A',
  'ns2.example': 'A',
  '*.w.example': 'MX',
  'x.w.example': 'MX',
  'x.y.w.example': 'MX',
  'xx.example': 'A HINFO AAAA',
})
const OPTED_OUT = nsec3Chain(ZONE, { iterations: 12, salt: SALT, optOut: true })
const CHAIN = nsec3Chain(ZONE, { iterations: 12, salt: SALT, optOut: false })

const PLACES: Readonly<Record<string, string>> = {
  example: '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom',
  'a.example': '35mthgpgcu1qg68fab165klnsnk3dpvl',
  'ai.example': 'gjeqe526plbf1g8mklp59enfd789njgi',
  'ns1.example': '2t7b4g4vsa5smi47k61mv5bv1a22bojr',
  'ns2.example': 'q04jkcevqvmu85r014c7dkba38o0ji5r',
  'w.example': 'k8udemvp1j2f7eg6jebps17vp3n8i58h',
  '*.w.example': 'r53bq7cc2uvmubfu5ocmm6pers9tk9en',
  'x.w.example': 'b4um86eghhds6nea196smvmlo4ors995',
  'y.w.example': 'ji6neoaepv8b5o6k4ev33abha8ht9fgc',
  'x.y.w.example': '2vptu5timamqttgl4luu9kg21e0aor3s',
  'xx.example': 't644ebqk9bibcna874givr6joj62mlhv',
  '2t7b4g4vsa5smi47k61mv5bv1a22bojr.example': 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi',
}

test('the model of RFC 5155 Appendix A has its hashes, and no others with opt-out', () => {
  for (const [owner, hash] of Object.entries(PLACES)) {
    assert.equal(encodeBase32Hex(nsec3Hash(name(owner), { iterations: 12, salt: SALT })), hash, owner)
  }
  assert.deepEqual(
    OPTED_OUT.map(({ hash }) => encodeBase32Hex(encodeLatin1(hash))).sort(),
    Object.values(PLACES).sort(),
  )
})

/** The records at these names, by their place in the chain, and those that cover the names after `~`. */
function of(chain: readonly Nsec3Evidence[], ...owners: string[]): readonly Nsec3Evidence[] {
  return owners.map((owner) => {
    const covers = owner.startsWith('~')
    const { iterations, salt } = chain[0] ?? { iterations: 0, salt: SALT }
    const hash = decodeLatin1(nsec3Hash(name(covers ? owner.slice(1) : owner), { iterations, salt }))
    const found = chain.find((one) => (covers ? isInGap(one, hash) : one.hash === hash))
    if (found === undefined) throw new Error(`the chain has nothing for ${owner}`)
    return found
  })
}

function isInGap({ hash, next }: Nsec3Evidence, sought: string): boolean {
  return hash < next ? hash < sought && sought < next : hash < sought || sought < next
}

type Row = readonly [title: string, verdict: DenialVerdict | DelegationVerdict, expected: string]
const hasher = () => new Nsec3Hasher()
const nameError = (sought: string, records: readonly Nsec3Evidence[]) => nsec3NameError(records, name(sought), hasher())
const noData = (sought: string, type: string, records: readonly Nsec3Evidence[]) =>
  nsec3NoData(records, name(sought), parseType(type) ?? 0, hasher())
const noDs = (sought: string, records: readonly Nsec3Evidence[]) => nsec3NoDs(records, name(sought), hasher())
const wildcard = (sought: string, encloser: string, records: readonly Nsec3Evidence[]) =>
  nsec3WildcardAnswer(records, name(sought), name(encloser), name('example'), hasher())
const made = (zone: ZoneModel, ...owners: string[]) =>
  of(nsec3Chain(zone, { iterations: 1, salt: SALT, optOut: false }), ...owners)
const ALIASES = zoneModel('example', {
  example: 'SOA NS',
  'c.example': 'CNAME',
  '*.w.example': 'CNAME',
  'd.example': 'DNAME',
})
const CHILD = zoneModel('c.example', { 'c.example': 'SOA NS', 'a.c.example': 'A' })
const ROOT_ZONE = zoneModel('.', { '.': 'SOA NS' })

const NAME_ERRORS: readonly Row[] = [
  [
    'RFC 5155 B.1: a.c.x.w.example, opted out',
    nameError('a.c.x.w.example', of(OPTED_OUT, 'x.w.example', '~c.x.w.example', '~*.x.w.example')),
    'opt-out',
  ],
  [
    'the same without opt-out',
    nameError('a.c.x.w.example', of(CHAIN, 'x.w.example', '~c.x.w.example', '~*.x.w.example')),
    'proven',
  ],
  ['below the apex', nameError('q.example', of(CHAIN, 'example', '~q.example', '~*.example')), 'proven'],
  ['no closest encloser', nameError('a.c.x.w.example', of(CHAIN, 'ai.example', 'ns2.example')), 'no-closest-encloser'],
  [
    'the encloser is not the closest',
    nameError('a.c.x.w.example', of(CHAIN, 'w.example', '~c.x.w.example', '~*.x.w.example')),
    'next-closer-not-covered',
  ],
  [
    'the next closer is not covered',
    nameError(
      'a.c.x.w.example',
      of(CHAIN, 'x.w.example', '~*.x.w.example', 'xx.example').filter(
        (one) => !of(CHAIN, '~c.x.w.example').includes(one),
      ),
    ),
    'next-closer-not-covered',
  ],
  [
    'the wildcard is not denied',
    nameError(
      'q.example',
      of(CHAIN, 'example', '~q.example').filter((one) => !of(CHAIN, '~*.example').includes(one)),
    ),
    'wildcard-not-denied',
  ],
  [
    'the wildcard exists',
    nameError('a.z.w.example', of(CHAIN, 'w.example', '~z.w.example', '*.w.example')),
    'wildcard-not-denied',
  ],
  ['the name exists', nameError('ns1.example', of(CHAIN, 'ns1.example')), 'name-exists'],
  ['an empty non-terminal', nameError('y.w.example', of(CHAIN, 'y.w.example', 'w.example')), 'name-exists'],
  [
    'below a signed delegation',
    nameError('x.a.example', of(CHAIN, 'a.example', '~x.a.example', '~*.a.example')),
    'ancestor-delegation',
  ],
  [
    'below an unsigned delegation',
    nameError('x.c.example', of(CHAIN, 'c.example', '~x.c.example', '~*.c.example')),
    'ancestor-delegation',
  ],
  [
    'below a DNAME',
    nameError('x.d.example', made(ALIASES, 'd.example', '~x.d.example', '~*.d.example')),
    'below-dname',
  ],
  ['of a child zone', nameError('q.example', made(CHILD, 'c.example', 'a.c.example')), 'name-not-covered'],
  ['nothing at all', nameError('q.example', []), 'name-not-covered'],
  [
    'the closest encloser under another salt',
    nameError('q.example', [
      ...of(CHAIN, '~q.example', '~*.example'),
      ...of(nsec3Chain(ZONE, { iterations: 12, salt: new Uint8Array(0), optOut: false }), 'example'),
    ]),
    'no-closest-encloser',
  ],
]

const NO_DATA: readonly Row[] = [
  ['RFC 5155 B.2: ns1.example MX', noData('ns1.example', 'MX', of(OPTED_OUT, 'ns1.example')), 'proven'],
  [
    'RFC 5155 B.2.1: the empty non-terminal y.w.example A',
    noData('y.w.example', 'A', of(OPTED_OUT, 'y.w.example')),
    'proven',
  ],
  [
    'RFC 5155 B.5: the wildcard has no AAAA, opted out',
    noData('a.z.w.example', 'AAAA', of(OPTED_OUT, 'w.example', '~z.w.example', '*.w.example')),
    'opt-out',
  ],
  [
    'the same without opt-out',
    noData('a.z.w.example', 'AAAA', of(CHAIN, 'w.example', '~z.w.example', '*.w.example')),
    'proven',
  ],
  ['ANY at an empty non-terminal', noData('y.w.example', 'ANY', of(CHAIN, 'y.w.example')), 'proven'],
  [
    'an empty non-terminal above an unsigned delegation, opted out',
    noData('ent.example', 'A', of(OPTED_OUT, 'example', '~ent.example')),
    'opt-out',
  ],
  ['DS where the span is opted out', noData('c.example', 'DS', of(OPTED_OUT, 'example', '~c.example')), 'opt-out'],
  ['DS at a delegation', noData('c.example', 'DS', of(CHAIN, 'c.example')), 'proven'],
  ['DS of the root', noData('.', 'DS', made(ROOT_ZONE, '.')), 'proven'],
  ['RFC 5155 B.6: DS, from the child', noData('example', 'DS', of(CHAIN, 'example')), 'child-side'],
  ['the type is there', noData('ns1.example', 'A', of(CHAIN, 'ns1.example')), 'type-exists'],
  ['ANY where there is something', noData('ns1.example', 'ANY', of(CHAIN, 'ns1.example')), 'type-exists'],
  ['a CNAME is there', noData('c.example', 'A', made(ALIASES, 'c.example')), 'alias-exists'],
  ['A at a delegation, from the parent', noData('a.example', 'A', of(CHAIN, 'a.example')), 'ancestor-delegation'],
  [
    'the wildcard has the type',
    noData('a.z.w.example', 'MX', of(CHAIN, 'w.example', '~z.w.example', '*.w.example')),
    'type-exists',
  ],
  [
    'the wildcard is an alias',
    noData('z.w.example', 'MX', made(ALIASES, 'w.example', '~z.w.example', '*.w.example')),
    'alias-exists',
  ],
  [
    'no wildcard is shown',
    noData('a.z.w.example', 'AAAA', of(CHAIN, 'w.example', '~z.w.example')),
    'wildcard-not-denied',
  ],
  [
    'no closest encloser',
    noData('a.z.w.example', 'AAAA', of(CHAIN, '~z.w.example', '*.w.example')),
    'no-closest-encloser',
  ],
  [
    'the next closer is not covered',
    noData('a.z.w.example', 'AAAA', of(CHAIN, 'w.example', '*.w.example')),
    'next-closer-not-covered',
  ],
  ['below a delegation', noData('x.a.example', 'A', of(CHAIN, 'a.example', '~x.a.example')), 'ancestor-delegation'],
]

const WILDCARD_ANSWERS: readonly Row[] = [
  [
    'RFC 5155 B.4: a.z.w.example, opted out',
    wildcard('a.z.w.example', 'w.example', of(OPTED_OUT, '~z.w.example')),
    'opt-out',
  ],
  ['the same without opt-out', wildcard('a.z.w.example', 'w.example', of(CHAIN, '~z.w.example')), 'proven'],
  [
    'only the name itself is covered',
    wildcard(
      'a.z.w.example',
      'w.example',
      of(CHAIN, '~a.z.w.example').filter((one) => !of(CHAIN, '~z.w.example').includes(one)),
    ),
    'next-closer-not-covered',
  ],
  [
    'the next closer exists',
    wildcard('a.y.w.example', 'w.example', of(CHAIN, 'y.w.example')),
    'next-closer-not-covered',
  ],
  [
    'the parent speaks',
    nsec3WildcardAnswer(of(CHAIN, '~z.c.example'), name('z.c.example'), name('c.example'), name('c.example'), hasher()),
    'name-not-covered',
  ],
]

const NO_DS: readonly Row[] = [
  ['RFC 5155 B.3: c.example, opted out', noDs('c.example', of(OPTED_OUT, 'example', '~c.example')), 'opt-out'],
  ['a delegation with its record', noDs('c.example', of(CHAIN, 'c.example')), 'unsigned-delegation'],
  ['a name with data', noDs('ns1.example', of(CHAIN, 'ns1.example')), 'no-delegation'],
  ['an empty non-terminal', noDs('w.example', of(CHAIN, 'w.example')), 'no-delegation'],
  ['a name that is not there', noDs('q.example', of(CHAIN, 'example', '~q.example')), 'no-delegation'],
  [
    'child and parent together',
    noDs('c.example', [...made(CHILD, 'c.example'), ...of(CHAIN, 'c.example')]),
    'unsigned-delegation',
  ],
  ['the DS is there', noDs('a.example', of(CHAIN, 'a.example')), 'type-exists'],
  ['the child speaks', noDs('c.example', made(CHILD, 'c.example')), 'child-side'],
  [
    'no closest encloser, opted out',
    noDs(
      'c.example',
      of(OPTED_OUT, '~c.example').filter((one) => !of(OPTED_OUT, 'example').includes(one)),
    ),
    'no-closest-encloser',
  ],
  [
    'the next closer is not covered',
    noDs(
      'c.example',
      of(OPTED_OUT, 'example', 'xx.example').filter((one) => !of(OPTED_OUT, '~c.example').includes(one)),
    ),
    'next-closer-not-covered',
  ],
  ['below a delegation', noDs('x.a.example', of(OPTED_OUT, 'a.example', '~x.a.example')), 'ancestor-delegation'],
]

for (const [what, rows] of [
  ['name error', NAME_ERRORS],
  ['no data', NO_DATA],
  ['wildcard answer', WILDCARD_ANSWERS],
  ['no DS', NO_DS],
] as const) {
  for (const [title, verdict, expected] of rows) {
    test(`NSEC3, ${what}: ${title}: ${expected}`, () =>
      assert.equal('because' in verdict ? verdict.because : verdict.kind, expected))
  }
}

// To prove that q.example is absent costs three names: itself, which is the next closer, its encloser, and the wildcard.
for (const [iterations, expected, spent] of [
  [0, 'proven', 3],
  [50, 'proven', 153],
  [51, 'iterations', 0],
  [65535, 'iterations', 0],
] as const) {
  test(`NSEC3 with ${iterations} iterations: ${expected}, ${spent} hashes`, () => {
    const low = nsec3Chain(ZONE, { iterations: Math.min(iterations, 60), salt: SALT, optOut: false })
    const records = of(low, 'example', '~q.example', '~*.example').map((record) => ({ ...record, iterations }))
    const budget = new Nsec3Hasher()
    const verdict = nsec3NameError(records, name('q.example'), budget)
    assert.equal('because' in verdict ? verdict.because : verdict.kind, expected)
    assert.equal(budget.spent, spent)
  })
}

test('records with too many iterations beside others do not make it insecure', () => {
  const high = nsec3Chain(ZONE, { iterations: 123, salt: SALT, optOut: false })
  const verdict = nameError('q.example', [...of(high, '~q.example'), ...of(CHAIN, 'example', '~*.example')])
  assert.equal(verdict.kind, 'not-proven')
})

test('with more records than the limit nothing is proven, and nothing is hashed', () => {
  const budget = new Nsec3Hasher()
  const records = of(CHAIN, 'example', '~q.example', '~*.example')
  const many = Array.from({ length: NSEC3_LIMITS.records - 2 }, () => records[0] ?? assert.fail())
  const verdict = nsec3NameError([...records, ...many], name('q.example'), budget)
  assert.deepEqual(verdict, { kind: 'not-proven', because: 'too-many-records' })
  assert.equal(budget.spent, 0)
})

test('a name of 127 labels and 50 iterations stops at the budget', () => {
  const chain = nsec3Chain(ZONE, { iterations: 50, salt: SALT, optOut: false })
  const budget = new Nsec3Hasher()
  const long = name(`${'a.'.repeat(120)}example`)
  const verdict = nsec3NameError(of(chain, 'example', '~q.example', '~*.example'), long, budget)
  assert.deepEqual(verdict, { kind: 'not-proven', because: 'hash-budget-spent' })
  assert.ok(budget.spent <= NSEC3_LIMITS.hashes)
  const before = budget.spent
  nsec3NoData(of(chain, 'example'), long, 1, budget)
  assert.equal(budget.spent, before, 'the same names are not hashed again, and no more are')
})

test('eight sets of parameters share one budget', () => {
  const records = Array.from({ length: 8 }, (_, i) =>
    of(nsec3Chain(ZONE, { iterations: 20, salt: Uint8Array.of(i), optOut: false }), 'ai.example'),
  ).flat()
  const budget = new Nsec3Hasher()
  nsec3NameError(records, name(`${'a.'.repeat(20)}q.example`), budget)
  assert.ok(budget.spent <= NSEC3_LIMITS.hashes)
})

type Evidence = {
  readonly owner?: string
  readonly flags?: number
  readonly algorithm?: number
  readonly next?: number
  readonly labels?: number
  readonly signer?: string
}
const HASH = '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'
const EVIDENCE: readonly (readonly [title: string, fields: Evidence, expected: string])[] = [
  ['as it should be', {}, 'taken'],
  ['with opt-out', { flags: 1 }, 'taken'],
  ['upper case', { owner: `${HASH.toUpperCase()}.example` }, 'taken'],
  ['unknown flags', { flags: 2 }, 'flags-unknown'],
  ['opt-out and unknown flags', { flags: 3 }, 'flags-unknown'],
  ['an unknown hash algorithm', { algorithm: 2 }, 'hash-algorithm-unknown'],
  ['an owner that is no hash', { owner: 'www.example' }, 'malformed'],
  ['an owner of too few octets', { owner: `${HASH.slice(0, 16)}.example` }, 'malformed'],
  ['a next hash of too few octets', { next: 19 }, 'malformed'],
  ['deeper than one label below its zone', { owner: `${HASH}.b.example` }, 'owner-outside-zone'],
  ['of another zone', { signer: 'test' }, 'owner-outside-zone'],
  ['expanded from a wildcard', { labels: 1 }, 'expanded'],
]
for (const [title, fields, expected] of EVIDENCE) {
  test(`NSEC3 as evidence: ${title}: ${expected}`, () => {
    const rdata = encodeRdata(NSEC3, {
      hashAlgorithm: fields.algorithm ?? 1,
      flags: fields.flags ?? 0,
      iterations: 0,
      salt: SALT,
      nextHash: new Uint8Array(fields.next ?? 20),
      types: types('A RRSIG'),
    })
    const record = { name: name(fields.owner ?? `${HASH}.example`), type: NSEC3.code, class: 1, ttlSeconds: 60, rdata }
    const evidence = nsec3Evidence(record, signature(name(fields.signer ?? 'example'), fields.labels ?? 2))
    assert.equal(evidence.ok ? 'taken' : evidence.error.kind, expected)
  })
}

function signature(signer: Name, labels: number): RrsigData {
  const times = { originalTtlSeconds: 60, expiration: 2, inception: 1 }
  const of = { typeCovered: NSEC3.code, algorithm: 13, keyTag: 1, signature: new Uint8Array(64) }
  return { ...of, ...times, labels, signer }
}
