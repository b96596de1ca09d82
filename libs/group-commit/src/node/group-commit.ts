// One SQLite transaction, and one sync of the disk, for all who want to write at the same moment.
// Each one's work stands or falls by itself (a savepoint); nobody is answered before all of it is on disk.

import type { DatabaseSync } from 'node:sqlite'
import { err, ok, type Result } from '@scop/result'

export type CommitError =
  /** The disk is full: nothing of this transaction is there. */
  | { readonly kind: 'no-space' }
  | { readonly kind: 'too-many-open-files' }
  | { readonly kind: 'database'; readonly code: number; readonly message: string }

type Waiting = { readonly work: () => unknown; readonly settle: (outcome: Result<unknown, CommitError>) => void }

export class GroupCommit {
  readonly #database: DatabaseSync
  #waiting: Waiting[] = []
  #planned = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Runs `work` (synchronous, on the database) in the next transaction; resolves when it is durable. An exception of
   *  `work` that is not SQLite's is a mistake of ours, and rejects. */
  commit<T>(work: () => T): Promise<Result<T, CommitError>> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Result<unknown, CommitError>): void => resolve(outcome as Result<T, CommitError>) // as: made by this very `work`
      this.#waiting.push({
        work: () => {
          try {
            return work()
          } catch (error) {
            if (sqliteCode(error) === undefined) reject(error)
            throw error
          }
        },
        settle,
      })
      if (this.#planned) return
      this.#planned = true
      setImmediate(() => this.#run()) // after all that has already arrived has been read
    })
  }

  /** Work that waits for its transaction. */
  get pending(): number {
    return this.#waiting.length
  }

  #run(): void {
    this.#planned = false
    const group = this.#waiting
    this.#waiting = []
    let begun = false
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      begun = true
      const outcomes = group.map(({ work }) => this.#savepoint(work))
      this.#database.exec('COMMIT')
      group.forEach(({ settle }, i) => {
        settle(outcomes[i] ?? err({ kind: 'database', code: 0, message: 'no outcome' }))
      })
    } catch (error) {
      // A full disk may have rolled back by itself.
      if (begun && this.#database.isTransaction) this.#database.exec('ROLLBACK')
      const reason = commitError(error)
      for (const { settle } of group) settle(err(reason))
    }
  }

  #savepoint(work: () => unknown): Result<unknown, CommitError> {
    this.#database.exec('SAVEPOINT one')
    try {
      const value = work()
      this.#database.exec('RELEASE one')
      return ok(value)
    } catch (error) {
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      return err(commitError(error))
    }
  }
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}

function commitError(error: unknown): CommitError {
  const code = sqliteCode(error) ?? 0
  if ((code & 0xff) === SQLITE_FULL) return { kind: 'no-space' }
  if ((code & 0xff) === SQLITE_CANTOPEN) return { kind: 'too-many-open-files' }
  return { kind: 'database', code, message: error instanceof Error ? error.message : String(error) }
}

const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
