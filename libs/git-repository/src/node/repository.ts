// The repository: files written as a commit on top of another, trees and files read, history. A bare repository that stock
// Git can clone, check and push to. Objects are durable before anything points to them.

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
import type { DurableFiles } from './durable-files.ts'

export type { TreeEntry } from 'isomorphic-git'

export type Repository = {
  /** The id of the tree of a commit. */
  treeOf(commit: string): Promise<string>
  /** The entries of a tree. */
  tree(oid: string): Promise<readonly TreeEntry[]>
  /** The octets of a file. */
  blob(oid: string): Promise<Uint8Array>
  /** Writes the objects; the branch is moved by `Branch`. */
  commit(change: NewCommit): Promise<string>
  /** Latest first. */
  history(from: string, limit: number): Promise<readonly CommitEntry[]>
  /** The full id of a commit that `head` or one of its ancestors is; `undefined` if there is none. */
  findAncestor(head: string, id: string): Promise<string | undefined>
}

export type NewCommit = {
  readonly parent: string | undefined
  /** Files changed on top of the parent (`undefined`: removed), or the commit whose files are taken as they are. */
  readonly content: { readonly writes: ReadonlyMap<string, Uint8Array | undefined> } | { readonly sameAs: string }
  /** One line without `<` and `>`. */
  readonly author: string
  readonly message: string
  readonly atMs: number
}

export type CommitEntry = {
  readonly commit: string
  readonly author: string
  readonly message: string
  readonly atMs: number
}

/** Makes the repository if there is none; a kill in the middle of that does no harm. */
export async function openRepository(gitdir: string, fs: DurableFiles, description: string): Promise<Repository> {
  await createBare(gitdir, fs, description)
  const cache = {}

  const treeOf = async (commit: string): Promise<string> =>
    (await readCommit({ fs, gitdir, oid: commit, cache })).commit.tree

  const write = async (
    oid: string | undefined,
    writes: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<string | undefined> => {
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
    treeOf,
    tree: async (oid) => (await readTree({ fs, gitdir, oid, cache })).tree,
    blob: async (oid) => (await readBlob({ fs, gitdir, oid, cache })).blob,
    commit: async ({ parent, content, author, message, atMs }) => {
      const tree =
        'sameAs' in content
          ? await treeOf(content.sameAs)
          : ((await write(parent === undefined ? undefined : await treeOf(parent), content.writes)) ??
            (await writeTree({ fs, gitdir, tree: [] })))
      const person = { name: author, email: '', timestamp: Math.floor(atMs / 1000), timezoneOffset: 0 }
      const commit = { message, tree, parent: parent === undefined ? [] : [parent], author: person, committer: person }
      return writeCommit({ fs, gitdir, commit })
    },
    history: async (from, limit) => {
      const commits = limit === 0 ? [] : await log({ fs, gitdir, ref: from, depth: limit, cache })
      return commits.map(({ oid, commit }) => ({
        commit: oid,
        author: commit.author.name,
        message: commit.message,
        atMs: commit.author.timestamp * 1000,
      }))
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

async function createBare(gitdir: string, fs: DurableFiles, description: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await promises.mkdir(`${gitdir}/${folder}`, { recursive: true, mode: 0o700 })
  }
  for (const [name, text] of [...FILES, ['description', `${description}\n`]] as const) {
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
  ['HEAD', 'ref: refs/heads/main\n'],
]
const FILES_AT_ONCE = 16
const COMMIT_ID = /^[0-9a-f]{7,40}$/
const NO_SUCH_COMMIT: ReadonlySet<string> = new Set(['NotFoundError', 'ObjectTypeError', 'AmbiguousError'])
