// Our own primary in the peer lab, in the process of the test: its zones in a store of its own, at port 53.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { parseName, parseZone, ROOT, type Zone } from '@scop/dns'
import { createPrimary, openZoneStore, type Primary, type PrimaryOptions, serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'

/** `zones`: texts of zone files, by their origin; `signed`: zones as they are. `options`: whatever else `createPrimary` takes. */
export async function serveOurs(
  t: TestContext,
  {
    address,
    zones,
    signed = [],
    options = {},
  }: {
    readonly address: string
    readonly zones: Readonly<Record<string, string>>
    readonly signed?: readonly { readonly zone: Zone }[]
    readonly options?: Partial<PrimaryOptions>
  },
): Promise<Primary> {
  const store = options.store ?? openZoneStore(path.join(mkdtempSync(path.join(tmpdir(), 'ours-')), 'zones.sqlite'))
  const primary = expectOk(createPrimary({ store, keys: [], grants: [], ...options }), 'open the primary')
  for (const { zone } of signed) primary.addZone(zone, { author: 'lab', reason: 'lab', atMs: 0 })
  for (const [name, text] of Object.entries(zones)) {
    const origin = expectOk(parseName(name, ROOT), 'read the origin')
    primary.addZone(expectOk(parseZone(text, origin), `read ${name}`), { author: 'lab', reason: 'lab', atMs: 0 })
  }
  const server = await serveDns({ address, port: 53, handle: (incoming) => primary.handle(incoming) })
  t.after(async () => {
    await server.close()
    if (options.store === undefined) store.close()
  })
  return primary
}
