// Counted blobs: octets that the rows of a SQLite database name, and the count of those rows.
// Law: a blob is there as long as a committed row names it, and goes with the last one. Small octets are rows
// themselves and commit together with the row that names them: one sync for a message, or for many (group commit).
// Larger ones are files (open-blobs.ts), durable before the commit.

import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type CommitError, GroupCommit } from '@scop/group-commit/node'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type BlobId, blobIdOf, parseBlobId } from '../blob-id.ts'
import { BLOB_LIMITS, type BlobError, type BlobLimits, BlobReadError, type Blobs, type WrittenBlob } from '../blobs.ts'
import { type Files, nodeFiles, systemCode } from './files.ts'
import { openBlobs } from './open-blobs.ts'

export type CountedBlobsOptions = {
  /** A directory of its own; made when absent. One process at a time. */
  readonly path: string
  /** SQL that makes the caller's tables, each `IF NOT EXISTS`. */
  readonly schema: string
  readonly limits?: Partial<CountedBlobsLimits>
  readonly files?: Files
}

export type CountedBlobsLimits = BlobLimits & {
  /** Octets up to which a blob is a row of the database. */
  readonly rowOctets: number
  /** Octets of the disk that only `transact` may use: a full store can still drop what it has. */
  readonly reserveOctets: number
}

export const COUNTED_BLOBS_LIMITS: CountedBlobsLimits = {
  ...BLOB_LIMITS,
  rowOctets: 128 * 1024,
  reserveOctets: 8 * 1024 * 1024,
}

/** Octets that no row names yet. */
export type HeldBlob = {
  readonly id: BlobId
  readonly octets: number
  /** In a transaction, once for each row that names the blob. */
  readonly keep: () => void
  /** Always, when the transaction has ended or will not be: what was not kept goes. */
  readonly release: () => void
}

export type CountedBlobs = {
  readonly database: DatabaseSync
  /** Takes all octets. Rejects only with what `octets` rejects with. */
  hold(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Result<HeldBlob, BlobError>>
  /**
   * Runs `work` in a transaction shared with others, and answers when it is durable. Nothing of it remains after an
   * error. What it throws, and SQLite did not, rejects here.
   */
  transact<T>(work: () => T): Promise<Result<T, BlobError>>
  /** Reads the database now, outside any transaction. */
  look<T>(work: () => T): Result<T, BlobError>
  /** In a transaction: one row less names this blob. */
  drop(id: BlobId): void
  /** Throws `BlobReadError`, as `Blobs.read`. */
  read(id: BlobId): AsyncIterable<Uint8Array>
  /** After the transactions under way. */
  close(): Promise<void>
}

export async function openCountedBlobs(options: CountedBlobsOptions): Promise<Result<CountedBlobs, BlobError>> {
  const limits = { ...COUNTED_BLOBS_LIMITS, ...options.limits }
  const files = options.files ?? nodeFiles
  try {
    await files.makeDirectory(options.path)
  } catch (error) {
    return err({ kind: 'file-system', code: systemCode(error) ?? String(error), doing: `make "${options.path}"` })
  }
  const blobs = await openBlobs({ path: join(options.path, 'blobs'), limits, files })
  if (!blobs.ok) return blobs
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(options.path, 'index.sqlite'))
    database.exec(PRAGMAS)
    database.exec(SCHEMA)
    database.exec(options.schema)
    const counted = new SqliteCountedBlobs(database, blobs.value, limits, () => files.freeOctets(options.path))
    await counted.sweep()
    return ok(counted)
  } catch (error) {
    database?.close()
    const reason = databaseError(error)
    if (reason === undefined) throw error
    return err(reason)
  }
}

class SqliteCountedBlobs implements CountedBlobs {
  readonly database: DatabaseSync
  readonly #blobs: Blobs
  readonly #limits: CountedBlobsLimits
  readonly #commits: GroupCommit
  readonly #sql: Record<'add' | 'count' | 'subtract' | 'delete' | 'find' | 'filed', StatementSync>
  /** Files whose last row the work that is running takes away. */
  #dropped: BlobId[] = []
  readonly #transactions = new Set<Promise<unknown>>()
  readonly #freeOctets: () => Promise<number>
  #free = { measured: Infinity, left: Infinity, untilMs: 0 }

