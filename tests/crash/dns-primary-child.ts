// A primary that the test kills: `dns-primary-child.ts STORE PORT SECRET`. Says "ready" when it serves.

import { parseName, ROOT } from '@scop/dns'
import { createPrimary, openZoneStore, serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'

const [file = '', port = '', secret = ''] = process.argv.slice(2)
const name = expectOk(parseName('crash.key', ROOT), 'read')
// Snapshots come often, so that some are under way when the kill comes.
const store = openZoneStore(file, { snapshotChanges: 40 })
const primary = expectOk(
  createPrimary({
    store,
    keys: [{ name, algorithm: 'hmac-sha256', secret: Uint8Array.fromHex(secret) }],
    grants: [{ key: name, names: { kind: 'any' }, types: 'any' }],
    transfers: [{ key: name }],
  }),
  'open the store',
)
await serveDns({ address: '127.0.0.1', port: Number(port), handle: (incoming) => primary.handle(incoming) })
process.stdout.write('ready\n')
