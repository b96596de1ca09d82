import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { address, CHEAP, domain, mailbox } from '../fixtures.ts'
import { BECAUSE, git, hasGit, open, temporaryFolder } from './fixtures.ts'

const targets = [mailbox('x@elsewhere.example')]
const addAlias = (name: string) => ({ kind: 'add-alias', alias: address(`${name}@one.example`), targets }) as const
const ADD_DOMAIN = { kind: 'add-domain', domain: domain('one.example') } as const

test('a hundred changes at once: a hundred commits, none lost', async (t) => {
  const directory = await open(temporaryFolder(t))
  expectOk(await directory.change(BECAUSE, [ADD_DOMAIN]), 'add')
  const names = Array.from({ length: 100 }, (_, i) => `a${i}`)
  const made = await Promise.all(names.map((name) => directory.change({ ...BECAUSE, reason: name }, [addAlias(name)])))
  assert.equal(new Set(made.map((one) => expectOk(one, 'change').commit)).size, 100)
  assert.equal((await directory.aliases()).length, 100)
  const reasons = new Set((await directory.history(200)).map(({ reason }) => reason))
  assert.equal(
    names.every((name) => reasons.has(name)),
    true,
  )
})

test('two instances on one path, fifty changes each at once: none lost, and both see all', async (t) => {
  const path = temporaryFolder(t)
  const [one, two] = await Promise.all([open(path), open(path)])
  expectOk(await one.change(BECAUSE, [ADD_DOMAIN]), 'add')
  const made = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one : two).change(BECAUSE, [addAlias(`a${i}`)])),
  )
  for (const change of made) expectOk(change, 'change')
  assert.equal((await one.aliases()).length, 100)
  assert.equal((await two.aliases()).length, 100)
  assert.equal((await one.history(200)).length, 102)
  if (hasGit) assert.equal(await git('-C', path, 'fsck', '--strict', '--full', '--no-dangling'), '')
})

test('two instances that make the same thing: one does, one is told that it exists', async (t) => {
  const path = temporaryFolder(t)
  const [one, two] = await Promise.all([open(path), open(path)])
  const made = await Promise.all([one.change(BECAUSE, [ADD_DOMAIN]), two.change(BECAUSE, [ADD_DOMAIN])])
  assert.deepEqual(made.map((change) => (change.ok ? 'ok' : change.error.kind)).toSorted(), ['exists', 'ok'])
})

test('the lock of a process that died is taken over, that of a living one is waited for and not broken', async (t) => {
  const path = temporaryFolder(t)
  const directory = await open(path, { limits: { ...CHEAP, lockWaitMs: 50 } })
  const lock = `${path}/refs/heads/main.lock`
  writeFileSync(lock, '')
  const held = await directory.change(BECAUSE, [ADD_DOMAIN])
  assert.equal(held.ok ? 'ok' : held.error.kind, 'storage-failure')
  assert.deepEqual(await directory.domains(), [])
  const longAgo = Date.now() / 1000 - 60
  utimesSync(lock, longAgo, longAgo)
  expectOk(await directory.change(BECAUSE, [ADD_DOMAIN]), 'change')
  assert.deepEqual(await directory.domains(), ['one.example'])
})

test('somebody who is always faster: contended after the limit of attempts', async (t) => {
  const path = temporaryFolder(t)
  const other = await open(path)
  expectOk(await other.change(BECAUSE, [ADD_DOMAIN]), 'add')
  const directory = await open(path, { limits: { ...CHEAP, attempts: 1 } })
  const made = await Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? directory : other).change(BECAUSE, [addAlias(`a${i}`)])),
  )
  const kinds = new Set(made.map((change) => (change.ok ? 'ok' : change.error.kind)))
  assert.equal(kinds.has('ok'), true)
  assert.equal(
    [...kinds].every((kind) => kind === 'ok' || kind === 'contended'),
    true,
  )
  const done = made.filter((change) => change.ok).length
  assert.equal((await directory.aliases()).length, done)
})
