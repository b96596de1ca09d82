// Zone files of NSD, ldns, simdzone, dnspython, Hickory and BIND: all are read, written and read again, but those with a reason.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  DEFAULT_LIMITS,
  encodeRecords,
  formatRecord,
  type IncludeFile,
  parseRecords,
  type ResourceRecord,
  ROOT,
} from '../src/index.ts'
import { name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const DNS = join(VECTORS, 'dns')
const ORIGIN = name('example')

const include: IncludeFile = (path, from) => {
  const found = join(dirname(from ?? ''), path)
  return existsSync(found) && statSync(found).isFile() ? { file: found, text: readFileSync(found, 'utf8') } : undefined
}

function* filesBelow(folder: string): Generator<string> {
  for (const each of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, each.name)
    if (each.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

/** The kind of error; `undefined` where the file is read, and every record, written and read again, is the same. */
function refusal(path: string): string | undefined {
  // Some of their files rely on a TTL from elsewhere; includes are found beside the file that names them.
  const text = `$TTL 3600\n${readFileSync(path, 'utf8')}`
  const records = parseRecords(text, ORIGIN, DEFAULT_LIMITS, (file, from) => include(file, from ?? path))
  if (!records.ok) return records.error.kind
  const written = records.value.map(formatRecord).join('\n')
  const again = expectOk(parseRecords(written, ROOT), `read what was written of ${path}`)
  assert.equal(encodeHex(encodeRecords(again)), encodeHex(encodeRecords(records.value)), path)
  return undefined
}

function check(t: { diagnostic(text: string): void }, folder: string, pattern: RegExp, least: number): void {
  const refused: Record<string, string> = {}
  let read = 0
  for (const path of filesBelow(join(DNS, folder))) {
    const file = relative(DNS, path)
    if (!pattern.test(file) || readFileSync(path).includes(0)) continue
    const kind = refusal(path)
    if (kind === undefined) read++
    else refused[file] = kind
  }
  t.diagnostic(`${read} read, ${Object.keys(refused).length} refused`)
  const expected = Object.entries(REFUSED).filter(([file]) => file.startsWith(folder))
  assert.deepEqual(refused, Object.fromEntries(expected))
  assert.ok(read >= least, `${read} read`)
}

for (const [folder, pattern, least] of [
  ['nsd', /\.zone(?:\.old|\.ixfr)?$|\.signed$|\.soa$|\.class$/, 150],
  ['ldns', /(?:inputzone|outputzone|\.db|\.zone[12]|ZONEMD\.tpkg\/.*|jelte\.nlnetlabs\.nl)$/, 10],
  ['simdzone', /\.zone$/, 1],
  ['dnspython', /example$/, 1],
  ['hickory', /\.zone$/, 10],
  ['bind9/bin/tests/system', /^(?!.*checkzone).*\.db(?:\.in|\.signed)?$/, 600],
] as const) {
  test(`zone files of ${folder}`, (t) => {
    if (!existsSync(join(DNS, folder))) return t.skip('vectors absent')
    check(t, folder, pattern, least)
  })
}

test('dnspython: its own reading of its example, and ours', (t) => {
  const folder = join(DNS, 'dnspython/tests')
  if (!existsSync(folder)) return t.skip('vectors absent')
  const wires = (file: string): readonly string[] => {
    const text = readFileSync(join(folder, file), 'utf8')
    return expectOk(parseRecords(text, ORIGIN), `read ${file}`).map(wireOf).sort()
  }
  assert.deepEqual(wires('example1.good'), wires('example'))
  assert.deepEqual(wires('example3.good'), wires('example'))
})

test('NSD: its own reading of a zone with every type, and ours', (t) => {
  const folder = join(DNS, 'nsd/tpkg/rr-test.tdir')
  if (!existsSync(folder)) return t.skip('vectors absent')
  const wires = (file: string): readonly string[] => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...new Set(expectOk(parseRecords(text, ORIGIN), `read ${file}`).map(wireOf))].sort()
  }
  assert.deepEqual(wires('rr-test.cmp_zone'), wires('rr-test.zone'))
})

test('ldns: its own reading of a zone, and ours', (t) => {
  const folder = join(DNS, 'ldns/test/08-zonereader.tpkg')
  if (!existsSync(folder)) return t.skip('vectors absent')
  const wires = (file: string): readonly string[] => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    const text = lines.filter((line) => !line.includes('\\# 0')).join('\n') // addresses of no octets
    return [...new Set(expectOk(parseRecords(text, ROOT), `read ${file}`).map(wireOf))].sort()
  }
  assert.deepEqual(wires('08-zonereader.outputzone'), wires('08-zonereader.inputzone'))
})

