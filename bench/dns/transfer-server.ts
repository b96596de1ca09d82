// Our primary as the benchmark of updates and transfers runs it: `transfer-server.ts ADDRESS FILE STORE SECRET`.

import { readFileSync } from 'node:fs'
import { parseName, parseZone, ROOT } from '@scop/dns'
import { createPrimary, openZoneStore, serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { ORIGIN } from './authority-zone.ts'

const [address = '', file = '', path = '', secret = ''] = process.argv.slice(2)
const name = expectOk(parseName('bench.key', ROOT), 'read the name of the key')
const primary = expectOk(
  createPrimary({
    store: openZoneStore(path),
    keys: [{ name, algorithm: 'hmac-sha256', secret: Uint8Array.fromHex(secret) }],
    grants: [{ key: name, names: { kind: 'any' }, types: 'any' }],
    transfers: [{ key: name }],
    primaryLimits: { updatesPerSecond: 1_000_000, updateBurst: 1_000_000 },
  }),
  'open the store',
)
const origin = expectOk(parseName(ORIGIN, ROOT), 'read the origin')
const zone = expectOk(parseZone(readFileSync(file, 'utf8'), origin), 'read the zone')
primary.addZone(zone, { author: 'bench', reason: 'bench', atMs: 0 })
await serveDns({ address, port: 53, handle: (incoming) => primary.handle(incoming) })
process.on('SIGTERM', () => process.exit(0))
