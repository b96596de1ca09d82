import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { concatOctets, equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import { type BlobId, BlobReadError, blobIdOf } from '../src/index.ts'
import { type CountedBlobs, nodeFiles, openCountedBlobs } from '../src/node/index.ts'
import { faultyFiles } from './faulty-files.ts'

const SCHEMA = 'CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, blob TEXT NOT NULL) STRICT'
const LIMITS = { rowOctets: 100, memoryOctets: 200, blobOctets: 1000 }

async function open(t: TestContext, schema = SCHEMA): Promise<{ path: string; counted: CountedBlobs }> {
  const path = await mkdtemp(join(tmpdir(), 'counted-'))
  const counted = expectOk(await openCountedBlobs({ path, schema, limits: LIMITS }), 'open')
  t.after(async () => {
    await counted.close()
    await rm(path, { recursive: true })
  })
  return { path, counted }
}

async function note(counted: CountedBlobs, name: string, octets: Uint8Array): Promise<BlobId> {
  const held = expectOk(await counted.hold([octets]), 'hold')
  const insert = counted.database.prepare('INSERT INTO note VALUES (?, ?)')
  const answer = await counted.transact(() => {
    insert.run(name, held.id)
    held.keep()
  })
  held.release()
  expectOk(answer, 'transact')
  return held.id
}

async function forget(counted: CountedBlobs, name: string): Promise<void> {
  const answer = await counted.transact(() => {
    const row = counted.database.prepare('DELETE FROM note WHERE name = ? RETURNING blob').get(name)
    counted.drop(blobIdOf(CONTENT[name.slice(0, 5) as keyof typeof CONTENT])) // as: the names below begin so
    return row
  })
  assert.ok(expectOk(answer, 'forget'))
}

const CONTENT = { small: octetsOf(80), large: octetsOf(700) }
function octetsOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}
const whole = async (stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> =>
  concatOctets(await Array.fromAsync(stream))

/** Files that hold blobs, once removals under way are done. */
async function filesOf(path: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  const names = await readdir(join(path, 'blobs'), { recursive: true })
  return names.filter((name) => name.length > 60).length
}

for (const size of ['small', 'large'] as const) {
  test(`a ${size} blob stays until its last row goes`, async (t) => {
    const { path, counted } = await open(t)
    const id = await note(counted, `${size} 1`, CONTENT[size])
    await note(counted, `${size} 2`, CONTENT[size])
    await forget(counted, `${size} 1`)
    assert.ok(equalOctets(await whole(counted.read(id)), CONTENT[size]))
    assert.equal(await filesOf(path), size === 'large' ? 1 : 0)
    await forget(counted, `${size} 2`)
    await assert.rejects(whole(counted.read(id)), BlobReadError)
    assert.equal(await filesOf(path), 0)
  })
}

test('what is held and not kept goes', async (t) => {
  const { path, counted } = await open(t)
  const held = expectOk(await counted.hold([CONTENT.large]), 'hold')
  assert.equal(await filesOf(path), 1)
  held.release()
  assert.equal(await filesOf(path), 0)
})

test('one failing transaction does not take its group with it', async (t) => {
  const { counted } = await open(t)
  const insert = counted.database.prepare('INSERT INTO note VALUES (?, ?)')
  const answers = await Promise.allSettled([
    counted.transact(() => insert.run('a', 'x')),
    counted.transact(() => {
      insert.run('b', 'x')
      throw new Error('our mistake')
    }),
    counted.transact(() => insert.run('a', 'again: the name is taken')), // answered, not thrown: SQLite refuses it
    counted.transact(() => insert.run('c', 'x')),
  ])
  assert.deepEqual(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.ok : answer.status)),
    [true, 'rejected', false, true],
  )
  const names = counted.database.prepare('SELECT name FROM note ORDER BY name').all()
  assert.deepEqual(
    names.map(({ name }) => name),
    ['a', 'c'],
  )
})

