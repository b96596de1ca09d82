import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { address, domain, mailbox } from '../fixtures.ts'
import { BECAUSE, git, hasGit, open, temporaryFolder } from './fixtures.ts'

const skip = hasGit ? false : 'git absent'
const TWO = [
  { kind: 'add-domain', domain: domain('one.example') },
  { kind: 'add-domain', domain: domain('two.example') },
] as const

test('stock git clones it, checks it and shows who changed what and why', { skip }, async (t) => {
  const [path, clone] = [temporaryFolder(t), `${temporaryFolder(t)}/clone`]
  const directory = await open(path)
  expectOk(await directory.change({ author: 'J\u00fcrgen', reason: 'two domains' }, TWO), 'add')
  const names = ['alice', 'a', '-x', '"a@b"', '"../../x"', '".git"', 'git~1', '\u00e9', 'alice.smith', 'alice0', 'al']
  for (const name of names) {
    const account = address(`${name}@one.example`)
    expectOk(await directory.change(BECAUSE, [{ kind: 'add-account', account, password: 'x' }]), `add ${name}`)
  }
  expectOk(await directory.change(BECAUSE, [{ kind: 'remove-account', account: address('al@one.example') }]), 'remove')
  assert.equal(await git('-C', path, 'fsck', '--strict', '--full'), '')
  await git('clone', '-q', path, clone)
  assert.equal(await git('-C', clone, 'fsck', '--strict', '--full'), '')
  assert.equal(await git('-C', clone, 'status', '--porcelain'), '')
  assert.equal(
    (await git('-C', clone, 'log', '--format=%an|%s|%b', '-1')).trim(),
    'Root|test|remove-account al@one.example',
  )
  assert.equal(
    await git('-C', clone, 'log', '--format=%an|%s|%b', '-1', '--', 'domains'),
    'J\u00fcrgen|two domains|add-domain one.example\nadd-domain two.example\n\n',
  )
  assert.equal(await git('-C', clone, 'show', 'HEAD:domains/two.example.json'), '{\n  "domain": "two.example"\n}\n')
})

test('a pushed commit is seen by the next question, and changes go on top of it', { skip }, async (t) => {
  const [path, clone] = [temporaryFolder(t), `${temporaryFolder(t)}/clone`]
  const directory = await open(path)
  expectOk(await directory.change(BECAUSE, TWO), 'add')
  await git('clone', '-q', path, clone)
  writeFileSync(`${clone}/domains/three.example.json`, '{ "domain": "three.example" }\n')
  await git('-C', clone, 'add', '.')
  await git('-C', clone, 'commit', '-q', '-m', 'pushed')
  await git('-C', clone, 'push', '-q', 'origin', 'main')
  assert.deepEqual(await directory.domains(), ['one.example', 'three.example', 'two.example'])
  expectOk(await directory.change(BECAUSE, [{ kind: 'remove-domain', domain: domain('three.example') }]), 'remove')
  assert.deepEqual(
    (await directory.history(2)).map(({ author, reason }) => [author, reason]),
    [
      ['Root', 'test'],
      ['Pusher', 'pushed'],
    ],
  )
})

test('a pushed commit that cannot be read: the last good state answers, changes are refused, restore repairs', {
  skip,
}, async (t) => {
  const [path, clone] = [temporaryFolder(t), `${temporaryFolder(t)}/clone`]
  const directory = await open(path)
  const good = expectOk(await directory.change(BECAUSE, TWO), 'add')
  await git('clone', '-q', path, clone)
  writeFileSync(`${clone}/domains/two.example.json`, '{ "domain": "one.example" }\n')
  await git('-C', clone, 'commit', '-q', '-a', '-m', 'mistake')
  await git('-C', clone, 'push', '-q', 'origin', 'main')
  assert.deepEqual(await directory.domains(), ['one.example', 'two.example'])
  const problem = directory.problem()
  assert.deepEqual(problem?.kind === 'bad-file' && [problem.path, problem.error], [
    'domains/two.example.json',
    { kind: 'misplaced', expected: 'domains/one.example.json' },
  ])
  const refused = await directory.change(BECAUSE, [{ kind: 'remove-domain', domain: domain('two.example') }])
  assert.equal(refused.ok ? 'ok' : refused.error.kind, 'unreadable')
  expectOk(await directory.restore(good.commit, BECAUSE), 'restore')
  assert.equal(directory.problem(), undefined)
  expectOk(await directory.change(BECAUSE, [{ kind: 'remove-domain', domain: domain('two.example') }]), 'remove')
  assert.equal((await directory.history(10)).length, 5)
})

test('git gc and pack-refs may run at any time', { skip }, async (t) => {
  const path = temporaryFolder(t)
  const directory = await open(path)
  expectOk(await directory.change(BECAUSE, TWO), 'add')
  await git('-C', path, 'gc', '-q', '--prune=now')
  await git('-C', path, 'pack-refs', '--all')
  assert.deepEqual(await directory.domains(), ['one.example', 'two.example'])
  assert.deepEqual(await (await open(path)).domains(), ['one.example', 'two.example'])
  const alias = address('a@one.example')
  expectOk(await directory.change(BECAUSE, [{ kind: 'add-alias', alias, targets: [mailbox('b@c.example')] }]), 'add')
  assert.equal((await directory.history(10)).length, 3)
  assert.equal(await git('-C', path, 'fsck', '--strict', '--full'), '')
})

test('a history that is pushed anew over ours is refused by the repository', { skip }, async (t) => {
  const [path, clone] = [temporaryFolder(t), `${temporaryFolder(t)}/clone`]
  const directory = await open(path)
  expectOk(await directory.change(BECAUSE, TWO), 'add')
  await git('clone', '-q', path, clone)
  await git('-C', clone, 'commit', '-q', '--amend', '-m', 'nothing happened here')
  await assert.rejects(git('-C', clone, 'push', '-q', '--force', 'origin', 'main'))
})
