// The repository: records read from a commit, files written as a commit, history. A bare repository that stock Git can
// clone, check and push to. Objects are durable before anything points to them.

import { promises } from 'node:fs'
import {
  expandOid,
  isDescendent,
  log,
  readBlob,
  readCommit,
  readTree,
  type TreeEntry,
  writeBlob,
  writeCommit,
  writeTree,
} from 'isomorphic-git'
import { err, ok, type Result } from '@scop/result'
import type { Because } from '../author.ts'
import type { FileWrites } from '../edit.ts'
import type { Limits } from '../limits.ts'
import { type DirectoryRecord, parseRecord, type RecordError } from '../record.ts'
import type { DurableFiles } from './durable-files.ts'

export type Repository = {
  /** Every record of a commit; what did not change comes from memory. */
  records(commit: string): Promise<Result<readonly DirectoryRecord[], FileProblem>>
  /** Writes the objects; the branch is moved by `Branch`. */
  commit(change: NewCommit): Promise<string>
  history(from: string, limit: number): Promise<readonly Change[]>
  /** The full id of a commit that `head` or one of its ancestors is; `undefined` if there is none. */
  findAncestor(head: string, id: string): Promise<string | undefined>
}

export type FileProblem = { readonly path: string; readonly error: RecordError }

export type NewCommit = {
  readonly parent: string | undefined
  /** Files changed on top of the parent, or the commit whose files are taken as they are. */
  readonly content: { readonly writes: FileWrites } | { readonly sameAs: string }
  readonly because: Because
  readonly summary: readonly string[]
  readonly atMs: number
}

/** One line of the history. */
export type Change = {
  readonly commit: string
  readonly author: string
  readonly reason: string
  /** What was done, one line each. */
  readonly summary: readonly string[]
  readonly atMs: number
}

/** A folder as it was read last: what did not change is not read again. */
type Folder = {
  readonly oid: string
  readonly files: ReadonlyMap<string, File>
  readonly folders: ReadonlyMap<string, Folder>
  /** Of its files, then of its folders. */
  readonly records: readonly DirectoryRecord[]
}
type File = { readonly oid: string; readonly record: DirectoryRecord }

