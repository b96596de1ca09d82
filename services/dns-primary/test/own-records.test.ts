import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyDiff, formatRecord, type Name, parseName, parseZone, ROOT, type Zone, zoneRecords } from '@scop/dns'
import { expectOk } from '@scop/result'
import { formatDifference, ownRecords, replaceRecords, serialAfter, withSerial } from '../src/own-records.ts'
import { BECAUSE, nameOf, startPrimary } from './primary-fixture.ts'

const ORIGIN: Name = expectOk(parseName('one.example', ROOT), 'read')
const HEAD = '$TTL 60\n@ SOA ns root 7 7200 900 1209600 300\n@ NS ns\nns A 127.0.0.1\n'
const SIGNED =
  '@ DNSKEY 257 3 13 AAAA\n@ CDS 1 13 9 00\n@ CDNSKEY 257 3 13 AAAA\n@ NSEC ns A NS SOA\n' +
  'ns RRSIG A 13 3 60 20300101000000 20260101000000 1 one.example. AAAA\nns NSEC @ A RRSIG NSEC\n'
const zone = (text: string): Zone => expectOk(parseZone(text, ORIGIN), 'read the zone')
const change = (before: string, wanted: string) =>
  replaceRecords(zone(before), zoneRecords(zone(wanted)), 'own', (serial) => serial + 1)

const CASES: readonly (readonly [string, string, string, string | RegExp])[] = [
  // what happens        before                      wanted                        the difference
  ['nothing', HEAD, HEAD, ''],
  ['nothing beside signatures', HEAD + SIGNED, HEAD, ''],
  ['signatures that are brought are not taken', HEAD, HEAD + SIGNED, ''],
  ['a record comes', HEAD, `${HEAD}www A 127.0.0.2\n`, '+www.one.example. 60 IN A 127.0.0.2\n'],
  ['a record goes', `${HEAD}www A 127.0.0.2\n`, HEAD, '-www.one.example. 60 IN A 127.0.0.2\n'],
  [
    'a TTL',
    `${HEAD}www A 127.0.0.2\n`,
    `${HEAD}www 90 A 127.0.0.2\n`,
    '-www.one.example. 60 IN A 127.0.0.2\n+www.one.example. 90 IN A 127.0.0.2\n',
  ],
  [
    'an alias where data were',
    `${HEAD}www A 127.0.0.2\n`,
    `${HEAD}www CNAME ns\n`,
    '-www.one.example. 60 IN A 127.0.0.2\n+www.one.example. 60 IN CNAME ns.one.example.\n',
  ],
  [
    'data where an alias was',
    `${HEAD}www CNAME ns\n`,
    `${HEAD}www TXT a\n`,
    '-www.one.example. 60 IN CNAME ns.one.example.\n+www.one.example. 60 IN TXT "a"\n',
  ],
  [
    'a value',
    `${HEAD}www A 127.0.0.2\n`,
    `${HEAD}www A 127.0.0.3\n`,
    '-www.one.example. 60 IN A 127.0.0.2\n+www.one.example. 60 IN A 127.0.0.3\n',
  ],
  [
    'a value of a set',
    `${HEAD}www A 127.0.0.2\n`,
    `${HEAD}www A 127.0.0.2\nwww A 127.0.0.3\n`,
    /\+www\.one\.example\. 60 IN A 127\.0\.0\.3\n/,
  ],
  ['letter case in data', `${HEAD}www CNAME ns\n`, `${HEAD}www CNAME NS\n`, ''],
]
for (const [name, before, wanted, difference] of CASES) {
  test(`changes: ${name}`, () => {
    const changed = expectOk(change(before, wanted), 'change')
    if (difference === '') return assert.equal(changed, undefined)
    assert.ok(changed)
    const others = {
      removed: changed.diff.removed.filter(({ type }) => type !== 6),
      added: changed.diff.added.filter(({ type }) => type !== 6),
    }
    if (typeof difference === 'string') assert.equal(formatDifference(others), difference)
    else assert.match(formatDifference(others), difference)
    assert.equal(changed.zone.soa.serial, 8)
    const applied = expectOk(applyDiff(zone(before), changed.diff), 'apply the same difference')
    assert.deepEqual(zoneRecords(applied).map(formatRecord), zoneRecords(changed.zone).map(formatRecord))
    assert.deepEqual(
      ownRecords(changed.zone)
        .filter(({ type }) => type !== 6)
        .map(formatRecord)
        .sort(),
      zoneRecords(zone(wanted))
        .filter(({ type }) => type !== 6)
        .map(formatRecord)
        .sort(),
    )
  })
}