/** The case of the owner is lost where several records share it. */
function wireOf(record: ResourceRecord): string {
  return `${record.name.key} ${encodeHex(encodeRecords([{ ...record, name: ROOT }]))}`
}

/** What is refused, and rightly so. Files that they include and that are not in the vectors: `include-not-found`. */
const REFUSED: Readonly<Record<string, string>> = {
  'nsd/tpkg/bug077_dname_length.tdir/bug077_dname_length.zone': 'not-a-name', // too long, as it means to be
  'nsd/tpkg/bug107_bad_hex_3597.tdir/bug107_bad_hex_3597.zone': 'not-hex', // as it means to be
  'nsd/tpkg/include_rel.tdir/m/com/example.com.zone': 'include-not-found', // their paths begin elsewhere
  'nsd/tpkg/print_hip_malformed.tdir/print_hip_malformed.zone': 'rdata-malformed', // as it means to be
  'nsd/tpkg/svcb.tdir/crypto.cloudflare.com.zone': 'bad-value', // echconfig, a key of drafts
  'nsd/tpkg/svcb.tdir/failure-cases.zone': 'rdata-malformed', // as it means to be
  'nsd/tpkg/svcb.tdir/svcb.success-cases.zone': 'bad-value', // echconfig
  'nsd/tpkg/svcb.tdir/svcb.test-vectors-pf.zone': 'bad-value', // oots, a key of a draft without a number
  'ldns/test/08-zonereader.tpkg/08-zonereader.inputzone': 'rdata-malformed', // an address of no octets
  'ldns/test/08-zonereader.tpkg/08-zonereader.outputzone': 'rdata-malformed', // the same
  'ldns/test/20-sign-zone.tpkg/20-sign-zone.db': 'rdata-malformed', // TYPE109, today EUI64, of four octets
  'hickory/tests/test-data/test_configs/dnssec/example.com.zone': 'unknown-type', // ANAME, of a draft
  'hickory/tests/test-data/test_configs/example.com.zone': 'unknown-type', // the same
  'bind9/bin/tests/system/dnssectools/signer/remove.db.in': 'include-not-found',
  'bind9/bin/tests/system/dnssectools/signer/remove2.db.in': 'include-not-found',
  'bind9/bin/tests/system/inline/ns3/primary6.db.in': 'include-not-found',
  'bind9/bin/tests/system/inline/ns3/primary7.db.in': 'include-not-found',
  'bind9/bin/tests/system/masterfile/zone/inheritownerafterinclude.db': 'include-not-found',
  'bind9/bin/tests/system/rndc/ns2/incl.db': 'include-not-found',
  'bind9/bin/tests/system/rndc/ns7/test.db.in': 'include-not-found',
  'bind9/bin/tests/system/rpz/ns3/broken.db.in': 'no-type', // as it means to be
  'bind9/bin/tests/system/rpz/ns3/include-rpz.db.in': 'include-not-found',
  'bind9/bin/tests/system/timeouts/ns1/example.db': 'include-not-found',
  'bind9/bin/tests/system/unknown/ns1/broken1.db': 'length-differs', // as they mean to be
  'bind9/bin/tests/system/unknown/ns1/broken2.db': 'length-differs',
  'bind9/bin/tests/system/unknown/ns1/broken3.db': 'rdata-malformed',
  'bind9/bin/tests/system/unknown/ns1/broken4.db': 'rdata-malformed',
  'bind9/bin/tests/system/xfer/ns8/example.db': 'include-not-found',
}
