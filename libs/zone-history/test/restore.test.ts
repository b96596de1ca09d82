import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyDiff, formatZone, parseName, parseZone, ROOT, type Zone } from '@scop/dns'
import { expectOk } from '@scop/result'
import { restoreZone, zoneFilePath } from '../src/index.ts'

const name = (text: string) => expectOk(parseName(text, ROOT), 'read')
const zone = (records: string, serial: number, more = 'ns root', refresh = 1): Zone =>
  expectOk(
    parseZone(`$TTL 60\n@ SOA ${more} ${serial} ${refresh} 2 3 4\n@ NS ns\n${records}`, name('example.org')),
    'read',
  )
const THEN = 'a A 192.0.2.1\nb A 192.0.2.2\nc 30 TXT c\nd CNAME a\n'
const lines = (each: Zone): readonly string[] => formatZone(each).split('\n')

/** what is now; what it becomes, apart from the serial: as it was */
const NOW: readonly (readonly [string, string])[] = [
  ['a record removed', 'a A 192.0.2.1\nc 30 TXT c\nd CNAME a\n'],
  ['a record added', `${THEN}e A 192.0.2.9\n`],
  ['a value changed', THEN.replace('192.0.2.2', '192.0.2.3')],
  ['a value added to a set', `${THEN}b A 192.0.2.3\n`],
  ['a TTL changed', THEN.replace('30', '31')],
  ['an alias in the place of data', THEN.replace('a A 192.0.2.1', 'a CNAME b')],
  ['data in the place of an alias', THEN.replace('d CNAME a', 'd TXT d')],
]
for (const [what, records] of NOW) {
  test(`restores: ${what}`, () => {
    const [then, now] = [zone(THEN, 5), zone(records, 9)]
    const restored = expectOk(restoreZone(now, then), 'restore')
    assert.ok(restored !== undefined)
    assert.equal(restored.zone.soa.serial, 10)
    assert.deepEqual(lines(restored.zone), lines(zone(THEN, 10)))
    assert.deepEqual(lines(expectOk(applyDiff(now, restored.diff), 'apply')), lines(restored.zone))
  })
}

test('what is the same but for its serial is left as it is', () => {
  assert.equal(expectOk(restoreZone(zone(THEN, 9), zone(THEN, 5)), 'restore'), undefined)
})

test('the SOA is restored, with a serial that goes on', () => {
  const restored = expectOk(restoreZone(zone(THEN, 9), zone(THEN, 5, 'ns other', 7)), 'restore')
  assert.equal(restored?.zone.soa.refreshSeconds, 7)
  assert.equal(restored?.zone.soa.serial, 10)
})

test('keys, signatures and denials stay those of now', () => {
  const signed = (label: string, serial: number, text: string): Zone =>
    zone(
      `@ DNSKEY 257 3 13 ${label}\n@ NSEC a SOA NS\na RRSIG A 13 3 60 20300101000000 20200101000000 1 @ ${label}\n${text}`,
      serial,
    )
  const restored = expectOk(
    restoreZone(signed('BBBB', 9, 'a A 192.0.2.7\n'), signed('AAAA', 5, 'a A 192.0.2.1\n')),
    'restore',
  )
  assert.ok(restored !== undefined)
  assert.deepEqual(lines(restored.zone), lines(signed('BBBB', 10, 'a A 192.0.2.1\n')))
})

for (const [origin, path] of [
  ['example.org', 'example.org.zone'],
  ['EXAMPLE.org', 'example.org.zone'],
  ['.', '%.zone'],
  ['0/25.2.0.192.in-addr.arpa', '0%2f25.2.0.192.in-addr.arpa.zone'],
  ['-x.test', '%2dx.test.zone'],
  ['a\\.b.test', 'a%5c.b.test.zone'],
  ['_x.test', '_x.test.zone'],
] as const) {
  test(`the file of ${origin} is ${path}`, () => assert.equal(zoneFilePath(name(origin)), path))
}
