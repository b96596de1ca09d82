import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { applyUpdate, formatZone, makeRecord, TXT, updateMessage, type Zone, zoneSet } from '../../src/index.ts'
import { openZoneStore } from '../../src/node/index.ts'
import { exampleZone, name } from '../example-zone.ts'

const BECAUSE = { author: 'test', reason: 'a test', atMs: 1 }

async function withPath(work: (path: string) => Promise<void> | void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'scop-zones-'))
  try {
    await work(join(directory, 'zones.sqlite'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function load(path: string): readonly Zone[] {
  const store = openZoneStore(path)
  const zones = expectOk(store.load(), 'load')
  store.close()
  return zones
}

test('what was stored is read again: zones, changes, through many snapshots', async () => {
  await withPath((path) => {
    const store = openZoneStore(path)
    let zone = exampleZone()
    store.create(zone, BECAUSE)
    for (let i = 0; i < 600; i++) {
      const record = makeRecord(TXT, name(`r${i % 7}.example.org`), i, { strings: [Uint8Array.of(i & 0xff, i >> 8)] })
      const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, zone.origin, [], [record]), () => true)
      assert.ok(outcome.kind === 'changed')
      store.append(outcome.zone, outcome.diff, BECAUSE)
      zone = outcome.zone
    }
    assert.throws(() => store.create(zone, BECAUSE))
    store.close()
    assert.deepEqual(load(path).map(formatZone), [formatZone(zone)])
    const again = openZoneStore(path)
    again.remove(zone.origin, BECAUSE)
    again.create(exampleZone(), BECAUSE)
    again.close()
    assert.deepEqual(load(path).map(formatZone), [formatZone(exampleZone())])
  })
})

test('a damaged store says which zone, and is not read around', async () => {
  await withPath((path) => {
    const store = openZoneStore(path)
    store.create(exampleZone(), BECAUSE)
    store.close()
    const database = new DatabaseSync(path)
    database.exec("UPDATE zones SET records = x'00ff'")
    database.close()
    const damaged = openZoneStore(path)
    const zones = damaged.load()
    damaged.close()
    assert.deepEqual(zones, { ok: false, error: { kind: 'damaged', zone: 'example.org.', reason: 'cut-short' } })
  })
})

test('kill -9 at any moment loses nothing that was acknowledged', async (t) => {
  await withPath(async (path) => {
    const store = openZoneStore(path)
    store.create(exampleZone(), BECAUSE)
    store.close()
    let acknowledged = 100
    for (const pauseMs of [0, 20, 60, 130]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'zone-store-child.ts'), path])
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => {
        if (output === '') setTimeout(() => child.kill('SIGKILL'), pauseMs)
        output += chunk.toString()
      })
      await new Promise((resolve) => child.on('close', resolve))
      const lines = output.split('\n').slice(0, -1)
      acknowledged = Number(lines.at(-1) ?? acknowledged)
      const [zone] = load(path)
      assert.ok(zone !== undefined && zone.soa.serial >= acknowledged, `${zone?.soa.serial} < ${acknowledged}`)
    }
    t.diagnostic(`${acknowledged - 100} changes acknowledged over 4 kills`)
    assert.ok(acknowledged > 100)
  })
})
