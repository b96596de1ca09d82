// Appends changes for ever and prints each serial after it is durable; the test kills it.

import { expectOk } from '@scop/result'
import { applyUpdate, makeRecord, TXT, updateMessage, zoneSet } from '../../src/index.ts'
import { openZoneStore } from '../../src/node/index.ts'
import { name } from '../example-zone.ts'

const store = openZoneStore(process.argv[2] ?? '')
const [loaded] = expectOk(store.load(), 'load')
let zone = loaded
for (let i = 0; zone !== undefined; i++) {
  const record = makeRecord(TXT, name(`r${i % 40}.example.org`), i, { strings: [new TextEncoder().encode(String(i))] })
  const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, zone.origin, [], [record]), () => true)
  if (outcome.kind !== 'changed') continue
  store.append([{ zone: outcome.zone, diff: outcome.diff, because: { author: 'child', reason: 'test', atMs: 0 } }])
  zone = outcome.zone
  process.stdout.write(`${zone.soa.serial}\n`)
}