test('a later serial is taken, an earlier one is not', () => {
  const at = (serial: number): string => HEAD.replace(' 7 ', ` ${serial} `)
  assert.equal(expectOk(change(HEAD, at(100)), 'change')?.zone.soa.serial, 100)
  assert.equal(expectOk(change(HEAD, at(6)), 'change'), undefined)
  assert.equal(expectOk(change(HEAD, `${at(3)}www A 127.0.0.2\n`), 'change')?.zone.soa.serial, 8)
  assert.equal(expectOk(change(HEAD, HEAD.replace('900', '901')), 'change')?.zone.soa.serial, 8)
})

test('refuses what is no zone', () => {
  const wanted = zoneRecords(zone(HEAD))
  const kind = (records: typeof wanted): string | undefined => {
    const changed = replaceRecords(zone(HEAD), records, 'own', (serial) => serial + 1)
    return changed.ok ? undefined : changed.error.kind
  }
  assert.equal(kind(wanted.filter(({ type }) => type !== 6)), 'no-soa')
  assert.equal(kind(wanted.filter(({ type }) => type !== 2)), 'no-name-servers')
})

test('the serial never goes back', () => {
  const nowMs = Date.UTC(2026, 10, 25)
  assert.equal(serialAfter(7, 'increment', nowMs), 8)
  assert.equal(serialAfter(0xffffffff, 'increment', nowMs), 1)
  assert.equal(serialAfter(7, 'unixtime', nowMs), nowMs / 1000)
  assert.equal(serialAfter(nowMs / 1000, 'unixtime', nowMs), nowMs / 1000 + 1)
  assert.equal(serialAfter(7, 'date', nowMs), 2026112500)
  assert.equal(serialAfter(2026112500, 'date', nowMs), 2026112501)
  assert.equal(serialAfter(2026113000, 'date', nowMs), 2026113001)
})

test('a change takes the serial of the policy, unless its maker has chosen one', () => {
  const before = zone(HEAD)
  const edited = (serial: number) =>
    expectOk(
      replaceRecords(before, zoneRecords(zone(`${HEAD}www A 127.0.0.2\n`)), 'own', () => serial),
      'edit',
    )
  for (const [made, wanted, expected] of [
    [8, 1_700_000_000, 1_700_000_000],
    [8, 8, 8],
    [500, 1_700_000_000, 500],
  ] as const) {
    const change_ = edited(made)
    assert.ok(change_)
    const { zone: after, diff } = expectOk(
      withSerial(before, change_, () => wanted),
      'number',
    )
    assert.deepEqual([after.soa.serial, diff.toSerial], [expected, expected])
    assert.deepEqual(zoneRecords(expectOk(applyDiff(before, diff), 'apply')), zoneRecords(after))
  }
})

for (const dnssec of ['nsec', 'off']) {
  test(`dnssec: ${dnssec}: an update makes of the serial what the policy says`, async (t) => {
    const { ask, update, primary, clock } = startPrimary(t, { yaml: `dnssec: ${dnssec}, serial: unixtime` })
    await ask('add-zone', { zone: 'one.example', text: HEAD, ...BECAUSE })
    const record = {
      name: nameOf('k._domainkey.one.example'),
      type: 16,
      class: 1,
      ttlSeconds: 60,
      rdata: Uint8Array.of(1, 120),
    }
    clock.now += 5000
    assert.equal(await update('one.example', [record]), 0)
    assert.equal(primary.zone(ORIGIN)?.soa.serial, clock.now / 1000)
  })
}

test('keys, signatures and denials stay those of now', () => {
  const keyed = (key: string): string => `${HEAD}${SIGNED.replaceAll('AAAA', key)}`
  const changed = expectOk(change(keyed('BBBB'), `${keyed('AAAA')}www A 127.0.0.2\n`), 'change')
  assert.ok(changed)
  const lines = (of: Zone): readonly string[] => zoneRecords(of).map(formatRecord)
  const expected = zone(`${keyed('BBBB').replace(' 7 ', ' 8 ')}www A 127.0.0.2\n`)
  assert.deepEqual(lines(changed.zone), lines(expected))
})