/** Makes the repository if there is none; a kill in the middle of that does no harm. */
export async function openRepository(gitdir: string, fs: DurableFiles, limits: Limits): Promise<Repository> {
  await createBare(gitdir, fs)
  const cache = {}
  let root: Folder | undefined

  const treeOf = async (commit: string): Promise<string> =>
    (await readCommit({ fs, gitdir, oid: commit, cache })).commit.tree

  const loadFolder = async (
    prefix: string,
    oid: string,
    before: Folder | undefined,
  ): Promise<Result<Folder, FileProblem>> => {
    if (before?.oid === oid) return ok(before)
    const { tree } = await readTree({ fs, gitdir, oid, cache })
    const [files, folders] = [new Map<string, File>(), new Map<string, Folder>()]
    const loadEntry = async (entry: TreeEntry): Promise<FileProblem | undefined> => {
      const path = `${prefix}${entry.path}`
      if (entry.type === 'tree' && path.split('/').length < DEPTH) {
        const folder = await loadFolder(`${path}/`, entry.oid, before?.folders.get(entry.path))
        if (!folder.ok) return folder.error
        folders.set(entry.path, folder.value)
        return undefined
      }
      if (entry.type !== 'blob' || entry.mode !== '100644') return { path, error: { kind: 'unknown-file' } }
      const known = before?.files.get(entry.path)
      if (known?.oid === entry.oid) {
        files.set(entry.path, known)
        return undefined
      }
      const { blob } = await readBlob({ fs, gitdir, oid: entry.oid, cache })
      const record = parseRecord(path, blob, limits)
      if (!record.ok) return { path, error: record.error }
      files.set(entry.path, { oid: entry.oid, record: record.value })
      return undefined
    }
    for (let at = 0; at < tree.length; at += FILES_AT_ONCE) {
      const problems = await Promise.all(tree.slice(at, at + FILES_AT_ONCE).map(loadEntry))
      const problem = problems.find((one) => one !== undefined)
      if (problem !== undefined) return err(problem)
    }
    const records = [...files.values()].map(({ record }) => record)
    return ok({ oid, files, folders, records: records.concat(...[...folders.values()].map((one) => one.records)) })
  }

  const write = async (oid: string | undefined, writes: FileWrites): Promise<string | undefined> => {
    const entries = new Map(
      oid === undefined ? [] : (await readTree({ fs, gitdir, oid, cache })).tree.map((entry) => [entry.path, entry]),
    )
    const below = new Map<string, Map<string, Uint8Array | undefined>>()
    const files: (readonly [string, Uint8Array])[] = []
    for (const [path, octets] of writes) {
      const slash = path.indexOf('/')
      if (slash >= 0) {
        const folder = path.slice(0, slash)
        const inside = below.get(folder) ?? new Map<string, Uint8Array | undefined>()
        below.set(folder, inside.set(path.slice(slash + 1), octets))
      } else if (octets === undefined) entries.delete(path)
      else files.push([path, octets])
    }
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      const chunk = files.slice(at, at + FILES_AT_ONCE)
      const blobs = await Promise.all(chunk.map(([, blob]) => writeBlob({ fs, gitdir, blob })))
      for (const [i, [path]] of chunk.entries()) {
        entries.set(path, { mode: '100644', path, oid: blobs[i] ?? '', type: 'blob' })
      }
    }
    for (const [folder, inside] of below) {
      const tree = await write(entries.get(folder)?.oid, inside)
      if (tree === undefined) entries.delete(folder)
      else entries.set(folder, { mode: '040000', path: folder, oid: tree, type: 'tree' })
    }
    return entries.size === 0 ? undefined : writeTree({ fs, gitdir, tree: [...entries.values()] })
  }

  return {
    records: async (commit) => {
      const folder = await loadFolder('', await treeOf(commit), root)
      if (!folder.ok) return folder
      root = folder.value
      return ok(root.records)
    },
    commit: async ({ parent, content, because, summary, atMs }) => {
      const tree =
        'sameAs' in content
          ? await treeOf(content.sameAs)
          : await write(parent === undefined ? undefined : await treeOf(parent), content.writes)
      if (tree === undefined) throw new Error('Cannot commit a directory without files')
      const person = { name: because.author, email: '', timestamp: Math.floor(atMs / 1000), timezoneOffset: 0 }
      const message = `${because.reason}\n\n${summary.join('\n')}\n`
      const commit = { message, tree, parent: parent === undefined ? [] : [parent], author: person, committer: person }
      return writeCommit({ fs, gitdir, commit })
    },
    history: async (from, limit) => {
      const commits = limit === 0 ? [] : await log({ fs, gitdir, ref: from, depth: limit, cache })
      return commits.map(({ oid, commit }) => {
        const [reason = '', , ...summary] = commit.message.trimEnd().split('\n')
        return { commit: oid, author: commit.author.name, reason, summary, atMs: commit.author.timestamp * 1000 }
      })
    },
    findAncestor: async (head, id) => {
      if (!COMMIT_ID.test(id)) return undefined
      try {
        const oid = await expandOid({ fs, gitdir, oid: id, cache })
        if (oid === head) return oid
        return (await isDescendent({ fs, gitdir, oid: head, ancestor: oid, depth: -1, cache })) ? oid : undefined
      } catch (error) {
        if (error instanceof Error && NO_SUCH_COMMIT.has(error.name)) return undefined
        throw error
      }
    },
  }
}

async function createBare(gitdir: string, fs: DurableFiles): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await promises.mkdir(`${gitdir}/${folder}`, { recursive: true, mode: 0o700 })
  }
  for (const [name, text] of FILES) {
    const there = await promises.stat(`${gitdir}/${name}`).then(
      () => true,
      () => false,
    )
    if (!there) await fs.promises.writeFile(`${gitdir}/${name}`, text)
  }
}

const FILES: readonly (readonly [string, string])[] = [
  [
    'config',
    [
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\tfsync = committed\n',
      '[receive]\n\tdenyNonFastForwards = true\n\tdenyDeletes = true\n\tfsckObjects = true\n',
    ].join(''),
  ],
  ['description', 'Accounts, domains and aliases\n'],
  ['HEAD', 'ref: refs/heads/main\n'],
]
const DEPTH = 4 // accounts / domain / shard / file
const FILES_AT_ONCE = 16
const COMMIT_ID = /^[0-9a-f]{7,40}$/
const NO_SUCH_COMMIT: ReadonlySet<string> = new Set(['NotFoundError', 'ObjectTypeError', 'AmbiguousError'])
