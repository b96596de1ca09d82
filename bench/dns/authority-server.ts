// Our primary as the authority's benchmark runs it: `authority-server.ts ADDRESS FILE STORE`.

import { readFileSync } from 'node:fs'
import { parseName, parseZone, ROOT } from '@scop/dns'
import { createPrimary, openZoneStore, serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { ORIGIN } from './authority-zone.ts'

const [address = '', file = '', path = ''] = process.argv.slice(2)
const primary = expectOk(createPrimary({ store: openZoneStore(path), keys: [], grants: [] }), 'open the store')
const origin = expectOk(parseName(ORIGIN, ROOT), 'read the origin')
const zone = expectOk(parseZone(readFileSync(file, 'utf8'), origin), 'read the zone')
primary.addZone(zone, { author: 'bench', reason: 'bench', atMs: 0 })
await serveDns({ address, port: 53, handle: (incoming) => primary.handle(incoming) })
process.on('SIGTERM', () => process.exit(0))
