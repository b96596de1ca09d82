import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import fc from 'fast-check'
import { expectOk } from '@scop/result'
import {
  A,
  absent,
  applyDiff,
  applyUpdate,
  authoriseBy,
  CDS,
  checkZone,
  CNAME,
  DNAME,
  DNSKEY,
  DS,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  parseZone,
  RRSIG,
  type Zone,
  DEFAULT_LIMITS,
  deleteName,
  deleteRecord,
  deleteRrset,
  exactly,
  exists,
  formatRcode,
  formatRecord,
  formatZoneFinding,
  makeRecord,
  type NamePattern,
  NS,
  type ResourceRecord,
  SOA,
  TXT,
  TYPE_ANY,
  updateMessage,
  type UpdateOutcome,
  zoneRecords,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, name } from './example-zone.ts'

const ZONE = exampleZone()
const ZONES = zoneSet([ZONE])
const anyone = (): boolean => true
const n = (label: string) => name(`${label}.example.org`)
const a = (label: string, last: number, ttl = 60): ResourceRecord =>
  makeRecord(A, n(label), ttl, { address: expectOk(parseIpAddress(`192.0.2.${last}`), 'read') })
const soa = (serial: number): ResourceRecord => makeRecord(SOA, name('example.org'), 3600, { ...ZONE.soa, serial })
const ns = (target: string): ResourceRecord => makeRecord(NS, name('example.org'), 3600, { name: name(target) })
const dname = (label: string, target: string): ResourceRecord => makeRecord(DNAME, n(label), 60, { name: name(target) })
const alias = (label: string, target: string): ResourceRecord => makeRecord(CNAME, n(label), 60, { name: name(target) })

function update(prerequisites: readonly ResourceRecord[], updates: readonly ResourceRecord[]): UpdateOutcome {
  return applyUpdate(ZONES, updateMessage(1, name('example.org'), prerequisites, updates), anyone)
}
function show(outcome: UpdateOutcome): string {
  if (outcome.kind === 'refused') return formatRcode(outcome.rcode)
  if (outcome.kind === 'unchanged') return 'unchanged'
  const line = (sign: string) => (record: ResourceRecord) =>
    record.type === SOA.code
      ? []
      : [
          sign +
            formatRecord(record)
              .replace(/\.example\.org\./g, '')
              .replace(/ IN/, ''),
        ]
  const changed = [...outcome.diff.removed.flatMap(line('-')), ...outcome.diff.added.flatMap(line('+'))].join(', ')
  return `${outcome.diff.toSerial}: ${changed}`
}

const inUse = (label: string) => exists(n(label), TYPE_ANY)
const notInUse = (label: string) => absent(n(label), TYPE_ANY)
const add = [a('new', 1)]
const added = '101: +new 60 A 192.0.2.1'

