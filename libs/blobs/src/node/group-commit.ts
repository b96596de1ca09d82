// Group commit: many small transactions made durable by one sync.
// Law: whoever is answered `ok` is on disk; whoever is answered otherwise has left nothing behind.

import type { DatabaseSync } from 'node:sqlite'
import { err, ok, type Result } from '@scop/result'
import type { BlobError } from '../blobs.ts'

export type GroupCommitOptions = {
  /** How long to wait for others that are on their way. */
  readonly gatherMilliseconds: number
  /** How many are on their way. */
  expected(): number
  committed(): void
  rolledBack(): void
}

type Waiting = {
  readonly work: () => unknown
  readonly answer: (result: Result<unknown, BlobError>) => void
  readonly fail: (error: unknown) => void
}

export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #options: GroupCommitOptions
  #waiting: Waiting[] = []
  #idle: (() => void)[] = []
  #planned = false

  constructor(database: DatabaseSync, options: GroupCommitOptions) {
    this.#database = database
    this.#options = options
  }

  /** `work` may be run twice: alone, when another in its group has failed. What it throws rejects here. */
  run<T>(work: () => T): Promise<Result<T, BlobError>> {
    return new Promise((resolve, reject) => {
      // as: `answer` is called with what `work` returned
      this.#waiting.push({ work, answer: (result) => resolve(result as Result<T, BlobError>), fail: reject })
      if (this.#planned) return
      this.#planned = true
      const commit = (): void => this.#commit()
      if (this.#options.expected() === 0) setImmediate(commit)
      else setTimeout(commit, this.#options.gatherMilliseconds)
    })
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    return this.#planned ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve()
  }

  #commit(): void {
    this.#planned = false
    const group = this.#waiting
    this.#waiting = []
    if (!this.#commitAll(group) && group.length > 1) for (const one of group) this.#commitAll([one])
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** False when one of several failed, and none has been answered. */
  #commitAll(group: readonly Waiting[]): boolean {
    const answers: unknown[] = []
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const { work } of group) answers.push(work())
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#options.rolledBack()
      const [first, second] = group
      if (first === undefined || second !== undefined) return false
      const reason = databaseError(error)
      if (reason === undefined) first.fail(error)
      else first.answer(err(reason))
      return true
    }
    this.#options.committed()
    for (const [i, one] of group.entries()) one.answer(ok(answers[i]))
    return true
  }
}

/** `undefined` when the world is not to blame: a mistake in our SQL, or no error of SQLite. */
export function databaseError(error: unknown): BlobError | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  const code = error.errcode & 0xff // the primary part of an extended code
  if (code === SQLITE_FULL) return { kind: 'no-space' }
  if (code === SQLITE_CANTOPEN) return { kind: 'too-many-open-files' }
  return WORLD.has(code)
    ? { kind: 'file-system', code: `SQLITE ${error.errcode}`, doing: `commit: ${error.message}` }
    : undefined
}

const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const WORLD: ReadonlySet<number> = new Set([5, 7, 8, 10, 11, 26]) // BUSY NOMEM READONLY IOERR CORRUPT NOTADB
