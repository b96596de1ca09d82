// Laws of signed zones: whatever zone can be read, verifying it as it is never throws; signed in each way it verifies but
// for what its data say; and what the diff makes of it is the signed zone.

import assert from 'node:assert/strict'
import { applyDiff, formatRecord, parseName, parseZone, ROOT, type Zone, zoneRecords } from '@scop/dns'
import { decodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  type Denial,
  parsePrivateKey,
  signingKey,
  signZone,
  singleKey,
  verifyZone,
} from '../src/index.ts'

const origin = expectOk(parseName('z', ROOT), 'read the name')
const pem =
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDgyMjYwMzg0NjI4MDgwMTIyNjQ1MTkwMjA0MTQyMjYy\n-----END PRIVATE KEY-----\n'
const keys = singleKey(expectOk(signingKey(expectOk(parsePrivateKey(pem), 'read the key'), 15, 257), 'take the key'))
const algorithms = createAlgorithms()
const nowSeconds = 1_795_000_000

export const seeds: readonly (string | Uint8Array)[] = [
  'a A 192.0.2.1\n',
  'd NS n\nn.d A 192.0.2.1\nd DS 1 13 9 abcd\n*.w TXT "t"\n',
  'a.b.c A 192.0.2.1\nt DNAME x.\nu.t A 192.0.2.1\nc NS n\n',
  'a NSEC b A\na RRSIG A 15 2 60 20300101000000 20200101000000 1 z. AAAA\n@ NSEC3PARAM 1 0 5 ab\n',
  '00000000000000000000000000000000 NSEC3 1 0 0 - 00000000000000000000000000000001 A\n',
  '@ DNSKEY 257 3 15 AAAA\na DNSKEY 257 3 15 AAAA\n@ CDS 0 0 0 00\n@ ZONEMD 1 1 1 000000000000000000000000\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  if (input.length > 2000) return
  const text = `$TTL 60\n@ SOA n h 1 1 1 1 1\n@ NS n\n${decodeLatin1(input)}`
  const zone = parseZone(text, origin)
  if (!zone.ok || zone.value.recordCount > 40) return
  verifyZone(zone.value, { algorithms, nowSeconds })
  for (const denial of DENIALS) {
    const policy = { ...DEFAULT_SIGNING_POLICY, denial }
    const signed = signZone(zone.value, { keys, policy, nowSeconds, random: () => 0 })
    if (!signed.ok) continue // such as too many types at a name
    const { findings } = verifyZone(signed.value.zone, { algorithms, nowSeconds })
    assert.deepEqual(
      findings.filter(({ kind }) => !OF_THE_DATA.has(kind)),
      [],
    )
    const applied: Zone = expectOk(applyDiff(zone.value, signed.value.diff), 'apply the diff')
    assert.deepEqual(zoneRecords(applied).map(formatRecord), zoneRecords(signed.value.zone).map(formatRecord))
  }
}

const DENIALS: readonly Denial[] = [{ kind: 'nsec' }, { kind: 'nsec3', optOut: false }, { kind: 'nsec3', optOut: true }]
const OF_THE_DATA: ReadonlySet<string> = new Set([
  'ds-without-delegation',
  'dnskey-not-at-apex',
  'cds-not-at-apex',
  'zonemd-refused',
])
