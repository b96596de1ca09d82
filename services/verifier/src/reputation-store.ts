// What is known of senders, on disk: one row for each subject. Rows that cannot be read back (written by another version)
// are left out and counted.

import path from 'node:path'
import { type CommitError, GroupCommit, openDatabase } from '@scop/group-commit/node'
import { type Changes, formatRow, formatSubject, parseRow, type Row } from '@scop/reputation'
import type { Result } from '@scop/result'

export type ReputationStore = {
  /** Those touched longest ago first. */
  readonly rows: readonly Row[]
  readonly unreadable: number
  /** In one transaction; resolves when it is durable. */
  write(changes: Changes): Promise<Result<void, CommitError>>
  close(): void
}

export function openReputationStore(directory: string): ReputationStore {
  const database = openDatabase(path.join(directory, 'reputation.sqlite'))
  database.exec(SCHEMA)
  const group = new GroupCommit(database)
  const insert = database.prepare(
    'INSERT OR REPLACE INTO subject (key, kind, first, touched, line) VALUES (?, ?, ?, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM subject WHERE key = ?')
  const rows: Row[] = []
  let unreadable = 0
  for (const { line } of database.prepare('SELECT line FROM subject ORDER BY touched').iterate()) {
    const row = parseRow(String(line))
    if (row.ok) rows.push(row.value)
    else unreadable++
  }
  return {
    rows,
    unreadable,
    write: ({ rows: changed, removed }) =>
      group.commit(() => {
        for (const key of removed) remove.run(key)
        for (const row of changed)
          insert.run(formatSubject(row.subject), row.subject.kind, row.firstMs, row.touchedMs, formatRow(row))
      }),
    close: () => database.close(),
  }
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS subject (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  first INTEGER NOT NULL,
  touched INTEGER NOT NULL,
  line TEXT NOT NULL
) WITHOUT ROWID;
`
