// Zones on disk: for each a snapshot and the changes since. What `append` has returned from survives the end of the process and of the power.
// SQLite with synchronous=FULL, since fsync is not to be had from a process under Node's permission model.

import { DatabaseSync } from 'node:sqlite'
import { encodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { Limits } from '../limits.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { decodeName, formatName, type Name } from '../name.ts'
import { decodeRecords, encodeRecords } from '../record.ts'
import { applyDiff, createZone, type Zone, type ZoneDiff, zoneRecords } from '../zone.ts'

/** Who changed something, and why. */
export type Because = { readonly author: string; readonly reason: string; readonly atMs: number }

export type StoreError = {
  readonly kind: 'damaged'
  readonly zone: string
  /** What could not be read. */
  readonly reason: string
}

/** A change and the version that it leads to. */
export type StoredChange = { readonly zone: Zone; readonly diff: ZoneDiff; readonly because: Because }

export type ZoneStore = {
  /** All zones in their last version. */
  load(limits?: Limits): Result<readonly Zone[], StoreError>
  /** Throws if the disk does not take it; then nothing has changed. */
  create(zone: Zone, because: Because): void
  /** All of them or none, in one transaction and so with one sync of the disk. Throws as `create` does. */
  append(changes: readonly StoredChange[]): void
  /** Another zone of the same name: the changes until now lead to the old one, and are forgotten. Throws as `create` does. */
  replace(zone: Zone, because: Because): void
  /** The changes from this serial to the last version; `undefined` where they are not kept. */
  changesSince(origin: Name, serial: number): readonly Pick<StoredChange, 'diff' | 'because'>[] | undefined
  remove(origin: Name, because: Because): void
  /** Of a zone of another server's: when that was last heard to have what we have. Throws as `create` does. */
  heard(origin: Name, atMs: number): void
  heardAtMs(origin: Name): number | undefined
  close(): void
}

export type ZoneStoreLimits = {
  /** A new snapshot of a zone after so many changes … */
  readonly snapshotChanges: number
  /** … or after so many octets of changes, if the snapshot is not larger than that. */
  readonly snapshotOctets: number
  /** Changes before the snapshot that stay for secondaries, for each zone. */
  readonly journalChanges: number
  readonly journalOctets: number
}

export const ZONE_STORE_LIMITS: ZoneStoreLimits = {
  snapshotChanges: 4096,
  snapshotOctets: 1024 * 1024,
  journalChanges: 16_384,
  journalOctets: 16 * 1024 * 1024,
}

/** Opens the store in this file, which is made if it is not there. Throws if it cannot be had. */
export function openZoneStore(path: string, options: Partial<ZoneStoreLimits> = {}): ZoneStore {
  const bounds = { ...ZONE_STORE_LIMITS, ...options }
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 4000',
  )
  database.exec(SCHEMA)
  const all = database.prepare('SELECT origin, through, records FROM zones ORDER BY origin')
  const since = database.prepare(
    'SELECT from_serial, to_serial, removed, added, author, reason, at_ms FROM changes ' +
      'WHERE origin = ? AND number > ? ORDER BY number',
  )
  const latestFrom = database.prepare(
    'SELECT number FROM changes WHERE origin = ? AND from_serial = ? ORDER BY number DESC LIMIT 1',
  )
  const counted = database.prepare(
    'SELECT length(records) AS snapshot, ' +
      '(SELECT count(*) FROM changes WHERE origin = ?1 AND number > through) AS changes, ' +
      '(SELECT coalesce(sum(length(removed) + length(added)), 0) FROM changes WHERE origin = ?1 AND number > through) AS octets ' +
      'FROM zones WHERE origin = ?1',
  )
  const sizes = database.prepare(
    'SELECT number, length(removed) + length(added) AS octets FROM changes ' +
      'WHERE origin = ? AND number <= (SELECT through FROM zones WHERE origin = ?) ORDER BY number DESC',
  )
  const insertZone = database.prepare('INSERT INTO zones (origin, through, records) VALUES (?, 0, ?)')
  const insertChange = database.prepare(
    'INSERT INTO changes (origin, from_serial, to_serial, removed, added, author, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const fold = database.prepare(
    'UPDATE zones SET records = ?, through = (SELECT max(number) FROM changes WHERE origin = ?) WHERE origin = ?',
  )
  const forget = database.prepare('DELETE FROM changes WHERE origin = ? AND number <= ?')
  const dropZone = database.prepare('DELETE FROM zones WHERE origin = ?')
  const dropChanges = database.prepare('DELETE FROM changes WHERE origin = ?')
  const insertHeard = database.prepare('INSERT OR REPLACE INTO heard (origin, at_ms) VALUES (?, ?)')
  const lastHeard = database.prepare('SELECT at_ms FROM heard WHERE origin = ?')
  const dropHeard = database.prepare('DELETE FROM heard WHERE origin = ?')
  const insertEvent = database.prepare(
    'INSERT INTO events (origin, event, author, reason, at_ms) VALUES (?, ?, ?, ?, ?)',
  )
  /** Of each zone: its snapshot, and the changes behind that. */
  const waiting = new Map<string, { snapshot: number; changes: number; octets: number }>()
  const atomically = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE')
    try {
      work()
      database.exec('COMMIT')
    } catch (error) {
      waiting.clear() // counted anew from what is there
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
  const waitingOf = (key: string, origin: Uint8Array): { snapshot: number; changes: number; octets: number } => {
    const known = waiting.get(key)
    if (known !== undefined) return known
    const row = counted.get(origin)
    const read = {
      snapshot: numberOf(row?.['snapshot']),
      changes: numberOf(row?.['changes']),
      octets: numberOf(row?.['octets']),
    }
    waiting.set(key, read)
    return read
  }
  /** Of the changes that the snapshot has taken up, the latest stay. */
  const forgetOld = (origin: Uint8Array): void => {
    let [changes, octets] = [0, 0]
    for (const row of sizes.iterate(origin, origin)) {
      octets += numberOf(row['octets'])
      if (++changes <= bounds.journalChanges && octets <= bounds.journalOctets) continue
      forget.run(origin, numberOf(row['number']))
      return
    }
  }
  const snapshot = (zone: Zone): void => {
    const origin = originKey(zone.origin)
    const records = encodeRecords(zoneRecords(zone))
    fold.run(records, origin, origin)
    forgetOld(origin)
    waiting.set(zone.origin.key, { snapshot: records.length, changes: 0, octets: 0 })
  }
  const create = (zone: Zone): void => {
    const origin = originKey(zone.origin)
    dropChanges.run(origin)
    insertZone.run(origin, encodeRecords(zoneRecords(zone)))
    waiting.delete(zone.origin.key)
  }
  const note = (origin: Name, event: string, { author, reason, atMs }: Because): void => {
    insertEvent.run(originKey(origin), event, author, reason, atMs)
  }
  return {
    load: (limits = DEFAULT_LIMITS) => {
      const zones: Zone[] = []
      for (const row of all.all()) {
        const zone = readZone(row, limits)
        if (!zone.ok) return zone
        let current = zone.value
        for (const change of since.iterate(octetsOf(row['origin']), numberOf(row['through']))) {
          const diff = readDiff(change)
          const next = diff === undefined ? undefined : applyDiff(current, diff, limits)
          if (next === undefined || !next.ok) {
            const reason = `change from serial ${String(change['from_serial'])}: ${next?.error.kind ?? 'unreadable'}`
            return err({ kind: 'damaged', zone: formatName(current.origin), reason })
          }
          current = next.value
        }
        zones.push(current)
      }
      return ok(zones)
    },
    create: (zone, because) =>
      atomically(() => {
        create(zone)
        note(zone.origin, 'create', because)
      }),
    append: (changes) =>
      atomically(() => {
        const last = new Map<string, Zone>()
        for (const { zone, diff, because } of changes) {
          const origin = originKey(zone.origin)
          const [removed, added] = [encodeRecords(diff.removed), encodeRecords(diff.added)]
          const held = waitingOf(zone.origin.key, origin)
          const { author, reason, atMs } = because
          insertChange.run(origin, diff.fromSerial, diff.toSerial, removed, added, author, reason, atMs)
          held.changes++
          held.octets += removed.length + added.length
          last.set(zone.origin.key, zone)
        }
        for (const [key, zone] of last) {
          const held = waitingOf(key, originKey(zone.origin))
          const octets = Math.max(bounds.snapshotOctets, held.snapshot)
          if (held.changes >= bounds.snapshotChanges || held.octets >= octets) snapshot(zone)
        }
      }),
    replace: (zone, because) =>
      atomically(() => {
        dropZone.run(originKey(zone.origin))
        create(zone)
        note(zone.origin, 'replace', because)
      }),
    changesSince: (origin, serial) => {
      const key = originKey(origin)
      const first = latestFrom.get(key, serial)
      if (first === undefined) return undefined
      const changes: Pick<StoredChange, 'diff' | 'because'>[] = []
      for (const row of since.iterate(key, numberOf(first['number']) - 1)) {
        const diff = readDiff(row)
        if (diff === undefined || diff.fromSerial !== (changes.at(-1)?.diff.toSerial ?? serial)) return undefined
        changes.push({ diff, because: readBecause(row) })
      }
      return changes
    },
    remove: (origin, because) =>
      atomically(() => {
        dropZone.run(originKey(origin))
        dropChanges.run(originKey(origin))
        dropHeard.run(originKey(origin))
        waiting.delete(origin.key)
        note(origin, 'remove', because)
      }),
    heard: (origin, atMs) => void insertHeard.run(originKey(origin), atMs),
    heardAtMs: (origin) => {
      const row = lastHeard.get(originKey(origin))
      return row === undefined ? undefined : numberOf(row['at_ms'])
    },
    close: () => database.close(),
  }
}

type Row = Readonly<Record<string, unknown>>

function readZone(row: Row, limits: Limits): Result<Zone, StoreError> {
  const origin = decodeName(octetsOf(row['origin']))
  if (!origin.ok) return err({ kind: 'damaged', zone: '?', reason: origin.error.kind })
  const records = decodeRecords(octetsOf(row['records']))
  const zone = records.ok ? createZone(origin.value, records.value, limits) : records
  return zone.ok ? zone : err({ kind: 'damaged', zone: formatName(origin.value), reason: zone.error.kind })
}

function readDiff(row: Row): ZoneDiff | undefined {
  const [removed, added] = [decodeRecords(octetsOf(row['removed'])), decodeRecords(octetsOf(row['added']))]
  if (!removed.ok || !added.ok) return undefined
  return {
    fromSerial: numberOf(row['from_serial']),
    toSerial: numberOf(row['to_serial']),
    removed: removed.value,
    added: added.value,
  }
}

function readBecause(row: Row): Because {
  return { author: String(row['author']), reason: String(row['reason']), atMs: numberOf(row['at_ms']) }
}

function originKey(origin: Name): Uint8Array {
  return encodeLatin1(origin.key)
}

function octetsOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS zones (
    origin BLOB PRIMARY KEY, through INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, origin BLOB NOT NULL, from_serial INTEGER NOT NULL,
    to_serial INTEGER NOT NULL, removed BLOB NOT NULL, added BLOB NOT NULL,
    author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS changes_of_zone ON changes (origin, number);
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, origin BLOB NOT NULL, event TEXT NOT NULL,
    author TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS heard (origin BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;
`
