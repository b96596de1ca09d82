import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  A,
  applyDiff,
  createZone,
  DEFAULT_LIMITS,
  editZone,
  findNode,
  formatRecord,
  formatZone,
  formatZoneFileError,
  isSerialAfter,
  makeRecord,
  nextSerial,
  parseRecords,
  parseZone,
  type ResourceRecord,
  TXT,
  type Zone,
  type ZoneDiff,
  zoneRecords,
} from '../src/index.ts'
import { EXAMPLE_TEXT, exampleZone, name } from './example-zone.ts'

const ORIGIN = name('example.org')
const lines = (zone: Zone): readonly string[] =>
  zoneRecords(zone)
    .map((each) => formatRecord(each).toLowerCase())
    .sort()
const a = (owner: string, address = '192.0.2.9', ttl = 60): ResourceRecord =>
  makeRecord(A, name(owner), ttl, { address: expectOk(parseIpAddress(address), 'read') })

test('a zone, written and read again, is the same zone', () => {
  const zone = exampleZone()
  const again = expectOk(parseZone(formatZone(zone), ORIGIN), 'read what was written')
  assert.deepEqual(lines(again), lines(zone))
  assert.equal(zone.recordCount, lines(zone).length)
})

const HEAD = '@ 60 IN SOA a b 1 2 3 4 5\n@ NS a\n'
const REFUSED: readonly (readonly [string, string])[] = [
  ['@ 60 NS a', '1:1 no-soa'],
  ['@ 60 SOA a b 1 2 3 4 5', '1:1 no-name-servers'],
  [`${HEAD}@ SOA a b 2 2 3 4 5`, '3:1 several-soas'],
  [`${HEAD}x SOA a b 2 2 3 4 5`, '3:1 soa-not-at-apex'],
  [`${HEAD}other.example. A 192.0.2.1`, '3:1 not-in-zone'],
  [`${HEAD}x CNAME y\nx A 192.0.2.1`, '4:1 alias-and-other-data'],
  [`${HEAD}x A 192.0.2.1\nx CNAME y`, '4:1 alias-and-other-data'],
  [`${HEAD}x CNAME y\nx CNAME z`, '4:1 several-aliases'],
  [`${HEAD}x DNAME y\nx DNAME z`, '4:1 several-aliases'],
  [`${HEAD}x A 192.0.2.256`, '3:5 not-an-address'],
  [`${HEAD}x MX 10`, '3:8 field-missing'],
  [`${HEAD}x MX 10 m extra`, '3:11 field-left-over'],
  [`${HEAD}x TXT "a\n`, '3:7 unclosed-quote'],
  [`${HEAD}x TXT ( "a"\n"b"\n`, '3:7 unclosed-parenthesis'],
  [`${HEAD}x TXT "a" )`, '3:11 unopened-parenthesis'],
  [`${HEAD}x NOSUCH a`, '3:3 unknown-type'],
  [`${HEAD}x CH TXT a`, '3:1 not-class-in'],
  [`${HEAD}x 60`, '3:5 no-type'],
  [`${HEAD}x 2147483648 A 192.0.2.1`, '3:3 ttl-too-large'],
  [`${HEAD}x ANY \\# 0`, '3:1 meta-type'],
  [`${HEAD}$NOSUCH x`, '3:1 unknown-directive'],
  [`${HEAD}$INCLUDE x`, '3:1 unsupported-directive'],
  [`${HEAD}$TTL x`, '3:6 not-a-number'],
  [`${HEAD}$TTL`, '3:1 field-missing'],
  [`${HEAD}$ORIGIN a..b`, '3:9 not-a-name'],
  [`${HEAD}$ORIGIN a b`, '3:11 field-left-over'],
  [`${HEAD}x\\ A 192.0.2.1`, '3:6 unknown-type'],
  [' A 192.0.2.1', '1:2 no-owner'],
  ['x A 192.0.2.1', '1:3 no-ttl'],
  [`${HEAD}x TXT a\0b`, '3:8 nul-character'],
]
for (const [text, where] of REFUSED) {
  test(`refuses ${JSON.stringify(text.split('\n').slice(-2).join(' ').slice(0, 50))}: ${where}`, () => {
    const zone = parseZone(text, ORIGIN)
    assert.equal(zone.ok ? 'accepted' : `${zone.error.line}:${zone.error.column} ${zone.error.kind}`, where)
  })
}