  constructor(database: DatabaseSync, blobs: Blobs, limits: CountedBlobsLimits, freeOctets: () => Promise<number>) {
    this.#freeOctets = freeOctets
    this.database = database
    this.#blobs = blobs
    this.#limits = limits
    this.#sql = {
      add: database.prepare('INSERT INTO blob (id, uses, content) VALUES (?, 1, ?)'),
      count: database.prepare('UPDATE blob SET uses = uses + 1 WHERE id = ?'),
      subtract: database.prepare(
        'UPDATE blob SET uses = uses - 1 WHERE id = ? RETURNING uses, content IS NULL AS filed',
      ),
      delete: database.prepare('DELETE FROM blob WHERE id = ?'),
      find: database.prepare('SELECT content FROM blob WHERE id = ?'),
      filed: database.prepare('SELECT 1 FROM blob WHERE id = ? AND content IS NULL'),
    }
    this.#commits = new GroupCommit(database)
  }

  async hold(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Result<HeldBlob, BlobError>> {
    if (!(await this.#hasRoom())) return err({ kind: 'no-space' })
    const { blobOctets, rowOctets } = this.#limits
    const chunks: Uint8Array[] = []
    let length = 0
    const iterator = chunkIterator(octets)
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        chunks.push(next.value)
        length += next.value.length
        this.#free.left -= 2 * next.value.length // in the log and in the table, or in the spool and in the file
        if (length <= rowOctets) continue
        const written = await this.#blobs.write(replay(chunks, iterator))
        if (!written.ok) return written
        this.#free.left -= written.value.octets
        return ok(this.#heldFile(written.value))
      }
      if (length > blobOctets) return err({ kind: 'too-large', limitOctets: blobOctets })
      return ok(this.#heldRow(concatOctets(chunks)))
    } finally {
      await iterator.return(undefined)
    }
  }

  async transact<T>(work: () => T): Promise<Result<T, BlobError>> {
    const commit = this.#commits.commit(() => {
      this.#dropped = []
      const value = work()
      return { value, dropped: this.#dropped }
    })
    this.#transactions.add(commit)
    try {
      const answer = await commit
      if (!answer.ok) return err(blobError(answer.error))
      for (const id of answer.value.dropped) this.#removeFile(id)
      return ok(answer.value.value)
    } finally {
      this.#transactions.delete(commit)
    }
  }

  look<T>(work: () => T): Result<T, BlobError> {
    try {
      return ok(work())
    } catch (error) {
      const reason = databaseError(error)
      if (reason === undefined) throw error
      return err(reason)
    }
  }

  drop(id: BlobId): void {
    const row = this.#sql.subtract.get(id)
    if (row === undefined) throw new Error(`Cannot drop blob ${id}: no row names it`)
    if (Number(row['uses']) > 0) return
    this.#sql.delete.run(id)
    if (row['filed'] === 1) this.#dropped.push(id)
  }

  async *read(id: BlobId): AsyncGenerator<Uint8Array> {
    const row = this.#sql.find.get(id)
    if (row === undefined) throw new BlobReadError({ kind: 'absent', id })
    const content = row['content']
    if (!(content instanceof Uint8Array)) yield* this.#blobs.read(id)
    else if (blobIdOf(content) !== id) throw new BlobReadError({ kind: 'damaged', id })
    else yield content
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#transactions)
    this.database.close()
  }

  /** Removes the files that no row names: what a crash left. */
  async sweep(): Promise<void> {
    for await (const id of this.#blobs.ids()) if (this.#sql.filed.get(id) === undefined) await this.#blobs.remove(id)
  }

  /** Measured now and then; in between, what was taken since is counted off. */
  async #hasRoom(): Promise<boolean> {
    const { reserveOctets } = this.#limits
    const { measured, left, untilMs } = this.#free
    if (performance.now() < untilMs && (left >= reserveOctets || measured < reserveOctets)) return left >= reserveOctets
    try {
      const free = await this.#freeOctets()
      this.#free = { measured: free, left: free, untilMs: performance.now() + FREE_KNOWN_MS }
      return free >= reserveOctets
    } catch {
      return true // a file system that cannot tell refuses when it is full
    }
  }

  #heldRow(content: Uint8Array): HeldBlob {
    const id = blobIdOf(content)
    return { id, octets: content.length, keep: () => this.#keep(id, content), release: () => undefined }
  }

  #heldFile({ id, octets, release }: WrittenBlob): HeldBlob {
    return {
      id,
      octets,
      keep: () => this.#keep(id, null),
      release: () => {
        release()
        this.#removeFile(id)
      },
    }
  }

  #keep(id: BlobId, content: Uint8Array | null): void {
    if (this.#sql.count.run(id).changes === 0) this.#sql.add.run(id, content)
  }

  #removeFile(id: BlobId): void {
    if (!this.database.isOpen || this.#sql.filed.get(id) !== undefined) return
    void this.#blobs.remove(id) // a failure leaves a file that no row names: the next sweep takes it
  }
}

/** What was read before, then the rest. */
async function* replay(chunks: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* chunkIterator(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* octets
}

/** The id in a row that `keep` wrote. */
export function blobIdOfRow(value: unknown): BlobId {
  const id = parseBlobId(String(value))
  if (!id.ok) throw new Error(`Cannot read a row's blob id: ${JSON.stringify(value)}`)
  return id.value
}

function databaseError(error: unknown): BlobError | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  const code = error.errcode & 0xff // the primary part of an extended code
  if (code === SQLITE_FULL) return { kind: 'no-space' }
  if (code === SQLITE_CANTOPEN) return { kind: 'too-many-open-files' }
  return blobError({ kind: 'database', code: error.errcode, message: error.message })
}

function blobError(error: CommitError): BlobError {
  if (error.kind !== 'database') return error
  return { kind: 'file-system', code: `SQLITE ${error.code}`, doing: `use the database: ${error.message}` }
}

const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const FREE_KNOWN_MS = 1000
// Small pages: each commit writes whole ones, about ten of them. 16 MiB of log between checkpoints. FULL: each commit is
// synced.
const PRAGMAS = `
  PRAGMA page_size = 4096;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS blob (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    uses INTEGER NOT NULL,
    content BLOB -- NULL: in a file
  ) STRICT;
`
