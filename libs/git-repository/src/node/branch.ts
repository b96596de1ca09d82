// The branch: the one place where a change becomes true. It moves only from the commit that the change was made on,
// under the lock file that stock Git uses too, so a push and a change never overwrite each other.

import { constants, promises, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDescendent, resolveRef } from 'isomorphic-git'
import type { DurableFiles } from './durable-files.ts'

export type LockLimits = {
  /** How long the lock of the branch is waited for. */
  readonly lockWaitMs: number
  /** A lock this old belongs to a process that died. */
  readonly staleLockMs: number
}

export type Branch = {
  /** The commit it is at; `undefined` before the first. */
  read(): Promise<string | undefined>
  /** Another text whenever the branch may have moved. Cheap: two `stat` calls. */
  marker(): string
  /** Durable when it answers `advanced`. `moved`: it was not at `from`. Throws when the lock cannot be had. */
  advance(from: string | undefined, to: string): Promise<'advanced' | 'moved'>
}

export function openBranch(gitdir: string, fs: DurableFiles, limits: LockLimits): Branch {
  const ref = `${gitdir}/${BRANCH}`
  const lock = `${ref}.lock`

  const read = async (): Promise<string | undefined> => {
    try {
      return await resolveRef({ fs, gitdir, ref: BRANCH })
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFoundError') return undefined
      throw error
    }
  }

  return {
    read,
    marker: () => `${fileMarker(ref)} ${fileMarker(`${gitdir}/packed-refs`)}`,
    advance: async (from, to) => {
      await using file = await acquire(lock, limits)
      const id = await inode(file)
      const text = new TextEncoder().encode(`${to}\n`)
      await file.write(text, 0, text.length, 0)
      if ((await read()) !== from) {
        await promises.rm(lock, { force: true })
        return 'moved'
      }
      try {
        // Whoever took us for dead has taken the lock: then the file there is not ours.
        if ((await inode(lock)) !== id) return 'moved'
        await promises.rename(lock, ref)
      } catch (error) {
        if (isMissing(error)) return 'moved'
        throw error
      }
      // The file is opened O_SYNC: these same octets, written once more, take its new name to the disk with them.
      await file.write(text, 0, text.length, 0)
      if ((await inode(ref).catch(() => undefined)) === id) return 'advanced'
      // Somebody moved it on, or packed it: fine if that happened on top of us.
      const head = await read()
      if (head === undefined) return 'moved'
      const above = head === to || (await isDescendent({ fs, gitdir, oid: head, ancestor: to, depth: -1 }))
      return above ? 'advanced' : 'moved'
    },
  }
}

async function acquire(lock: string, limits: LockLimits): Promise<promises.FileHandle> {
  const deadline = Date.now() + limits.lockWaitMs
  for (;;) {
    try {
      return await promises.open(lock, CREATE | constants.O_SYNC, 0o600)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    await removeStale(lock, limits)
    if (Date.now() > deadline)
      throw new Error(`Cannot lock ${lock}: held by another process for ${limits.lockWaitMs} ms`)
    await sleep(2 + Math.random() * 10)
  }
}

async function removeStale(lock: string, limits: LockLimits): Promise<void> {
  try {
    const { mtimeMs } = await promises.stat(lock)
    if (Date.now() - mtimeMs > limits.staleLockMs) await promises.rm(lock, { force: true })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

async function inode(file: promises.FileHandle | string): Promise<bigint> {
  const { ino } = await (typeof file === 'string' ? promises.stat(file, { bigint: true }) : file.stat({ bigint: true }))
  return ino
}

function fileMarker(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '-' : `${stat.ino}.${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}`
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

const BRANCH = 'refs/heads/main'
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