test('an error names file, line, column and text', () => {
  const zone = parseZone(`${HEAD}x NOSUCH a`, ORIGIN)
  assert.equal(zone.ok ? '' : formatZoneFileError('one.zone', zone.error), 'one.zone:3:3: unknown-type "NOSUCH"')
})

test('TTL and class: in either order, from $TTL, from the record before, from the SOA', () => {
  const text = `
@ SOA a b 1 2 3 4 77
x IN A 192.0.2.1
x 5 IN A 192.0.2.2
y IN 6 A 192.0.2.3
$TTL 1h30m
z A 192.0.2.4
IN A 192.0.2.5
  60 A 192.0.2.6`
  const records = expectOk(parseRecords(text, ORIGIN), 'read')
  assert.deepEqual(
    records.map(({ ttlSeconds }) => ttlSeconds),
    [77, 77, 5, 6, 5400, 5400, 60],
  )
  assert.deepEqual(
    records.slice(-2).map((each) => formatRecord(each).split(' ')[0]),
    ['IN.example.org.', 'IN.example.org.'],
  )
})

test('CRLF, tabs, comments and UTF-8 strings are read', () => {
  const records = expectOk(parseRecords('x\t5\tTXT\t"\u00fc;" ; a comment\r\n; another\r\n\r\n', ORIGIN), 'read')
  assert.deepEqual(records.map(formatRecord), ['x.example.org. 5 IN TXT "\\195\\188;"'])
})

test('limits of a zone: records, RRset, types, file, tokens', () => {
  const kind = (text: string, limits: Partial<typeof DEFAULT_LIMITS>): string => {
    const zone = parseZone(text, ORIGIN, { ...DEFAULT_LIMITS, ...limits })
    return zone.ok ? 'accepted' : zone.error.kind
  }
  const sameName = Array.from({ length: 5 }, (_, i) => `x A 192.0.2.${i}\n`).join('')
  const types = Array.from({ length: 5 }, (_, i) => `x TYPE${1000 + i} \\# 0\n`).join('')
  assert.equal(kind(HEAD + sameName, { recordsPerRrset: 5 }), 'accepted')
  assert.equal(kind(HEAD + sameName, { recordsPerRrset: 4 }), 'rrset-too-large')
  assert.equal(kind(HEAD + types, { typesPerName: 5 }), 'accepted')
  assert.equal(kind(HEAD + types, { typesPerName: 4 }), 'too-many-types')
  assert.equal(kind(HEAD + sameName, { zoneRecords: 7 }), 'accepted')
  assert.equal(kind(HEAD + sameName, { zoneRecords: 6 }), 'too-many-records')
  assert.equal(kind(HEAD, { zoneFileOctets: HEAD.length - 1 }), 'file-too-large')
  assert.equal(kind(`${HEAD}x TXT a b c d e f g h i j k`, { zoneFileTokens: 12 }), 'too-many-tokens')
})

test('names exist because of names below them, and no longer than those', () => {
  const zone = exampleZone()
  assert.equal(findNode(zone, name('ent.example.org'))?.children, 1)
  const editor = editZone(zone)
  editor.removeRrset(name('a.b.ent.example.org'), A.code)
  const next = expectOk(editor.finish(), 'finish')
  for (const gone of ['a.b.ent', 'b.ent', 'ent']) assert.equal(findNode(next, name(`${gone}.example.org`)), undefined)
  assert.ok(findNode(zone, name('ent.example.org')) !== undefined) // the version before stays
})

