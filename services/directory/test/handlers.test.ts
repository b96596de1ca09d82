import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { CONTRACTS, createFigures, type Figures, type Operation, type Request, type Response } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import { openDirectory } from '@scop/directory/node'
import { parseDomainName } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { expectOk } from '@scop/result'
import { clientMechanism, serverMechanism } from '@scop/sasl'
import { directoryHandlers } from '../src/handlers.ts'
import { privileges } from '../privileges.ts'

type Op = Exclude<Operation<'directory'>, 'health' | 'metrics'>
type Ask = <O extends Op>(operation: O, request: Request<'directory', O>) => Promise<Response<'directory', O>>

const hostname = expectOk(parseDomainName('mx.one.example'), 'parse')
const BECAUSE = { author: 'root', reason: 'test' }

async function start(t: TestContext): Promise<{ ask: Ask; lines: string[]; figures: Figures }> {
  const path = mkdtempSync(join(tmpdir(), 'scop-directory-service-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  const limits = { scramIterations: 4096, argon2: { memoryKibibytes: 8, passes: 1, parallelism: 1 } }
  const randomOctets = (count: number): Uint8Array => randomBytes(count)
  const directory = expectOk(await openDirectory({ path, now: Date.now, randomOctets, limits }), 'open')
  const lines: string[] = []
  const note = (event: string, facts: object = {}): void => void lines.push(`${event} ${JSON.stringify(facts)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const figures = createFigures()
  const handlers = directoryHandlers({ directory, hostname, log, figures })
  const ask: Ask = async (operation, request) => {
    const call = {
      peer: 'operator',
      trace: '0123456789abcdef',
      request,
      octets: (async function* (): AsyncGenerator<Uint8Array> {})(),
      tail: async () => undefined,
      signal: new AbortController().signal,
    }
    // as: one call of the union, as `pipeHandlers` makes it once the contract has checked the request
    const answer = await (handlers[operation] as (call: object) => Promise<{ response: Response<'directory', Op> }>)(
      call,
    )
    return answer.response
  }
  return { ask, lines, figures }
}

async function withAlice(t: TestContext): ReturnType<typeof start> {
  const started = await start(t)
  const { ask } = started
  await ask('add-domain', { domain: 'One.example', ...BECAUSE })
  await ask('add-account', { account: 'Alice@one.example', password: 'correct horse', ...BECAUSE })
  await ask('add-account', { account: 'bob@one.example', password: 'x', ...BECAUSE })
  await ask('add-alias', { alias: 'info@one.example', targets: ['alice@one.example', 'x@two.example'], ...BECAUSE })
  return started
}

test('mail for the server itself goes to the postmaster of its first domain', async (t) => {
  const { ask } = await withAlice(t)
  const found = await ask('resolve', { mailbox: 'Postmaster@mx.one.example' })
  assert.deepEqual(found, await ask('resolve', { mailbox: 'postmaster@one.example' }))
  assert.equal(found.kind, 'ours')
  assert.equal((await ask('resolve', { mailbox: 'alice@mx.one.example' })).kind, 'not-ours')
})

const refusal = (kind: string) => (error: unknown) => error instanceof PipeRefusal && error.kind === kind

test('answers every operation of its contract', async (t) => {
  const { ask } = await start(t)
  assert.equal(typeof ask, 'function')
  const accepted = new Set(privileges.accepts.flatMap(({ operations }) => operations))
  assert.deepEqual([...accepted].toSorted(), Object.keys(CONTRACTS.directory).toSorted())
})

for (const [mailbox, response] of [
  ['alice@one.example', { kind: 'ours', accounts: ['alice@one.example'], forwards: [] }],
  ['INFO+x@one.example', { kind: 'ours', accounts: ['alice@one.example'], forwards: ['x@two.example'] }],
  ['postmaster@one.example', { kind: 'ours', accounts: ['alice@one.example'], forwards: [] }],
  ['nobody@one.example', { kind: 'unknown' }],
  ['alice@two.example', { kind: 'not-ours' }],
  ['alice@[192.0.2.1]', { kind: 'not-ours' }],
] as const) {
  test(`resolves ${mailbox}: ${JSON.stringify(response)}`, async (t) => {
    const { ask } = await withAlice(t)
    assert.deepEqual(await ask('resolve', { mailbox }), response)
  })
}

test('tells who may write as whom', async (t) => {
  const { ask } = await withAlice(t)
  for (const [account, mailbox, owns] of [
    ['alice@one.example', 'Alice+x@one.example', true],
    ['alice@one.example', 'info@one.example', true],
    ['bob@one.example', 'info@one.example', false],
    ['alice@one.example', 'not a mailbox', false],
    ['', '', false],
  ] as const) {
    assert.deepEqual(await ask('owns', { account, mailbox }), { owns })
  }
})

test('verifies passwords, logs refusals without the password, counts both', async (t) => {
  const { ask, lines, figures } = await withAlice(t)
  const right = { username: 'alice@one.example', password: 'correct horse' }
  assert.deepEqual(await ask('verify-password', right), { kind: 'verified', account: 'alice@one.example' })
  for (const username of ['alice@one.example', 'nobody@one.example', 'x']) {
    assert.deepEqual(await ask('verify-password', { username, password: 'battery staple' }), { kind: 'refused' })
  }
  assert.equal(lines.filter((line) => line.startsWith('password refused')).length, 3)
  assert.equal(
    lines.some((line) => line.includes('battery') || line.includes('correct horse')),
    false,
  )
  assert.equal(figures.snapshot()['password_checks_total'], 4)
  assert.equal(figures.snapshot()['password_refusals_total'], 3)
})

test('a whole SCRAM exchange goes through its answers', async (t) => {
  const { ask } = await withAlice(t)
  const authenticator = {
    verifyPassword: () => Promise.reject(new Error('not asked')),
    scramParameters: async (username: string) => {
      const { salt, iterations } = await ask('scram-parameters', { username })
      return { ok: true, value: { salt: Uint8Array.fromBase64(salt), iterations } } as const
    },
    verifyScram: async (username: string, authMessage: Uint8Array, clientProof: Uint8Array) => {
      const request = { username, authMessage: authMessage.toBase64(), clientProof: clientProof.toBase64() }
      const answer = await ask('verify-scram', request)
      if (answer.kind === 'refused') return { ok: false, error: { kind: 'invalid-credentials' } } as const
      const value = { identity: answer.account, serverSignature: Uint8Array.fromBase64(answer.serverSignature) }
      return { ok: true, value } as const
    },
  }
  for (const [username, password, outcome] of [
    ['alice@one.example', 'correct horse', 'success'],
    ['alice@one.example', 'wrong', 'failure'],
    ['nobody@one.example', 'correct horse', 'failure'],
  ] as const) {
    const options = { name: 'SCRAM-SHA-256', nonce: 'fyko+d2lbbFgONRv9qkxdawL' }
    const client = expectOk(clientMechanism({ ...options, username, password }), 'client')
    const server = expectOk(
      serverMechanism({ ...options, channel: { tls: true, bindings: [] }, authenticator }),
      'server',
    )
    const challenge = await server.next(expectOk(await client.next(undefined), 'first').octets)
    assert.equal(challenge.kind, 'challenge')
    if (challenge.kind !== 'challenge') continue
    const step = await server.next(expectOk(await client.next(challenge.octets), 'final').octets)
    assert.equal(step.kind, outcome)
  }
})

test('lists, history and restore', async (t) => {
  const { ask } = await withAlice(t)
  assert.deepEqual(await ask('list-domains', {}), { domains: ['one.example'] })
  assert.deepEqual(await ask('list-accounts', {}), {
    accounts: [
      { name: 'alice@one.example', aliases: ['info@one.example'] },
      { name: 'bob@one.example', aliases: [] },
    ],
  })
  const before = await ask('remove-alias', { alias: 'info@one.example', ...BECAUSE })
  await ask('remove-account', { account: 'bob@one.example', author: 'root', reason: 'bob has left' })
  const { changes } = await ask('history', { limit: 2 })
  assert.deepEqual(
    changes.map(({ author, reason }) => [author, reason]),
    [
      ['root', 'bob has left'],
      ['root', 'test'],
    ],
  )
  assert.equal(changes[1]?.commit, before.commit)
  await ask('restore', { commit: before.commit, ...BECAUSE })
  assert.equal((await ask('list-accounts', {})).accounts.length, 2)
})

test('refuses with a kind and a sentence, and changes nothing', async (t) => {
  const { ask, figures } = await withAlice(t)
  const alice = { account: 'alice@one.example', ...BECAUSE }
  await assert.rejects(ask('resolve', { mailbox: 'x' }), refusal('bad-request'))
  await assert.rejects(ask('add-domain', { domain: 'one.example', ...BECAUSE }), refusal('exists'))
  await assert.rejects(ask('add-domain', { domain: 'not a domain', ...BECAUSE }), refusal('bad-request'))
  await assert.rejects(ask('add-domain', { domain: 'x.example', author: '', reason: 'x' }), refusal('bad-author'))
  await assert.rejects(ask('add-domain', { domain: 'x.example', author: 'x', reason: '\n' }), refusal('bad-reason'))
  await assert.rejects(ask('remove-domain', { domain: 'one.example', ...BECAUSE }), refusal('in-use'))
  await assert.rejects(ask('remove-domain', { domain: 'x.example', ...BECAUSE }), refusal('no-such-domain'))
  await assert.rejects(ask('add-account', { ...alice, password: 'x' }), refusal('exists'))
  await assert.rejects(ask('add-account', { ...alice, account: 'a b', password: 'x' }), refusal('bad-request'))
  await assert.rejects(ask('set-password', { ...alice, password: '' }), refusal('bad-password'))
  await assert.rejects(
    ask('set-password', { ...alice, account: 'x@one.example', password: 'x' }),
    refusal('no-such-account'),
  )
  await assert.rejects(ask('remove-account', alice), /still in use by info@one.example/)
  await assert.rejects(ask('add-alias', { alias: 'a@one.example', targets: [], ...BECAUSE }), refusal('no-targets'))
  await assert.rejects(
    ask('add-alias', { alias: 'a@one.example', targets: ['b@one.example'], ...BECAUSE }),
    refusal('no-such-target'),
  )
  await assert.rejects(ask('remove-alias', { alias: 'a@one.example', ...BECAUSE }), refusal('no-such-alias'))
  await assert.rejects(ask('restore', { commit: '0000000', ...BECAUSE }), refusal('no-such-commit'))
  assert.equal(figures.snapshot()['changes_total'], 4)
})