/** what; prerequisites; updates; outcome */
const TABLE: readonly (readonly [string, readonly ResourceRecord[], readonly ResourceRecord[], string | RegExp])[] = [
  ['no prerequisites', [], add, added],
  ['name in use', [inUse('web')], add, added],
  ['name in use, not met', [inUse('absent')], add, 'NXDOMAIN'],
  ['name in use, an empty name', [inUse('ent')], add, 'NXDOMAIN'],
  ['name not in use', [notInUse('absent')], add, added],
  ['name not in use, not met', [notInUse('web')], add, 'YXDOMAIN'],
  ['RRset exists', [exists(n('web'), A.code)], add, added],
  ['RRset exists, not met', [exists(n('web'), TXT.code)], add, 'NXRRSET'],
  ['RRset absent', [absent(n('web'), TXT.code)], add, added],
  ['RRset absent, not met', [absent(n('web'), A.code)], add, 'YXRRSET'],
  ['RRset equal', [exactly(a('web', 80))], add, added],
  ['RRset equal, another value', [exactly(a('web', 81))], add, 'NXRRSET'],
  ['RRset equal, one too many', [exactly(a('web', 80)), exactly(a('web', 81))], add, 'NXRRSET'],
  ['RRset equal, one too few', [exactly(ns('ns1.example.org'))], add, 'NXRRSET'],
  ['RRset equal, in any order and case', [exactly(ns('NS2.example.org')), exactly(ns('ns1.example.org'))], add, added],
  ['prerequisite outside the zone', [exists(name('example.net'), A.code)], add, 'NOTZONE'],
  ['prerequisite with a TTL', [a('web', 80)], add, 'FORMERR'],
  ['prerequisite of class CH', [{ ...exactly(a('web', 80)), class: 3 }], add, 'FORMERR'],
  ['prerequisite ANY with data', [{ ...exists(n('web'), A.code), rdata: new Uint8Array(4) }], add, 'FORMERR'],
  ['prerequisite NONE with data', [{ ...absent(n('x'), A.code), rdata: new Uint8Array(4) }], add, 'FORMERR'],
  ['prerequisite of a meta type', [{ ...exactly(a('web', 80)), type: TYPE_ANY }], add, 'FORMERR'],
  ['nothing to do', [], [], 'unchanged'],
  // What a server would refuse to load.
  ['a server of the zone that is an alias', [], [alias('new', 'web.example.org'), ns('new.example.org')], 'REFUSED'],
  ['a server of the zone without an address', [], [ns('new.example.org')], 'REFUSED'],
  ['a server of the zone, its address behind it', [], [ns('new.example.org'), ...add], /\+new 60 A/],
  ['a server of the zone that is elsewhere', [], [ns('ns.other.test')], /NS ns\.other\.test\./],
  ['the address of a server of the zone', [], [deleteRrset(n('ns1'), A.code)], 'REFUSED'],
  ['an address at a name that is no host', [], [a('_x', 1)], 'REFUSED'],
  ['add what is there', [], [a('web', 80, 3600)], 'unchanged'],
  ['add what is there with another TTL', [], [a('web', 80, 5)], '101: -web 3600 A 192.0.2.80, +web 5 A 192.0.2.80'],
  ['add and delete again', [], [...add, deleteRecord(a('new', 1))], 'unchanged'],
  ['delete a record', [], [deleteRecord(a('web', 80))], '101: -web 3600 A 192.0.2.80'],
  ['delete a record that is not there', [], [deleteRecord(a('web', 81))], 'unchanged'],
  ['delete an RRset', [], [deleteRrset(n('web'), A.code)], '101: -web 3600 A 192.0.2.80'],
  ['delete an RRset that is not there', [], [deleteRrset(n('web'), TXT.code)], 'unchanged'],
  ['delete a name', [], [deleteName(n('nomail'))], '101: -nomail 3600 MX 0 .'],
  [
    'delete at the apex spares SOA and NS',
    [],
    [deleteRrset(name('example.org'), NS.code), deleteRrset(name('example.org'), SOA.code)],
    'unchanged',
  ],
  [
    'the last NS of the apex stays',
    [],
    [deleteRecord(ns('ns1.example.org')), deleteRecord(ns('ns2.example.org'))],
    '101: -example.org. 3600 NS ns1',
  ],
  ['the SOA is not deleted', [], [deleteRecord(soa(100))], 'unchanged'],
  ['an SOA with a later serial', [], [soa(200)], '200: '],
  ['an SOA with an earlier serial', [], [soa(99)], 'unchanged'],
  ['an SOA elsewhere', [], [{ ...soa(200), name: n('x') }], 'unchanged'],
  ['an alias over other data is ignored', [], [alias('web', 'x.example.org')], 'unchanged'],
  ['other data over an alias are ignored', [], [a('www', 1)], 'unchanged'],
  ['an alias replaces an alias', [], [alias('www', 'x.example.org')], '101: -www 3600 CNAME web, +www 60 CNAME x'],
  ['a DNAME replaces a DNAME', [], [dname('d', 'x.example.org'), dname('d', 'y.example.org')], '101: +d 60 DNAME y'],
  ['an update outside the zone', [], [{ ...a('x', 1), name: name('example.net') }], 'NOTZONE'],
  ['an update of a meta type', [], [{ ...a('x', 1), type: TYPE_ANY }], 'FORMERR'],
  ['an update of class CH', [], [{ ...a('x', 1), class: 3 }], 'FORMERR'],
  ['delete RRset with a TTL', [], [{ ...deleteRrset(n('web'), A.code), ttlSeconds: 1 }], 'FORMERR'],
  ['delete RRset with data', [], [{ ...deleteRrset(n('web'), A.code), rdata: new Uint8Array(4) }], 'FORMERR'],
  ['delete RRset of type AXFR', [], [deleteRrset(n('web'), 252)], 'FORMERR'],
  ['delete record with a TTL', [], [{ ...deleteRecord(a('web', 80)), ttlSeconds: 1 }], 'FORMERR'],
  ['delete record without data', [], [absent(n('web'), A.code)], 'FORMERR'],
  ['delete record of type ANY', [], [{ ...deleteRecord(a('web', 80)), type: TYPE_ANY }], 'FORMERR'],
  ['prerequisite of type AXFR', [exists(n('web'), 252)], add, 'FORMERR'],
  ['prerequisite of type AXFR, absent', [absent(n('web'), 252)], add, 'FORMERR'],
  ['an RRSIG', [], [{ ...a('web', 1), type: RRSIG.code }], 'REFUSED'],
  ['an NSEC', [], [{ ...a('web', 1), type: NSEC.code }], 'REFUSED'],
  ['delete an NSEC3 set', [], [deleteRrset(n('web'), NSEC3.code)], 'REFUSED'],
  ['delete an NSEC3PARAM', [], [deleteRecord({ ...a('web', 1), type: NSEC3PARAM.code })], 'REFUSED'],
  ['one bad update spoils all', [], [...add, { ...a('x', 1), class: 3 }], 'FORMERR'],
]
for (const [what, prerequisites, updates, outcome] of TABLE) {
  test(`${what}: ${String(outcome)}`, () => {
    const result = update(prerequisites, updates)
    if (typeof outcome === 'string') assert.equal(show(result), outcome)
    else assert.match(show(result), outcome)
    assert.equal(ZONE.soa.serial, 100)
    if (result.kind !== 'changed') return
    const lines = (records: readonly ResourceRecord[]): readonly string[] => records.map(formatRecord)
    assert.deepEqual(
      lines(zoneRecords(expectOk(applyDiff(ZONE, result.diff), 'apply'))),
      lines(zoneRecords(result.zone)),
    )
  })
}

