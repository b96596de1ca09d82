// The files to check: as given, and those below directories, by name. A directory is never entered through a symbolic
// link below what was given, so no loop is; what is no file is named, and not opened.

import { isUtf8 } from 'node:buffer'
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

export type Skipped = 'fifo' | 'socket' | 'device' | 'link-to-directory'

export type FoundFile =
  /** `path` is what to open: octets where the name is not UTF-8. */
  | { readonly file: string; readonly path: string | Buffer }
  | { readonly file: string; readonly skipped: Skipped }
  | { readonly file: string; readonly error: unknown }

export async function* filesUnder(paths: readonly string[]): AsyncGenerator<FoundFile> {
  // The last is next. Not recursion: a tree of directories may be deep.
  const waiting: Waiting[] = paths.toReversed().map((given) => ({ path: given, given: true }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path: place, given } = next
    const file = place.toString()
    try {
      const stats = await stat(place)
      if (!stats.isDirectory()) yield sorted(file, place, stats)
      else if (!given && next.link === true) yield { file, skipped: 'link-to-directory' }
      else {
        const entries = await readdir(place, { withFileTypes: true, encoding: 'buffer' })
        entries.sort((a, b) => Buffer.compare(b.name, a.name))
        for (const entry of entries) {
          waiting.push({ path: inside(place, entry.name), given: false, link: entry.isSymbolicLink() })
        }
      }
    } catch (error) {
      yield { file, error }
    }
  }
}

type Waiting = { readonly path: string | Buffer; readonly given: boolean; readonly link?: boolean }

function inside(directory: string | Buffer, name: Buffer): string | Buffer {
  if (typeof directory === 'string' && isUtf8(name)) return path.join(directory, name.toString())
  return Buffer.concat([Buffer.from(directory), Buffer.from(path.sep), name])
}

function sorted(file: string, place: string | Buffer, stats: Stats): FoundFile {
  if (stats.isFile()) return { file, path: place }
  return { file, skipped: stats.isFIFO() ? 'fifo' : stats.isSocket() ? 'socket' : 'device' }
}