test('a full database answers no-space, loses nothing, and goes on when there is room', async (t) => {
  const { counted } = await open(t)
  counted.database.exec('PRAGMA max_page_count = 12')
  let kept = 0
  let refused: string | undefined
  const insert = counted.database.prepare('INSERT INTO note VALUES (?, ?)')
  while (refused === undefined) {
    const answer = await counted.transact(() => insert.run(`${kept}`, 'x'.repeat(8000)))
    if (answer.ok) kept++
    else refused = answer.error.kind
  }
  assert.equal(refused, 'no-space')
  assert.equal(counted.database.prepare('SELECT count(*) AS n FROM note').get()?.['n'], kept)
  counted.database.exec('PRAGMA max_page_count = 100')
  expectOk(await counted.transact(() => insert.run('after', 'x'.repeat(8000))), 'insert')
})

test('a full disk under a large blob answers no-space', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'counted-'))
  const disk = faultyFiles()
  const counted = expectOk(await openCountedBlobs({ path, schema: SCHEMA, limits: LIMITS, files: disk.files }), 'open')
  t.after(async () => {
    await counted.close()
    await rm(path, { recursive: true })
  })
  disk.fail({ call: 'write', code: 'ENOSPC' })
  const answer = await counted.hold([CONTENT.large])
  assert.deepEqual(answer, { ok: false, error: { kind: 'no-space' } })
  disk.fail(undefined)
  await note(counted, 'large', CONTENT.large)
})

test('the last of the disk is kept for dropping', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'counted-'))
  let free = 1001
  const files = { ...nodeFiles, freeOctets: async () => free }
  const limits = { ...LIMITS, reserveOctets: 1000 }
  const counted = expectOk(await openCountedBlobs({ path, schema: SCHEMA, limits, files }), 'open')
  t.after(async () => {
    await counted.close()
    await rm(path, { recursive: true })
  })
  await note(counted, 'small', CONTENT.small)
  free = 999
  await new Promise((resolve) => setTimeout(resolve, 150)) // longer than what it knows of the disk is good for
  assert.deepEqual(await counted.hold([CONTENT.large]), { ok: false, error: { kind: 'no-space' } })
  await forget(counted, 'small')
})

test('refuses a blob above the limit', async (t) => {
  const { counted } = await open(t)
  assert.deepEqual(await counted.hold([octetsOf(1001)]), { ok: false, error: { kind: 'too-large', limitOctets: 1000 } })
})

test('opening again keeps what rows name and removes what a crash left', async (t) => {
  const { path, counted } = await open(t)
  const id = await note(counted, 'large', CONTENT.large)
  const small = await note(counted, 'small', CONTENT.small)
  const left = blobIdOf(octetsOf(3))
  await mkdir(join(path, 'blobs', left.slice(0, 2)), { recursive: true })
  await writeFile(join(path, 'blobs', left.slice(0, 2), left), 'cut')
  const again = expectOk(await openCountedBlobs({ path, schema: SCHEMA, limits: LIMITS }), 'open again')
  assert.equal(await filesOf(path), 1)
  assert.ok(equalOctets(await whole(again.read(id)), CONTENT.large))
  assert.ok(equalOctets(await whole(again.read(small)), CONTENT.small))
  await again.close()
})

test('many at once share commits', async (t) => {
  const { counted } = await open(t)
  let commits = 0
  const exec = counted.database.exec.bind(counted.database)
  t.mock.method(counted.database, 'exec', (sql: string) => {
    if (sql === 'COMMIT') commits++
    exec(sql)
  })
  await Promise.all(Array.from({ length: 100 }, (_, i) => note(counted, `${i}`, octetsOf(i))))
  assert.ok(commits <= 10, `${commits} commits`)
})

test('a database in a directory that cannot be made is told, not thrown', async () => {
  const answer = await openCountedBlobs({ path: '/dev/null/x', schema: SCHEMA })
  assert.equal(answer.ok, false)
})
