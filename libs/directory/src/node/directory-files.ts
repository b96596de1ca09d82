// The directory as files of a Git repository: records read from a commit, changes written as one, history.

import { type DurableFiles, openRepository, type TreeEntry } from '@scop/git-repository/node'
import { err, ok, type Result } from '@scop/result'
import type { Because } from '../author.ts'
import type { FileWrites } from '../edit.ts'
import type { Limits } from '../limits.ts'
import { type DirectoryRecord, parseRecord, type RecordError } from '../record.ts'

export type DirectoryFiles = {
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

/** Makes the repository if there is none. */
export async function openDirectoryFiles(gitdir: string, fs: DurableFiles, limits: Limits): Promise<DirectoryFiles> {
  const repository = await openRepository(gitdir, fs, 'Accounts, domains and aliases')
  let root: Folder | undefined

  const loadFolder = async (
    prefix: string,
    oid: string,
    before: Folder | undefined,
  ): Promise<Result<Folder, FileProblem>> => {
    if (before?.oid === oid) return ok(before)
    const tree = await repository.tree(oid)
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
      const blob = await repository.blob(entry.oid)
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

  return {
    records: async (commit) => {
      const folder = await loadFolder('', await repository.treeOf(commit), root)
      if (!folder.ok) return folder
      root = folder.value
      return ok(root.records)
    },
    commit: ({ parent, content, because, summary, atMs }) => {
      const message = `${because.reason}\n\n${summary.join('\n')}\n`
      return repository.commit({ parent, content, author: because.author, message, atMs })
    },
    history: async (from, limit) =>
      (await repository.history(from, limit)).map(({ commit, author, message, atMs }) => {
        const [reason = '', , ...summary] = message.trimEnd().split('\n')
        return { commit, author, reason, summary, atMs }
      }),
    findAncestor: (head, id) => repository.findAncestor(head, id),
  }
}

const DEPTH = 4 // accounts / domain / shard / file
const FILES_AT_ONCE = 16
