// Changes a zone for ever, with its history behind it, and prints each serial; the test kills it: `changer.ts DIRECTORY`.

import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyUpdate, makeRecord, parseName, ROOT, TXT, updateMessage, zoneSet } from '@scop/dns'
import { createPrimary, openZoneStore } from '@scop/dns/node'
import { encodeUtf8 } from '@scop/octets'
import { err, expectOk, ok } from '@scop/result'
import { openZoneHistory, type ZoneHistory } from '../../src/node/index.ts'

const directory = process.argv[2] ?? ''
const store = openZoneStore(path.join(directory, 'zones.sqlite'))
let history: ZoneHistory | undefined
const primary = expectOk(
  createPrimary({ store, keys: [], grants: [], onEvent: (event) => history?.note(event) }),
  'open the primary',
)
history = await openZoneHistory({
  path: path.join(directory, 'zones.git'),
  source: { zones: () => primary.zones(), changesSince: (origin, serial) => store.changesSince(origin, serial) },
  randomOctets: (count) => randomBytes(count),
  limits: { restFactor: 0, staleLockMs: 50 },
})
const origin = expectOk(parseName('example.org', ROOT), 'read')
for (let i = 0; ; i++) {
  const owner = expectOk(parseName(`r${i % 20}.example.org`, ROOT), 'read')
  const record = makeRecord(TXT, owner, 60, { strings: [encodeUtf8(`${process.pid} ${i}`)] })
  const because = { author: i % 50 < 25 ? 'one' : 'two', reason: 'a reason', atMs: Date.now() }
  const changed = primary.change(origin, because, (zone) => {
    const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, origin, [], [record]), () => true)
    return outcome.kind === 'changed' ? ok(outcome) : err({ kind: outcome.kind })
  })
  if (changed.ok) process.stdout.write(`${changed.value?.diff.toSerial}\n`)
  await sleep(i % 10 === 0 ? 20 : 1)
}
