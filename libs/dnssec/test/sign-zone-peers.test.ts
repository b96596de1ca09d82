// Zones that we signed, judged by the tools of BIND, NLnet Labs and CZ.NIC.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatZone, type Zone } from '@scop/dns'
import { expectOk } from '@scop/result'
import { signZone } from '../src/index.ts'
import { DENIALS, exampleZone, oneKey, twoKeys } from './example-zone.ts'

const nowSeconds = Math.floor(Date.now() / 1000)

const TOOLS: readonly (readonly [string, (file: string) => readonly string[]])[] = [
  ['dnssec-verify', (file) => ['-z', '-o', 'example.org', file]],
  ['ldns-verify-zone', (file) => [file]],
  ['kzonecheck', (file) => ['-d', 'on', '-o', 'example.org', file]],
]
const ALGORITHMS = [8, 10, 13, 14, 15, 16]

for (const [tool, args] of TOOLS) {
  const there = spawnSync(tool, ['-h']).error === undefined
  for (const [denial, policy] of DENIALS) {
    for (const algorithm of ALGORITHMS) {
      for (const keys of [oneKey(algorithm), twoKeys(algorithm)]) {
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
