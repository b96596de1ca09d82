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
    const store = openZoneStore(path, { snapshotChanges: 100 })
    let zone = exampleZone()
    store.create(zone, BECAUSE)
    for (let i = 0; i < 600; i++) {
      const record = makeRecord(TXT, name(`r${i % 7}.example.org`), i, { strings: [Uint8Array.of(i & 0xff, i >> 8)] })
      const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, zone.origin, [], [record]), () => true)
      assert.ok(outcome.kind === 'changed')
      store.append([{ zone: outcome.zone, diff: outcome.diff, because: BECAUSE }])
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

test('the journal reaches back as far as its bounds, and no further', async () => {
  await withPath((path) => {
    const bounds = { snapshotChanges: 10, journalChanges: 15, journalOctets: 1_000_000 }
    const grow = (count: number, limits: typeof bounds): readonly boolean[] => {
      const store = openZoneStore(path, limits)
      let [zone] = expectOk(store.load(), 'load')
      assert.ok(zone !== undefined)
      const first = zone.soa.serial
      for (let i = 0; i < count; i++) {
        const record = makeRecord(TXT, name('r.example.org'), 60, { strings: [new Uint8Array(100).fill(first + i)] })
        const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, zone.origin, [], [record]), () => true)
        assert.ok(outcome.kind === 'changed')
        store.append([{ zone: outcome.zone, diff: outcome.diff, because: BECAUSE }])
        zone = outcome.zone
      }
      const reached: boolean[] = []
      for (let serial = 100; serial < zone.soa.serial; serial++) {
        const changes = store.changesSince(zone.origin, serial)
        reached.push(changes !== undefined)
        if (changes === undefined) continue
        assert.equal(changes.length, zone.soa.serial - serial)
        assert.deepEqual(changes[0]?.because, BECAUSE)
        assert.equal(changes.at(-1)?.diff.toSerial, zone.soa.serial)
      }
      assert.equal(store.changesSince(zone.origin, 99), undefined)
      assert.equal(store.changesSince(name('example.net'), 100), undefined)
      store.close()
      return reached
    }
    const store = openZoneStore(path)
    store.create(exampleZone(), BECAUSE)
    store.close()
    assert.deepEqual(grow(9, bounds), times(9, true))
    assert.deepEqual(grow(20, bounds), [...times(5, false), ...times(24, true)])
    // Bound by octets: what the snapshot of this moment has taken up is gone, but for what fits.
    assert.deepEqual(grow(1, { ...bounds, journalOctets: 1 }), times(30, false))
  })
})

test('a snapshot comes after so many octets of changes, but not before they are as many as the snapshot', async () => {
  await withPath((path) => {
    /** Serials from which changes are still kept, after `count` of them. */
    const kept = (snapshotOctets: number, count: number): number => {
      rmSync(path, { force: true })
      const store = openZoneStore(path, { snapshotOctets, journalChanges: 0 })
      let zone = exampleZone()
      store.create(zone, BECAUSE)
      for (let i = 0; i < count; i++) {
        const record = makeRecord(TXT, name(`r${i}.example.org`), 60, { strings: [new Uint8Array(200)] })
        const outcome = applyUpdate(zoneSet([zone]), updateMessage(0, zone.origin, [], [record]), () => true)
        assert.ok(outcome.kind === 'changed')
        store.append([{ zone: outcome.zone, diff: outcome.diff, because: BECAUSE }])
        zone = outcome.zone
      }
      let first = 100
      while (store.changesSince(zone.origin, first) === undefined && first < zone.soa.serial) first++
      store.close()
      return zone.soa.serial - first
    }
    assert.equal(kept(1_000_000, 40), 40)
    assert.ok(kept(8000, 40) < 30)
    assert.ok(kept(1, 4) === 4) // the snapshot has more than a thousand octets
  })
})

test('a zone that is replaced has no changes that lead to it', async () => {
  await withPath((path) => {
    const store = openZoneStore(path)
    store.create(exampleZone(), BECAUSE)
    const record = makeRecord(TXT, name('r.example.org'), 60, { strings: [new Uint8Array(1)] })
    const outcome = applyUpdate(
      zoneSet([exampleZone()]),
      updateMessage(0, exampleZone().origin, [], [record]),
      () => true,
    )
    assert.ok(outcome.kind === 'changed')
    const change = { zone: outcome.zone, diff: outcome.diff, because: BECAUSE }
    store.append([change])
    store.replace(exampleZone(), BECAUSE)
    assert.equal(store.changesSince(exampleZone().origin, 100), undefined)
    store.append([change])
    assert.equal(store.changesSince(exampleZone().origin, 100)?.length, 1)
    store.close()
    assert.deepEqual(load(path).map(formatZone), [formatZone(outcome.zone)])
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

function times(length: number, value: boolean): readonly boolean[] {
  return Array.from({ length }, () => value)
}
