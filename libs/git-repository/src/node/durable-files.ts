// Files that are either there whole or not at all, also after a kill or a power cut: written beside their place through
// O_DSYNC, then renamed. O_DSYNC and not fsync, which Node's permission model forbids.

import { constants, promises } from 'node:fs'
import { dirname } from 'node:path'

/** The file system as isomorphic-git wants it. */
export type DurableFiles = {
  readonly promises: {
    readonly readFile: typeof promises.readFile
    readonly writeFile: (path: string, octets: Uint8Array | string) => Promise<void>
    readonly unlink: typeof promises.unlink
    readonly readdir: typeof promises.readdir
    readonly mkdir: typeof promises.mkdir
    readonly rmdir: typeof promises.rmdir
    readonly stat: typeof promises.stat
    readonly lstat: typeof promises.lstat
    readonly readlink: typeof promises.readlink
    readonly symlink: typeof promises.symlink
  }
}

export function createDurableFiles(randomOctets: (count: number) => Uint8Array): DurableFiles {
  const { readFile, unlink, readdir, mkdir, rmdir, stat, lstat, readlink, symlink } = promises
  return {
    promises: {
      readFile,
      unlink,
      readdir,
      mkdir,
      rmdir,
      stat,
      lstat,
      readlink,
      symlink,
      writeFile: async (path, octets) => {
        // `git prune` takes away what is called so and was left behind by a kill.
        const beside = `${dirname(path)}/tmp_obj_${randomOctets(8).toHex()}`
        const file = await promises.open(beside, CREATE | constants.O_DSYNC, 0o600)
        try {
          try {
            await file.writeFile(octets)
          } finally {
            await file.close()
          }
          await promises.rename(beside, path)
        } catch (error) {
          await promises.rm(beside, { force: true })
          throw error
        }
      },
    },
  }
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
