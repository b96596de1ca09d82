// The files to check: as given, and those below directories, by name. A directory is never entered through a symbolic
// link below what was given, so no loop is; what is no file is named, and not opened.

import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

export type Skipped = 'fifo' | 'socket' | 'device' | 'link-to-directory'

export type FoundFile =
  | { readonly file: string }
  | { readonly file: string; readonly skipped: Skipped }
  | { readonly file: string; readonly error: unknown }

export async function* filesUnder(paths: readonly string[]): AsyncGenerator<FoundFile> {
  // The last is next. Not recursion: a tree of directories may be deep.
  const waiting: Waiting[] = paths.toReversed().map((file) => ({ file, given: true }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file, given } = next
    try {
      const stats = await stat(file)
      if (!stats.isDirectory()) yield sorted(file, stats)
      else if (!given && next.link === true) yield { file, skipped: 'link-to-directory' }
      else {
        const entries = await readdir(file, { withFileTypes: true })
        entries.sort((a, b) => (a.name < b.name ? 1 : -1))
        for (const entry of entries) {
          waiting.push({ file: path.join(file, entry.name), given: false, link: entry.isSymbolicLink() })
        }
      }
    } catch (error) {
      yield { file, error }
    }
  }
}

type Waiting = { readonly file: string; readonly given: boolean; readonly link?: boolean }

function sorted(file: string, stats: Stats): FoundFile {
  if (stats.isFile()) return { file }
  return { file, skipped: stats.isFIFO() ? 'fifo' : stats.isSocket() ? 'socket' : 'device' }
}
