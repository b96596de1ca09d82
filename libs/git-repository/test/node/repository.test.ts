import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { createDurableFiles, openBranch, openRepository, type NewCommit } from '../../src/node/index.ts'

const LOCK = { lockWaitMs: 200, staleLockMs: 10_000 }
const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

async function withRepository(
  work: (setting: {
    readonly gitdir: string
    readonly repository: Awaited<ReturnType<typeof openRepository>>
    readonly branch: ReturnType<typeof openBranch>
    readonly git: (...args: readonly string[]) => string
    /** Writes these files on top of what the branch is at. */
    readonly write: (writes: Readonly<Record<string, string | undefined>>, message?: string) => Promise<string>
  }) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'git-repository-'))
  const gitdir = path.join(directory, 'r.git')
  try {
    const fs = createDurableFiles((count) => randomBytes(count))
    const repository = await openRepository(gitdir, fs, 'A test')
    const branch = openBranch(gitdir, fs, LOCK)
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: gitdir, encoding: 'utf8', stdio: 'pipe' })
    await work({
      gitdir,
      repository,
      branch,
      git,
      write: async (writes, message = 'a change\n') => {
        const parent = await branch.read()
        const files = Object.entries(writes).map(([file, text]) => [file, text && octets(text)] as const)
        const content: NewCommit['content'] = {
          writes: new Map(files.map(([file, text]) => [file, text || undefined])),
        }
        const made = await repository.commit({ parent, content, author: 'one', message, atMs: 1_700_000_000_000 })
        assert.equal(await branch.advance(parent, made), 'advanced')
        return made
      },
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('files in folders are written, changed and removed; stock git finds nothing wrong', async () => {
  await withRepository(async ({ repository, write, git }) => {
    const first = await write({ 'a.txt': 'a\n', 'b/c.txt': 'c\n', 'b/d/e.txt': 'e\n' }, 'begin\n')
    const second = await write({ 'a.txt': 'A\n', 'b/d/e.txt': undefined, 'f.txt': 'f\n' }, 'go on\n')
    assert.equal(git('ls-tree', '-r', '--name-only', 'main'), 'a.txt\nb/c.txt\nf.txt\n')
    assert.equal(git('show', 'main:a.txt'), 'A\n')
    assert.equal(git('show', `${first}:b/d/e.txt`), 'e\n')
    assert.equal(git('fsck', '--strict', '--full'), '')
    assert.deepEqual(
      (await repository.history(second, 5)).map(({ commit, message, author }) => [commit, message, author]),
      [
        [second, 'go on\n', 'one'],
        [first, 'begin\n', 'one'],
      ],
    )
    assert.deepEqual(await repository.history(second, 0), [])
    assert.equal((await repository.history(second, 1)).length, 1)
  })
})

test('the last file can go', async () => {
  await withRepository(async ({ write, git, repository }) => {
    await write({ 'a.txt': 'a\n' })
    const empty = await write({ 'a.txt': undefined })
    assert.equal(git('ls-tree', 'main'), '')
    assert.deepEqual(await repository.tree(await repository.treeOf(empty)), [])
    assert.equal(git('fsck', '--strict'), '')
  })
})

test('a commit is found by the beginning of its id, if the branch has it behind it', async () => {
  await withRepository(async ({ repository, branch, write }) => {
    const first = await write({ 'a.txt': 'a\n' })
    const head = await write({ 'a.txt': 'b\n' })
    const beside = await repository.commit({
      parent: first,
      content: { sameAs: first },
      author: 'one',
      message: 'beside\n',
      atMs: 0,
    })
    assert.equal(await repository.findAncestor(head, first.slice(0, 7)), first)
    assert.equal(await repository.findAncestor(head, head), head)
    for (const id of [beside, first.slice(0, 6), '0000000', 'HEAD', '../main', '']) {
      assert.equal(await repository.findAncestor(head, id), undefined, id)
    }
    assert.equal(await branch.read(), head)
  })
})

test('the branch moves only from where it is said to be', async () => {
  await withRepository(async ({ gitdir, repository, branch, write }) => {
    const first = await write({ 'a.txt': 'a\n' })
    const head = await write({ 'a.txt': 'b\n' })
    const late = await repository.commit({
      parent: first,
      content: { sameAs: first },
      author: 'two',
      message: 'late\n',
      atMs: 0,
    })
    assert.equal(await branch.advance(first, late), 'moved')
    assert.equal(await branch.advance(undefined, late), 'moved')
    assert.equal(await branch.read(), head)
    const lock = path.join(gitdir, 'refs/heads/main.lock')
    assert.ok(!existsSync(lock))
    // Somebody else is at it.
    writeFileSync(lock, '')
    await assert.rejects(branch.advance(head, late), /Cannot lock/)
    assert.equal(await branch.read(), head)
  })
})
