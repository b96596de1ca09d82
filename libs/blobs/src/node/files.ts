// Files: the few calls on the disk that blobs need, as one value, so that tests can make each of them fail.

import fs from 'node:fs'

export type Files = {
  /** `how`: `create` refuses an existing name (EEXIST); `rewrite` keeps what is there. Both write through to the disk. */
  readonly open: (path: string, how: 'create' | 'rewrite' | 'spool' | 'read') => Promise<number>
  readonly write: (fd: number, octets: Uint8Array, position: number) => Promise<number>
  readonly read: (fd: number, into: Uint8Array, position: number) => Promise<number>
  readonly truncate: (fd: number, octets: number) => Promise<void>
  /** Octets of the file. */
  readonly size: (fd: number) => Promise<number>
  readonly close: (fd: number) => Promise<void>
  readonly unlink: (path: string) => Promise<void>
  readonly list: (path: string) => Promise<string[]>
  readonly makeDirectory: (path: string) => Promise<void>
  /** Octets that we may still write below `path`. */
  readonly freeOctets: (path: string) => Promise<number>
}

export const nodeFiles: Files = {
  open: (path, how) => new Promise((resolve, reject) => fs.open(path, FLAGS[how], 0o600, settle(resolve, reject))),
  write: (fd, octets, position) =>
    new Promise((resolve, reject) => fs.write(fd, octets, 0, octets.length, position, settle(resolve, reject))),
  read: (fd, into, position) =>
    new Promise((resolve, reject) => fs.read(fd, into, 0, into.length, position, settle(resolve, reject))),
  truncate: (fd, octets) => new Promise((resolve, reject) => fs.ftruncate(fd, octets, done(resolve, reject))),
  size: (fd) =>
    new Promise((resolve, reject) => fs.fstat(fd, (error, stat) => (error ? reject(error) : resolve(stat.size)))),
  close: (fd) => new Promise((resolve, reject) => fs.close(fd, done(resolve, reject))),
  unlink: (path) => new Promise((resolve, reject) => fs.unlink(path, done(resolve, reject))),
  list: (path) => new Promise((resolve, reject) => fs.readdir(path, settle(resolve, reject))),
  makeDirectory: (path) =>
    new Promise((resolve, reject) =>
      fs.mkdir(path, { mode: 0o700, recursive: true }, (error) => (error ? reject(error) : resolve())),
    ),
  freeOctets: (path) =>
    new Promise((resolve, reject) =>
      fs.statfs(path, (error, stat) => (error ? reject(error) : resolve(stat.bavail * stat.bsize))),
    ),
}

/** The system's name for an error (`ENOSPC`), or `undefined` for what is not the system's. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void
const settle =
  <T>(resolve: (value: T) => void, reject: (error: Error) => void): Callback<T> =>
  (error, value) =>
    error ? reject(error) : resolve(value)
const done =
  (resolve: () => void, reject: (error: Error) => void) =>
  (error: NodeJS.ErrnoException | null): void =>
    error ? reject(error) : resolve()

const { O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants
// O_DSYNC where others call fsync: Node refuses fsync under --permission, and this costs the same.
const FLAGS = {
  create: O_WRONLY | O_CREAT | O_EXCL | O_DSYNC | O_NOFOLLOW,
  rewrite: O_WRONLY | O_DSYNC | O_NOFOLLOW,
  spool: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
  read: O_RDONLY | O_NOFOLLOW,
} as const