test('a diff leads from one version to the next and back, and is exact', () => {
  const zone = exampleZone()
  const editor = editZone(zone)
  const soa = zoneRecords(zone)[0]
  assert.ok(soa !== undefined)
  editor.remove(soa)
  const newSoa = expectOk(parseRecords('@ 3600 SOA ns1 hostmaster 101 7200 900 1209600 300', ORIGIN), 'read')[0]
  assert.ok(newSoa !== undefined)
  editor.add(newSoa)
  editor.add(a('new.example.org'))
  editor.setTtl(name('web.example.org'), A.code, 5)
  editor.removeRrset(name('big.example.org'), TXT.code)
  const next = expectOk(editor.finish(), 'finish')
  const diff: ZoneDiff = { fromSerial: 100, toSerial: 101, ...editor.diff() }
  assert.equal(diff.removed[0]?.type, 6)
  assert.equal(diff.added[0]?.type, 6)
  assert.deepEqual(lines(expectOk(applyDiff(zone, diff), 'apply')), lines(next))
  const back: ZoneDiff = { fromSerial: 101, toSerial: 100, removed: diff.added, added: diff.removed }
  assert.deepEqual(lines(expectOk(applyDiff(next, back), 'apply backwards')), lines(zone))
  const kind = (from: Zone, change: ZoneDiff): string => {
    const result = applyDiff(from, change)
    return result.ok ? 'accepted' : result.error.kind
  }
  assert.equal(kind(next, diff), 'serial-differs')
  assert.equal(kind(zone, { ...diff, toSerial: 102 }), 'serial-differs')
  assert.equal(kind(zone, { ...diff, removed: [...diff.removed, a('absent.example.org')] }), 'record-not-there')
  assert.equal(
    kind(zone, { ...diff, added: [...diff.added, a('web.example.org', '192.0.2.80')] }),
    'record-already-there',
  )
})

test('any changes: every version keeps its records, counts them right, and its diff is exact', () => {
  const owner = fc.constantFrom('a', 'b', 'a.b', 'x.y.z', 'y.z', 'q').map((label) => `${label}.example.org`)
  const change = fc.record({ owner, address: fc.integer({ min: 1, max: 4 }), add: fc.boolean() })
  const base = expectOk(createZone(ORIGIN, expectOk(parseRecords(HEAD, ORIGIN), 'read')), 'create')
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 30 }), (batches) => {
      let zone = base
      const model = new Set<string>()
      for (const batch of batches) {
        const before = lines(zone)
        const editor = editZone(zone)
        for (const each of batch) {
          const record = a(each.owner, `192.0.2.${each.address}`)
          if (each.add) editor.add(record)
          else editor.remove(record)
          if (each.add) model.add(formatRecord(record))
          else model.delete(formatRecord(record))
        }
        const next = expectOk(editor.finish(), 'finish')
        const diff = { fromSerial: 1, toSerial: 1, ...editor.diff() }
        assert.deepEqual(lines(expectOk(applyDiff(zone, diff), 'apply')), lines(next))
        assert.deepEqual(lines(zone), before)
        zone = next
        assert.deepEqual(
          new Set(lines(zone).filter((line) => line.includes(' a '))),
          new Set([...model].map((line) => line.toLowerCase())),
        )
        assert.equal(zone.recordCount, lines(zone).length)
      }
      // A node without records has children, and their number is right.
      for (const [key, node] of zone.nodes.entries()) {
        const below = [...zone.nodes.entries()].filter(
          ([other]) => other.slice(1 + other.charCodeAt(0)) === key && other !== key,
        )
        assert.equal(node.children, below.length)
        assert.ok(node.rrsets.size > 0 || node.children > 0)
      }
    }),
    { numRuns: 50 },
  )
})

test('serial numbers go around', () => {
  assert.ok(isSerialAfter(1, 0) && isSerialAfter(0, 0xffffffff) && isSerialAfter(0x7fffffff, 0))
  assert.ok(!isSerialAfter(0, 0) && !isSerialAfter(0, 1) && !isSerialAfter(0x80000000, 0))
  assert.equal(nextSerial(0xffffffff), 1)
  assert.equal(nextSerial(7), 8)
})

test('the example zone has no mistakes that reading would hide', () => {
  assert.equal(expectOk(parseRecords(EXAMPLE_TEXT, ORIGIN), 'read').length, exampleZone().recordCount)
})
