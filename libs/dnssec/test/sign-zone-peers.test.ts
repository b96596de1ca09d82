// Zones that we signed, judged by the tools of BIND, NLnet Labs and CZ.NIC.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { editZone, encodeRdata, formatZone, nextSerial, rrsetRecords, SOA, type Zone } from '@scop/dns'
import { expectOk } from '@scop/result'
import { signChange, signZone } from '../src/index.ts'
import { DENIALS, exampleZone, oneKey, twoKeys } from './example-zone.ts'
import { records } from './vectors.ts'

const nowSeconds = Math.floor(Date.now() / 1000)

const TOOLS: readonly (readonly [string, (file: string) => readonly string[]])[] = [
  ['dnssec-verify', (file) => ['-z', '-o', 'example.org', file]],
  ['ldns-verify-zone', (file) => [file]],
  ['kzonecheck', (file) => ['-d', 'on', '-o', 'example.org', file]],
]
const ALGORITHMS = [8, 10, 13, 14, 15, 16]
/** Each adds what is not there and removes what is. */
const CHANGES: readonly string[] = [
  'a.example.org A 192.0.2.1',
  'x.c.deep.example.org A 192.0.2.1',
  'a.b.c.deep.example.org A 192.0.2.82',
  'deep.example.org NS ns1.example.org.',
  'deep.example.org NS ns1.example.org.',
  'secure.example.org DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A',
  'insecure.example.org DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A',
  '*.wild.example.org TXT "from the wildcard"',
  'zz.example.org A 192.0.2.99',
]

for (const [tool, args] of TOOLS) {
  const there = spawnSync(tool, ['-h']).error === undefined
  for (const [denial, policy] of DENIALS) {
    for (const algorithm of ALGORITHMS) {
      for (const keys of algorithm === 13 ? [oneKey(algorithm), twoKeys(algorithm)] : [twoKeys(algorithm)]) {
        test(`${tool} accepts ${denial}, algorithm ${algorithm}, ${keys.dnskeys.length} keys`, {
          skip: !there && `${tool} is not installed`,
        }, () => {
          const { zone } = expectOk(signZone(exampleZone(), { keys, policy, nowSeconds, random: Math.random }), 'sign')
          judge(tool, args, zone)
        })
      }
    }
  }
}

for (const [tool, args] of TOOLS) {
  const there = spawnSync(tool, ['-h']).error === undefined
  for (const [denial, policy] of DENIALS) {
    test(`${tool} accepts ${denial} after changes, one by one`, { skip: !there && `${tool} is not installed` }, () => {
      const moment = { keys: oneKey(), policy, nowSeconds, random: Math.random }
      let { zone } = expectOk(signZone(exampleZone(), moment), 'sign')
      for (const line of CHANGES) {
        const editor = editZone(zone)
        for (const record of records(line)) if (!editor.remove(record)) editor.add(record)
        const soa = { type: SOA.code, ttlSeconds: zone.soaTtlSeconds, rdatas: [encodeRdata(SOA, zone.soa)] }
        const serial = nextSerial(zone.soa.serial)
        for (const record of rrsetRecords(zone.origin, soa)) {
          editor.remove(record)
          editor.add({ ...record, rdata: encodeRdata(SOA, { ...zone.soa, serial }) })
        }
        const diff = { fromSerial: zone.soa.serial, toSerial: serial, ...editor.diff() }
        zone = expectOk(signChange(zone, diff, moment), 'sign the change').zone
        judge(tool, args, zone)
      }
    })
  }
}

function judge(tool: string, args: (file: string) => readonly string[], zone: Zone): void {
  const folder = mkdtempSync(join(tmpdir(), 'scop-dnssec-'))
  try {
    const file = join(folder, 'zone')
    writeFileSync(file, formatZone(zone))
    const { status, stdout, stderr } = spawnSync(tool, args(file), { encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}\n${formatZone(zone)}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
