// Our primary as the benchmark of updates and transfers runs it: `transfer-server.ts ADDRESS FILE STORE SECRET [sign]`; with
// `sign` the zone is signed with new P-256 keys, and each change with them.

import { readFileSync } from 'node:fs'
import { parseName, parseZone, ROOT } from '@scop/dns'
import { createPrimary, type OnChange, openZoneStore, serveDns } from '@scop/dns/node'
import { DEFAULT_SIGNING_POLICY, KEY_FLAG, makeKey, signChange, type SigningMoment, signZone } from '@scop/dnssec'
import { expectOk } from '@scop/result'
import { ORIGIN } from './authority-zone.ts'

const [address = '', file = '', path = '', secret = '', sign] = process.argv.slice(2)
const entry = makeKey(13, { flags: KEY_FLAG.ZONE | KEY_FLAG.SEP })
const second = makeKey(13, { flags: KEY_FLAG.ZONE })
const moment = (): SigningMoment => ({
  keys: {
    dnskeys: [entry.dnskey, second.dnskey],
    keySigners: [entry],
    zoneSigners: [second],
    cds: [],
    cdnskeys: [],
  },
  policy: DEFAULT_SIGNING_POLICY,
  nowSeconds: Math.floor(Date.now() / 1000),
  random: Math.random,
})
const onChange: OnChange = (before, _after, diff) => signChange(before, diff, moment())
const name = expectOk(parseName('bench.key', ROOT), 'read the name of the key')
const primary = expectOk(
  createPrimary({
    store: openZoneStore(path),
    keys: [{ name, algorithm: 'hmac-sha256', secret: Uint8Array.fromHex(secret) }],
    grants: [{ key: name, names: { kind: 'any' }, types: 'any' }],
    transfers: [{ key: name }],
    ...(sign !== undefined && { onChange }),
    primaryLimits: { updatesPerSecond: 1_000_000, updateBurst: 1_000_000 },
  }),
  'open the store',
)
const origin = expectOk(parseName(ORIGIN, ROOT), 'read the origin')
const zone = expectOk(parseZone(readFileSync(file, 'utf8'), origin), 'read the zone')
const served = sign === undefined ? zone : expectOk(signZone(zone, moment()), 'sign the zone').zone
primary.addZone(served, { author: 'bench', reason: 'bench', atMs: 0 })
await serveDns({ address, port: 53, handle: (incoming) => primary.handle(incoming) })
process.on('SIGTERM', () => process.exit(0))
