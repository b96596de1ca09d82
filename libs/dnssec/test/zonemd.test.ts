import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseRecords, parseZone, ROOT, SOA, ZONEMD, findNode, type Zone } from '@scop/dns'
import { expectOk } from '@scop/result'
import { makeZonemd, verifyZonemd, ZONEMD_HASH, zoneDigest, type ZonemdRefusal } from '../src/index.ts'
import { ORIGIN } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const LDNS = join(VECTORS, 'dns/ldns/test/25-ZONEMD.tpkg')
const PDNS = join(VECTORS, 'dns/pdns/regression-tests/zones')

function readZone(file: string): Zone {
  const text = readFileSync(file, 'latin1')
  const origins = [...text.matchAll(/^(\S+)\s+\d+\s+IN\s+SOA/gm)].map((match) => match[1] ?? '')
  const soa = expectOk(parseRecords(`${origins[0] ?? ''} 1 IN SOA . . 1 1 1 1 1`, ROOT), 'read the origin')[0]
  const origin = soa?.type === SOA.code ? soa.name : ROOT
  const inZone = text.split('\n').filter((line) => !/^(?:foo|ns2)\.test\./.test(line)) // RFC 8976 §A.2: to be left out
  return expectOk(parseZone(inZone.join('\n'), origin), `read ${file}`)
}

test('RFC 8976: the zones of Appendix A have the digests that they say', (t) => {
  if (!existsSync(LDNS)) return t.skip('vectors absent')
  const files = readdirSync(LDNS).filter((file) => file.startsWith('A.'))
  for (const file of files) {
    const verified = verifyZonemd(readZone(join(LDNS, file)))
    assert.ok(verified.ok, `${file}: ${verified.ok ? '' : verified.error.kind}`)
  }
  assert.equal(files.length, 5)
})

const JUDGED: readonly (readonly [string, ZonemdRefusal['kind'] | undefined])[] = [
  ['zonemd1.zone', undefined],
  ['zonemd2.zone', undefined],
  ['zonemd3.zone', undefined],
  ['zonemd4.zone', undefined],
  ['zonemd5.zone', undefined],
  ['zonemd-sha512.zone', undefined],
  ['zonemd-invalid.zone', 'digest-wrong'],
  ['zonemd-serialmismatch.zone', 'serial-differs'],
  ['zonemd-scheme0.zone', 'digest-wrong'],
  ['zonemd-allunsup.zone', 'scheme-unsupported'],
  ['zonemd-duplicate.zone', undefined], // the same record twice is one record, RFC 2181 §5
  ['zonemd-nozonemd.zone', 'no-zonemd'],
]
for (const [file, kind] of JUDGED) {
  test(`PowerDNS: ${file} is ${kind ?? 'right'}`, (t) => {
    if (!existsSync(PDNS)) return t.skip('vectors absent')
    const verified = verifyZonemd(readZone(join(PDNS, file)))
    assert.equal(verified.ok ? undefined : verified.error.kind, kind)
  })
}

test('a second record of the same scheme and hash spoils both', (t) => {
  const file = join(LDNS, 'repeated-ZONEMD-scheme-and-algorithm')
  if (!existsSync(file)) return t.skip('vectors absent')
  const verified = verifyZonemd(readZone(file))
  assert.equal(!verified.ok && verified.error.kind, 'repeated')
})

const TEXT = '@ 60 SOA ns h 7 1 1 1 1\n@ 60 NS ns\nns 60 A 127.0.0.1\nsub 60 NS ns.sub\nns.sub 60 A 127.0.0.2\n'
const zoneOf = (text: string): Zone => expectOk(parseZone(text, ORIGIN), 'read the zone')

test("every record counts, glue too, case does not, and the apex's own ZONEMD does not", () => {
  const digest = zoneDigest(zoneOf(TEXT), ZONEMD_HASH.SHA384)
  assert.equal(digest?.length, 48)
  assert.equal(zoneDigest(zoneOf(TEXT), ZONEMD_HASH.SHA512)?.length, 64)
  assert.equal(zoneDigest(zoneOf(TEXT), 3), undefined)
  const same = [TEXT.replace('ns.sub 60 A', 'NS.sub 60 A'), `${TEXT}@ 60 ZONEMD 7 1 1 ${'00'.repeat(48)}\n`]
  for (const text of same) assert.deepEqual(zoneDigest(zoneOf(text), 1), digest)
  const other = [
    TEXT.replace('127.0.0.2', '127.0.0.3'),
    TEXT.replace('ns 60 A', 'ns 61 A'),
    TEXT.replace(' 7 1', ' 8 1'),
    `${TEXT}sub 60 ZONEMD 7 1 1 ${'00'.repeat(48)}\n`,
  ]
  for (const text of other) assert.notDeepEqual(zoneDigest(zoneOf(text), 1), digest)
})

test('what was made is right, and wrong after any change', () => {
  const zone = zoneOf(TEXT)
  for (const hash of [ZONEMD_HASH.SHA384, ZONEMD_HASH.SHA512]) {
    const { digest, serial, scheme, hashAlgorithm } = makeZonemd(zone, hash)
    const record = `@ 60 ZONEMD ${serial} ${scheme} ${hashAlgorithm} ${digest.toHex()}\n`
    assert.ok(verifyZonemd(zoneOf(TEXT + record)).ok)
    assert.equal(verifyZonemd(zoneOf(`${TEXT}new 60 A 127.0.0.1\n${record}`)).ok, false)
    assert.ok(findNode(zoneOf(TEXT + record), ORIGIN)?.rrsets.has(ZONEMD.code))
  }
})
