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

export type ZoneStore = {
  /** All zones in their last version. */
  load(limits?: Limits): Result<readonly Zone[], StoreError>
  /** Throws if the disk does not take it; then nothing has changed. */
  create(zone: Zone, because: Because): void
  /** `zone` is the version that `diff` leads to. Throws as `create` does. */
  append(zone: Zone, diff: ZoneDiff, because: Because): void
  remove(origin: Name, because: Because): void
  close(): void
}

/** Opens the store in this file, which is made if it is not there. Throws if it cannot be had. */
export function openZoneStore(path: string): ZoneStore {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  database.exec(SCHEMA)
  const all = database.prepare('SELECT origin, through, records FROM zones ORDER BY origin')
  const since = database.prepare(
    'SELECT from_serial, to_serial, removed, added FROM changes WHERE origin = ? AND number > ? ORDER BY number',
  )
  const waiting = database.prepare(
    'SELECT count(*) AS changes, total(length(removed) + length(added)) AS octets FROM changes ' +
      'WHERE origin = ? AND number > (SELECT through FROM zones WHERE origin = ?)',
  )
  const insertZone = database.prepare('INSERT INTO zones (origin, through, records) VALUES (?, 0, ?)')
  const insertChange = database.prepare(
    'INSERT INTO changes (origin, from_serial, to_serial, removed, added, author, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const fold = database.prepare(
    'UPDATE zones SET records = ?, through = (SELECT max(number) FROM changes WHERE origin = ?) WHERE origin = ?',
  )
  const forget = database.prepare(
    'DELETE FROM changes WHERE origin = ? AND number <= (SELECT through FROM zones WHERE origin = ?) - ?',
  )
  const dropZone = database.prepare('DELETE FROM zones WHERE origin = ?')
  const dropChanges = database.prepare('DELETE FROM changes WHERE origin = ?')
  const insertEvent = database.prepare(
    'INSERT INTO events (origin, event, author, reason, at_ms) VALUES (?, ?, ?, ?, ?)',
  )
  const atomically = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE')
    try {
      work()
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
  return {
    load: (limits = DEFAULT_LIMITS) => {
      const zones: Zone[] = []
      for (const row of all.all()) {
        const zone = readZone(row, limits)
        if (!zone.ok) return zone
        let current = zone.value
        for (const change of since.all(octetsOf(row['origin']), numberOf(row['through']))) {
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
        const origin = originKey(zone.origin)
        dropChanges.run(origin)
        insertZone.run(origin, encodeRecords(zoneRecords(zone)))
        insertEvent.run(origin, 'create', because.author, because.reason, because.atMs)
      }),
    append: (zone, diff, because) =>
      atomically(() => {
        const origin = originKey(zone.origin)
        insertChange.run(
          origin,
          diff.fromSerial,
          diff.toSerial,
          encodeRecords(diff.removed),
          encodeRecords(diff.added),
          because.author,
          because.reason,
          because.atMs,
        )
        const held = waiting.get(origin, origin)
        if (numberOf(held?.['changes']) < FOLD_CHANGES && numberOf(held?.['octets']) < FOLD_OCTETS) return
        fold.run(encodeRecords(zoneRecords(zone)), origin, origin)
        forget.run(origin, origin, KEPT_CHANGES)
      }),
    remove: (origin, because) =>
      atomically(() => {
        dropZone.run(originKey(origin))
        dropChanges.run(originKey(origin))
        insertEvent.run(originKey(origin), 'remove', because.author, because.reason, because.atMs)
      }),
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
`
/** A new snapshot after so many changes, or octets of changes. */
const FOLD_CHANGES = 256
const FOLD_OCTETS = 1024 * 1024
/** Older changes stay for secondaries that ask for the difference. */
const KEPT_CHANGES = 1024