test('the zone section: one SOA question of class IN, of a zone that is ours', () => {
  const message = updateMessage(1, name('example.org'), [], add)
  const question = { name: name('example.org'), type: SOA.code, class: 1 }
  const rcode = (questions: readonly (typeof question)[]): string =>
    show(applyUpdate(ZONES, { ...message, questions }, anyone))
  assert.equal(rcode([]), 'FORMERR')
  assert.equal(rcode([question, question]), 'FORMERR')
  assert.equal(rcode([{ ...question, type: A.code }]), 'FORMERR')
  assert.equal(rcode([{ ...question, class: 3 }]), 'NOTAUTH')
  assert.equal(rcode([{ ...question, name: name('example.net') }]), 'NOTAUTH')
  assert.equal(rcode([{ ...question, name: n('web') }]), 'NOTAUTH')
})

test('limits: records of one update, of one RRset', () => {
  const many = Array.from({ length: 5 }, (_, i) => a('new', i))
  const run = (limits: Partial<typeof DEFAULT_LIMITS>): string =>
    show(applyUpdate(ZONES, updateMessage(1, name('example.org'), [], many), anyone, { ...DEFAULT_LIMITS, ...limits }))
  assert.match(run({ updateRecords: 5, recordsPerRrset: 20 }), /^101/)
  assert.equal(run({ updateRecords: 4 }), 'REFUSED')
  assert.equal(run({ recordsPerRrset: 4 }), 'REFUSED')
})

