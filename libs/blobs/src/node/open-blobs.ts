// Blobs as one file each: DIRECTORY/ab/abcdef…, written through (O_DSYNC) under the final name.
//
// Durability of the octets: each write returns after the disk has them. Durability of the name: a file is never renamed
// into place. ext4 and XFS commit their journal in order, and the creation of a file precedes its first size change,
// which O_DSYNC commits; btrfs logs a new file together with its name and new directories above it. So the name is on disk when the write returns.
// The price: the name must be known first. Small blobs are hashed in memory; larger ones pass through an unsynced
// spool file. A crash can leave a file cut short under a final name that nobody was told; since a name has only one
// content, writing it again writes the same octets over it, and repairs it.

import { dirname, join } from 'node:path'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type BlobId, BlobIdBuilder, blobIdOf, parseBlobId } from '../blob-id.ts'
import { BLOB_LIMITS, type BlobError, type BlobLimits, BlobReadError, type Blobs, type WrittenBlob } from '../blobs.ts'
import { type Files, nodeFiles, systemCode } from './files.ts'

export type OpenBlobsOptions = {
  /** A directory of its own; made when absent. One process at a time. */
  readonly path: string
  readonly limits?: Partial<BlobLimits>
  /** The disk; tests hand in one that fails. */
  readonly files?: Files
}

export async function openBlobs(options: OpenBlobsOptions): Promise<Result<Blobs, BlobError>> {
  const files = options.files ?? nodeFiles
  const spool = join(options.path, SPOOL)
  try {
    await files.makeDirectory(spool)
    for (const name of await files.list(spool)) await files.unlink(join(spool, name))
  } catch (error) {
    return failed(error, `open blobs in "${options.path}"`)
  }
  return ok(new FileBlobs(options.path, files, { ...BLOB_LIMITS, ...options.limits }))
}

class FileBlobs implements Blobs {
  readonly #path: string
  readonly #files: Files
  readonly #limits: BlobLimits
  /** The last thing under way for a name; the next one waits for it. */
  readonly #busy = new Map<BlobId, Promise<unknown>>()
  readonly #held = new Map<BlobId, number>()
  #spooled = 0

  constructor(path: string, files: Files, limits: BlobLimits) {
    this.#path = path
    this.#files = files
    this.#limits = limits
  }

  async write(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Result<WrittenBlob, BlobError>> {
    const { blobOctets, memoryOctets } = this.#limits
    const chunks: Uint8Array[] = []
    let length = 0
    let spool: Spool | undefined
    try {
      for await (const chunk of octets) {
        length += chunk.length
        if (length > blobOctets) return err({ kind: 'too-large', limitOctets: blobOctets })
        if (spool !== undefined) await spool.append(chunk)
        else {
          chunks.push(chunk)
          if (length > memoryOctets) spool = await this.#openSpool(chunks.splice(0))
        }
      }
      if (spool === undefined) {
        const whole = concatOctets(chunks)
        return await this.#keep(blobIdOf(whole), length, [whole])
      }
      return await this.#keep(spool.finish(), length, spool.read())
    } catch (error) {
      if (error instanceof SpoolError) return failed(error.cause, 'spool a blob')
      throw error // what the source rejects with is the caller's to judge
    } finally {
      await spool?.remove()
    }
  }

  async *read(id: BlobId): AsyncGenerator<Uint8Array> {
    const opened = await this.#try(`open blob ${id}`, () => this.#files.open(this.#file(id), 'read'), id)
    if (!opened.ok) throw new BlobReadError(opened.error)
    const fd = opened.value
    try {
      const found = new BlobIdBuilder()
      for (let at = 0; ; ) {
        const into = new Uint8Array(READ_OCTETS)
        const position = at
        const count = await this.#try(`read blob ${id}`, () => this.#files.read(fd, into, position), id)
        if (!count.ok) throw new BlobReadError(count.error)
        if (count.value === 0) break
        const chunk = into.subarray(0, count.value)
        found.append(chunk)
        at += chunk.length
        yield chunk
      }
      if (found.finish() !== id) throw new BlobReadError({ kind: 'damaged', id })
    } finally {
      await this.#files.close(fd)
    }
  }

  async has(id: BlobId): Promise<boolean> {
    const opened = await this.#try(`open blob ${id}`, () => this.#files.open(this.#file(id), 'read'), id)
    if (opened.ok) await this.#files.close(opened.value)
    else if (opened.error.kind !== 'absent') throw new BlobReadError(opened.error)
    return opened.ok
  }

  remove(id: BlobId): Promise<Result<'removed' | 'absent' | 'held', BlobError>> {
    return this.#alone(id, async () => {
      if (this.#held.has(id)) return ok('held')
      const removed = await this.#try(`remove blob ${id}`, () => this.#files.unlink(this.#file(id)), id)
      if (removed.ok) return ok('removed')
      return removed.error.kind === 'absent' ? ok('absent') : removed
    })
  }

  async *ids(): AsyncGenerator<BlobId> {
    for (const shard of await this.#files.list(this.#path)) {
      if (!SHARD.test(shard)) continue
      for (const name of await this.#files.list(join(this.#path, shard))) {
        const id = parseBlobId(name)
        if (id.ok) yield id.value
      }
    }
  }

