import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { GroupCommit, openDatabase } from '../src/node/index.ts'

function open(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'scop-commit-'))
  const database = openDatabase(path.join(folder, 'test.sqlite'))
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  database.exec('CREATE TABLE entry (id TEXT PRIMARY KEY)')
  const insert = database.prepare('INSERT INTO entry VALUES (?)')
  const rows = () =>
    database
      .prepare('SELECT id FROM entry ORDER BY id')
      .all()
      .map(({ id }) => id)
  return { database, group: new GroupCommit(database), insert, rows }
}

test('all who ask at the same moment share one transaction', async (t) => {
  const { database, group, insert, rows } = open(t)
  let transactions = 0
  const exec = database.exec.bind(database)
  database.exec = (sql) => {
    if (sql.startsWith('BEGIN')) transactions++
    exec(sql)
  }
  const outcomes = await Promise.all(['a', 'b', 'c'].map((id) => group.commit(() => insert.run(id).changes)))
  assert.deepEqual(
    outcomes,
    [1, 1, 1].map((value) => ({ ok: true, value })),
  )
  assert.equal(transactions, 1)
  assert.deepEqual(rows(), ['a', 'b', 'c'])
})

test('work that SQLite refuses fails alone', async (t) => {
  const { group, insert, rows } = open(t)
  const [first, second, third] = await Promise.all(['a', 'a', 'b'].map((id) => group.commit(() => insert.run(id))))
  assert.ok(first?.ok && third?.ok)
  assert.ok(second && !second.ok && second.error.kind === 'database')
  assert.deepEqual(rows(), ['a', 'b'])
})

test('work that breaks for a reason of its own rejects, and leaves nothing', async (t) => {
  const { group, insert, rows } = open(t)
  const broken = group.commit(() => {
    insert.run('x')
    throw new TypeError('ours')
  })
  const fine = group.commit(() => insert.run('y'))
  await assert.rejects(broken, TypeError)
  assert.ok((await fine).ok)
  assert.deepEqual(rows(), ['y'])
})

test('a full disk fails everybody in the transaction and loses nothing committed before', async (t) => {
  const { database, group, insert, rows } = open(t)
  assert.ok((await group.commit(() => insert.run('kept'))).ok)
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number } // as: the pragma's one column
  database.exec(`PRAGMA max_page_count = ${pages}`)
  const filled = await Promise.all(
    Array.from({ length: 100 }, (_, i) => group.commit(() => insert.run(`${i}`.padEnd(4000, 'x')))),
  )
  assert.ok(filled.every((outcome) => !outcome.ok && outcome.error.kind === 'no-space'))
  assert.deepEqual(rows(), ['kept'])
  database.exec(`PRAGMA max_page_count = ${pages * 100}`)
  assert.ok((await group.commit(() => insert.run('after'))).ok)
})