test('prerequisites are judged before permission, permission before any change', () => {
  const nobody = (): boolean => false
  const message = (prerequisites: readonly ResourceRecord[]) =>
    updateMessage(1, name('example.org'), prerequisites, add)
  assert.equal(show(applyUpdate(ZONES, message([inUse('absent')]), nobody)), 'NXDOMAIN')
  assert.equal(show(applyUpdate(ZONES, message([]), nobody)), 'REFUSED')
})

const key = name('k')
const inZone = (text: string) => ({ ...a('x', 1), name: name(text) })
const GRANTS: readonly (readonly [NamePattern, readonly number[] | 'any', ResourceRecord, boolean])[] = [
  [{ kind: 'any' }, 'any', a('web', 1), true],
  [{ kind: 'any' }, [TXT.code], a('web', 1), false],
  [{ kind: 'any' }, [A.code], deleteName(n('web')), false],
  [{ kind: 'any' }, 'any', deleteName(n('web')), true],
  [{ kind: 'exact', name: n('WEB') }, [A.code], a('web', 1), true],
  [{ kind: 'exact', name: n('web') }, [A.code], a('x.web', 1), false],
  [{ kind: 'at-or-below', name: n('web') }, [A.code], a('x.web', 1), true],
  [{ kind: 'at-or-below', name: n('web') }, [A.code], a('xweb', 1), false],
  [{ kind: 'below', name: n('web') }, [A.code], a('x.web', 1), true],
  [{ kind: 'below', name: n('web') }, [A.code], a('y.x.web', 1), true],
  [{ kind: 'below', name: n('web') }, [A.code], a('web', 1), false],
  [{ kind: 'self' }, [A.code], inZone('k'), true],
  [{ kind: 'self' }, [A.code], inZone('x.k'), false],
  [{ kind: 'self' }, [A.code], a('web', 1), false],
  [{ kind: 'self-or-below' }, [A.code], inZone('x.k'), true],
  [{ kind: 'self-or-below' }, [A.code], inZone('xk'), false],
  [{ kind: 'any' }, 'any', { ...a('web', 1), type: DNSKEY.code }, false],
  [{ kind: 'any' }, 'any', { ...a('web', 1), type: CDS.code }, false],
  [{ kind: 'any' }, [DNSKEY.code], { ...a('web', 1), type: DNSKEY.code }, true],
  [{ kind: 'below-label', label: '_domainkey' }, [A.code], a('s._domainkey', 1), true],
  [{ kind: 'below-label', label: '_domainkey' }, [A.code], a('t.s._DomainKey', 1), true],
  [{ kind: 'below-label', label: '_domainkey' }, [A.code], a('_domainkey', 1), false],
  [{ kind: 'below-label', label: '_domainkey' }, [A.code], a('s._domainkey.sub', 1), false],
  [
    { kind: 'below-label', label: '_domainkey' },
    [A.code],
    { ...a('x', 1), name: name('s._domainkey.example.net') },
    false,
  ],
]
for (const [names, types, record, allowed] of GRANTS) {
  test(`grant ${names.kind} ${String(types)} ${allowed ? 'covers' : 'does not cover'} ${formatRecord(record)}`, () => {
    assert.equal(authoriseBy([{ key, names, types }], name('K'))(ZONE, record), allowed)
    assert.equal(authoriseBy([{ key, names, types }], name('other'))(ZONE, record), false)
  })
}