  #keep(
    id: BlobId,
    octets: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<Result<WrittenBlob, BlobError>> {
    return this.#alone(id, async () => {
      try {
        await this.#writeThrough(this.#file(id), octets, chunks)
      } catch (error) {
        return failed(error instanceof SpoolError ? error.cause : error, `write blob ${id}`)
      }
      this.#held.set(id, (this.#held.get(id) ?? 0) + 1)
      let released = false
      const release = (): void => {
        if (released) return
        released = true
        const left = (this.#held.get(id) ?? 1) - 1
        if (left === 0) this.#held.delete(id)
        else this.#held.set(id, left)
      }
      return ok({ id, octets, release })
    })
  }

  async #writeThrough(
    path: string,
    octets: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const files = this.#files
    let created = true
    const fd = await files.open(path, 'create').catch(async (error: unknown) => {
      if (systemCode(error) === 'ENOENT') {
        await files.makeDirectory(dirname(path))
        return files.open(path, 'create')
      }
      if (systemCode(error) !== 'EEXIST') throw error
      created = false
      return files.open(path, 'rewrite')
    })
    try {
      // An empty blob writes nothing that would be synced, so its name is made durable by a size change.
      if (octets === 0) await writeAll(files, fd, ONE_OCTET, 0)
      let at = 0
      for await (const chunk of chunks) {
        await writeAll(files, fd, chunk, at)
        at += chunk.length
      }
      if (octets === 0 || (!created && (await files.size(fd)) !== octets)) await files.truncate(fd, octets)
    } catch (error) {
      await files.close(fd)
      if (created) await files.unlink(path).catch(() => undefined) // the first error is the one to tell
      throw error
    }
    await files.close(fd)
  }

  async #openSpool(first: readonly Uint8Array[]): Promise<Spool> {
    const path = join(this.#path, SPOOL, `${this.#spooled++}`)
    const fd = await this.#files.open(path, 'spool').catch(spoolFailed)
    const spool = new Spool(this.#files, path, fd)
    try {
      for (const chunk of first) await spool.append(chunk)
    } catch (error) {
      await spool.remove()
      throw error
    }
    return spool
  }

  /** Runs `work` after all else that is under way for this name. */
  #alone<T>(id: BlobId, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(id)
    const mine = before === undefined ? work() : before.then(work, work)
    this.#busy.set(id, mine)
    const leave = (): void => {
      if (this.#busy.get(id) === mine) this.#busy.delete(id)
    }
    mine.then(leave, leave)
    return mine
  }

  async #try<T>(doing: string, work: () => Promise<T>, id: BlobId): Promise<Result<T, BlobError>> {
    try {
      return ok(await work())
    } catch (error) {
      return systemCode(error) === 'ENOENT' ? err({ kind: 'absent', id }) : failed(error, doing)
    }
  }

  #file(id: BlobId): string {
    return `${this.#path}/${id.slice(0, 2)}/${id}`
  }
}

/** Octets whose name is not known yet. Not durable: after a crash nobody asks for them. */
class Spool {
  readonly #files: Files
  readonly #path: string
  readonly #fd: number
  readonly #id = new BlobIdBuilder()
  #length = 0

  constructor(files: Files, path: string, fd: number) {
    this.#files = files
    this.#path = path
    this.#fd = fd
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#id.append(chunk)
    await writeAll(this.#files, this.#fd, chunk, this.#length).catch(spoolFailed)
    this.#length += chunk.length
  }

  finish(): BlobId {
    return this.#id.finish()
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const into = new Uint8Array(Math.min(COPY_OCTETS, this.#length)) // used again: the writer has written it when it asks for more
    for (let at = 0; at < this.#length; ) {
      const count = await this.#files.read(this.#fd, into, at).catch(spoolFailed)
      if (count === 0)
        throw new SpoolError(new Error(`Cannot read the spool again: it ends at ${at} of ${this.#length}`))
      yield into.subarray(0, count)
      at += count
    }
  }

  async remove(): Promise<void> {
    await this.#files.close(this.#fd)
    await this.#files.unlink(this.#path).catch(() => undefined) // swept when the store is opened again
  }
}

class SpoolError extends Error {
  constructor(cause: unknown) {
    super('Cannot spool', { cause })
  }
}

function spoolFailed(cause: unknown): never {
  throw new SpoolError(cause)
}

async function writeAll(files: Files, fd: number, octets: Uint8Array, position: number): Promise<void> {
  let written = await files.write(fd, octets, position)
  // A short write is what a full disk answers first; the next one says why.
  while (written < octets.length) written += await files.write(fd, octets.subarray(written), position + written)
}

function failed(error: unknown, doing: string): Result<never, BlobError> {
  const code = systemCode(error)
  if (code === undefined) throw error
  if (code === 'ENOSPC' || code === 'EDQUOT') return err({ kind: 'no-space' })
  if (code === 'EMFILE' || code === 'ENFILE') return err({ kind: 'too-many-open-files' })
  return err({ kind: 'file-system', code, doing })
}

const SPOOL = 'spool'
const SHARD = /^[0-9a-f]{2}$/
const READ_OCTETS = 64 * 1024
const COPY_OCTETS = 1024 * 1024
const ONE_OCTET = new Uint8Array(1)
