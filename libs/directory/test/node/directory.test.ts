import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { clientMechanism, serverMechanism } from '@scop/sasl'
import { type Directory, openDirectory } from '../../src/node/index.ts'
import { address, CHEAP, domain, mailbox } from '../fixtures.ts'
import { BECAUSE, open, temporaryFolder } from './fixtures.ts'

const ALICE = address('alice@one.example')

async function withAlice(path: string, options = {}): Promise<Directory> {
  const directory = await open(path, options)
  const made = await directory.change(BECAUSE, [
    { kind: 'add-domain', domain: domain('one.example') },
    { kind: 'add-account', account: ALICE, password: 'correct horse' },
    { kind: 'add-alias', alias: address('info@one.example'), targets: [mailbox('alice@one.example')] },
  ])
  expectOk(made, 'make alice')
  return directory
}

test('what is changed is there at once, and after opening again', async (t) => {
  const path = temporaryFolder(t)
  const first = await withAlice(path)
  for (const directory of [first, await open(path)]) {
    assert.deepEqual(await directory.domains(), ['one.example'])
    assert.deepEqual(
      (await directory.accounts()).map(({ account }) => account),
      ['alice@one.example'],
    )
    assert.deepEqual(
      (await directory.aliases()).map(({ alias }) => alias),
      ['info@one.example'],
    )
    assert.deepEqual(await directory.resolve(mailbox('info@one.example')), {
      kind: 'ours',
      accounts: ['alice@one.example'],
      forwards: [],
    })
    assert.equal(await directory.owns(ALICE, mailbox('info@one.example')), true)
  }
})

test('passwords: the right one for the account itself, in any spelling, and no other', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  for (const [username, password, outcome] of [
    ['alice@one.example', 'correct horse', 'alice@one.example'],
    ['Alice@One.Example', 'correct horse', 'alice@one.example'],
    ['alice@one.example', 'correct\u00a0horse', 'alice@one.example'],
    ['alice@one.example', 'Correct horse', 'invalid-credentials'],
    ['alice@one.example', '', 'invalid-credentials'],
    ['alice@one.example', 'correct\u0000horse', 'invalid-credentials'],
    ['info@one.example', 'correct horse', 'invalid-credentials'],
    ['alice+tag@one.example', 'correct horse', 'invalid-credentials'],
    ['bob@one.example', 'correct horse', 'invalid-credentials'],
    ['alice', 'correct horse', 'invalid-credentials'],
    ['', '', 'invalid-credentials'],
  ] as const) {
    const verified = await directory.verifyPassword(username, password)
    assert.equal(verified.ok ? verified.value : verified.error.kind, outcome, JSON.stringify([username, password]))
  }
})

async function scram(directory: Directory, username: string, password: string): Promise<string> {
  const options = { name: 'SCRAM-SHA-256', nonce: 'fyko+d2lbbFgONRv9qkxdawL' }
  const client = expectOk(clientMechanism({ ...options, username, password }), 'make the client')
  const channel = { tls: true, bindings: [] }
  const server = expectOk(serverMechanism({ ...options, channel, authenticator: directory }), 'make the server')
  const first = expectOk(await client.next(undefined), 'begin')
  const challenge = await server.next(first.octets)
  if (challenge.kind !== 'challenge') return challenge.kind
  const final = expectOk(await client.next(challenge.octets), 'answer')
  const outcome = await server.next(final.octets)
  if (outcome.kind !== 'success') return outcome.kind === 'failure' ? outcome.reason.kind : outcome.kind
  assert.equal(expectOk(await client.next(outcome.octets), 'check the server').complete, true)
  return outcome.identity
}

test('SCRAM logs in with the right password alone', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  assert.equal(await scram(directory, 'Alice@one.example', 'correct horse'), 'alice@one.example')
  assert.equal(await scram(directory, 'alice@one.example', 'wrong'), 'invalid-credentials')
  assert.equal(await scram(directory, 'bob@one.example', 'correct horse'), 'invalid-credentials')
  assert.equal(await scram(directory, 'bob', 'correct horse'), 'invalid-credentials')
})

test('a name that does not exist has a salt like others, and keeps it over a restart', async (t) => {
  const path = temporaryFolder(t)
  const [first, second] = [await withAlice(path), await open(path)]
  for (const name of ['bob@one.example', 'nobody', '"']) {
    const parameters = expectOk(await first.scramParameters(name), 'ask')
    assert.equal(parameters.salt.length, 16)
    assert.equal(parameters.iterations, CHEAP.scramIterations)
    assert.deepEqual(expectOk(await second.scramParameters(name), 'ask'), parameters)
  }
  const spelt = expectOk(await first.scramParameters('BOB@One.example'), 'ask')
  assert.deepEqual(spelt, expectOk(await first.scramParameters('bob@one.example'), 'ask'))
  assert.notDeepEqual(spelt.salt, expectOk(await first.scramParameters('carol@one.example'), 'ask').salt)
})

test('no password, and nothing made from it in clear, is in the files', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  const [account] = await directory.accounts()
  assert.ok(account)
  assert.equal(JSON.stringify(account).includes('correct horse'), false)
  assert.equal(account.credentials.scram.salt.length, 16)
  assert.notDeepEqual(account.credentials.scram.salt, account.credentials.argon2id.salt)
})

