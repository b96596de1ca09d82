// A SQLite database whose committed transactions survive power loss.

import { DatabaseSync } from 'node:sqlite'

/** WAL, synchronous=FULL: COMMIT returns after the disk has it. Foreign keys on; a damaged file throws. */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 })
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA trusted_schema = OFF',
  )
  return database
}