/** A signed zone as a signer left it; its signatures are none, which nobody here verifies. */
const SIGNED: Zone = expectOk(
  parseZone(
    `$TTL 60
@ SOA ns root 1 2 3 4 5
@ RRSIG SOA 13 2 60 20300101000000 20200101000000 1 example.org. AAAA
@ NS ns
@ DNSKEY 257 3 13 AAAA
@ TXT apex
ns A 192.0.2.1
@ NSEC ns.example.org. SOA NS TXT RRSIG NSEC DNSKEY
old CNAME ns
old RRSIG CNAME 13 3 60 20300101000000 20200101000000 1 example.org. AAAA
old NSEC example.org. CNAME RRSIG NSEC
`,
    name('example.org'),
  ),
  'read',
)
test('in a signed zone: aliases stand beside what the signer adds, which no update touches', () => {
  const run = (prerequisites: readonly ResourceRecord[], updates: readonly ResourceRecord[]): string =>
    show(
      applyUpdate(
        zoneSet([SIGNED]),
        updateMessage(1, name('example.org'), prerequisites, updates),
        authoriseBy([{ key, names: { kind: 'any' }, types: 'any' }], key),
      ),
    )
  assert.equal(run([], [alias('old', 'x.example.org')]), '2: -old 60 CNAME ns, +old 60 CNAME x')
  assert.equal(run([], [a('old', 1)]), 'unchanged')
  assert.equal(run([], [deleteName(n('old'))]), '2: -old 60 CNAME ns')
  assert.equal(run([], [deleteName(name('example.org'))]), '2: -example.org. 60 TXT "apex"')
  assert.equal(run([], [deleteRrset(name('example.org'), DNSKEY.code)]), 'REFUSED')
  assert.equal(run([exists(n('old'), RRSIG.code)], []), 'unchanged')
  assert.equal(run([exists(n('ns'), RRSIG.code)], []), 'NXRRSET')
})

test('what an update makes of a zone has no error that the zone had not', () => {
  const owner = fc.constantFrom(...['example.org', 'ns1.example.org', 'x.example.org', 'a.x.example.org'].map(name))
  const target = fc.constantFrom(
    ...['ns1.example.org', 'ns2.example.org', 'x.example.org', 'a.x.example.org', 'ns.other.'].map(name),
  )
  const ds = (at: ReturnType<typeof name>, octets: number): ResourceRecord =>
    makeRecord(DS, at, 60, { keyTag: 1, algorithm: 13, digestType: 2, digest: new Uint8Array(octets) })
  const record = fc.oneof(
    owner.map((at): ResourceRecord => ({ ...a('web', 1), name: at })),
    fc.tuple(owner, target).map(([at, to]) => makeRecord(NS, at, 60, { name: to })),
    fc.tuple(owner, target).map(([at, to]) => makeRecord(CNAME, at, 60, { name: to })),
    fc
      .tuple(fc.constantFrom(name('example.org'), n('x')), fc.constantFrom(31, 32))
      .map(([at, octets]) => ds(at, octets)),
  )
  const change = fc.oneof(
    record,
    record.map(deleteRecord),
    record.map((one) => deleteRrset(one.name, one.type)),
    owner.map(deleteName),
  )
  const errorsOf = (zone: Zone): readonly string[] =>
    checkZone(zone)
      .filter(({ severity }) => severity === 'error')
      .map(formatZoneFinding)
  const seen = { changed: 0, refused: 0 }
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 6 }), (updates) => {
      let zone = ZONE
      for (const each of updates) {
        const outcome = applyUpdate(zoneSet([zone]), updateMessage(1, name('example.org'), [], each), anyone)
        if (outcome.kind === 'refused' && outcome.errors.length > 0) seen.refused++
        if (outcome.kind !== 'changed') continue
        seen.changed++
        const before = errorsOf(zone)
        assert.deepEqual(
          errorsOf(outcome.zone).filter((error) => !before.includes(error)),
          [],
        )
        zone = outcome.zone
      }
    }),
  )
  assert.ok(seen.changed > 0 && seen.refused > 0, JSON.stringify(seen))
})

test('an error that is there already does not stop updates, and may be put right by them', () => {
  const broken = expectOk(
    parseZone('$TTL 60\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\n', name('example.org')),
    'read',
  )
  const run = (...updates: readonly ResourceRecord[]): UpdateOutcome =>
    applyUpdate(zoneSet([broken]), updateMessage(1, name('example.org'), [], updates), anyone)
  assert.equal(run(a('web', 1)).kind, 'changed')
  assert.equal(run(a('ns', 1)).kind, 'changed')
  const refused = run(ns('none.example.org'))
  assert.deepEqual(refused.kind === 'refused' ? refused.errors.map(formatZoneFinding) : [], [
    'error name-server-without-address example.org. NS none.example.org.',
  ])
})