test('a password set anew replaces the old one', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  expectOk(await directory.change(BECAUSE, [{ kind: 'set-password', account: ALICE, password: 'new' }]), 'set')
  assert.equal((await directory.verifyPassword(ALICE, 'correct horse')).ok, false)
  assert.equal((await directory.verifyPassword(ALICE, 'new')).ok, true)
})

test('history shows author, reason and what was done; any state can be had again, as a commit', async (t) => {
  const path = temporaryFolder(t)
  let clock = Date.UTC(2026, 10, 21)
  const directory = await withAlice(path, { now: () => (clock += 1000) })
  const before = expectOk(
    await directory.change({ author: 'J\u00fcrgen', reason: 'Gr\u00fc\u00dfe' }, [
      { kind: 'set-password', account: ALICE, password: 'new' },
    ]),
    'set',
  )
  const history = await directory.history(10)
  assert.equal(history[0]?.commit, before.commit)
  assert.deepEqual(
    history.map(({ author, reason, summary }) => [author, reason, summary]),
    [
      ['J\u00fcrgen', 'Gr\u00fc\u00dfe', ['set-password alice@one.example']],
      [
        'Root',
        'test',
        ['add-domain one.example', 'add-account alice@one.example', 'add-alias info@one.example for alice@one.example'],
      ],
      ['directory', 'create the directory', []],
    ],
  )
  assert.ok((history[0]?.atMs ?? 0) > (history[1]?.atMs ?? 0))
  assert.equal((await directory.history(1)).length, 1)
  assert.equal((await directory.history(0)).length, 0)

  const [, made, created] = history.map(({ commit }) => commit)
  assert.ok(made && created)
  const back = expectOk(await directory.restore(created.slice(0, 10), BECAUSE), 'restore')
  assert.deepEqual(await directory.domains(), [])
  expectOk(await directory.restore(made, BECAUSE), 'restore')
  assert.equal((await directory.verifyPassword(ALICE, 'correct horse')).ok, true)
  const [, restored] = await directory.history(2)
  assert.deepEqual([restored?.commit, restored?.summary], [back.commit, [`restore ${created}`]])
  for (const id of ['f'.repeat(40), 'abc', 'main', '../HEAD', 'HEAD']) {
    const refused = await directory.restore(id, BECAUSE)
    assert.equal(refused.ok ? 'ok' : refused.error.kind, 'no-such-commit')
  }
})

test('a change that is refused changes nothing', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  const [head] = await directory.history(1)
  for (const [because, edits, kind] of [
    [BECAUSE, [], 'no-edits'],
    [{ author: '', reason: 'x' }, [{ kind: 'add-domain', domain: domain('x.example') }], 'bad-author'],
    [{ author: 'x', reason: '' }, [{ kind: 'add-domain', domain: domain('x.example') }], 'bad-reason'],
    [BECAUSE, [{ kind: 'set-password', account: ALICE, password: 'a\nb' }], 'bad-password'],
    [BECAUSE, [{ kind: 'set-password', account: ALICE, password: '' }], 'bad-password'],
    [
      BECAUSE,
      [
        { kind: 'add-domain', domain: domain('x.example') },
        { kind: 'remove-account', account: ALICE },
      ],
      'in-use',
    ],
  ] as const) {
    const refused = await directory.change(because, edits)
    assert.equal(refused.ok ? 'ok' : refused.error.kind, kind)
  }
  const many = Array.from(
    { length: 1001 },
    (_, i) => ({ kind: 'add-domain', domain: domain(`d${i}.example`) }) as const,
  )
  const refused = await directory.change(BECAUSE, many)
  assert.equal(refused.ok ? 'ok' : refused.error.kind, 'too-many-edits')
  assert.equal((await directory.history(1))[0]?.commit, head?.commit)
  assert.deepEqual(await directory.domains(), ['one.example'])
})

test('a storm of passwords is bounded: the rest is a temporary failure', async (t) => {
  const directory = await withAlice(temporaryFolder(t), {
    limits: { ...CHEAP, passwordChecks: 1, passwordChecksWaiting: 2 },
  })
  const answers = await Promise.all(Array.from({ length: 8 }, () => directory.verifyPassword(ALICE, 'wrong')))
  const kinds = answers.map((answer) => (answer.ok ? 'ok' : answer.error.kind))
  assert.equal(kinds.filter((kind) => kind === 'invalid-credentials').length, 3)
  assert.equal(kinds.filter((kind) => kind === 'temporary-failure').length, 5)
  assert.equal(directory.passwordLoad(), 0)
})

test('three hundred aliases in one change', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  const targets = [mailbox('alice@one.example')]
  const edits = Array.from(
    { length: 300 },
    (_, i) => ({ kind: 'add-alias', alias: address(`a${i}@one.example`), targets }) as const,
  )
  expectOk(await directory.change(BECAUSE, edits), 'add')
  assert.equal((await directory.aliases()).length, 301)
})

test('a folder that cannot be written is a storage failure, not an exception', async (t) => {
  const path = `${temporaryFolder(t)}/file`
  writeFileSync(path, '')
  const opened = await openDirectory({ path, now: Date.now, randomOctets: (count) => new Uint8Array(count) })
  assert.equal(opened.ok ? 'ok' : opened.error.kind, 'storage-failure')
})

test('a proof over another message does not pass', async (t) => {
  const directory = await withAlice(temporaryFolder(t))
  const refused = await directory.verifyScram(ALICE, encodeAscii('n=x'), new Uint8Array(32))
  assert.deepEqual(refused, { ok: false, error: { kind: 'invalid-credentials' } })
})
