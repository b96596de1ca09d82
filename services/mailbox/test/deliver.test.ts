import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INBOX, JUNK } from '@scop/mail-store'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { deliver, type Resolution } from '../src/deliver.ts'
import { forwardAccount } from '../src/forward.ts'
import { envelope, openStore, stored } from './store-fixture.ts'

const KNOWN: Readonly<Record<string, Resolution>> = {
  'alice@one.example': { kind: 'ours', accounts: ['alice@one.example'], forwards: [] },
  'a@one.example': { kind: 'ours', accounts: ['alice@one.example'], forwards: [] },
  'all@one.example': { kind: 'ours', accounts: ['alice@one.example', 'bob@one.example'], forwards: [] },
  'away@one.example': { kind: 'ours', accounts: [], forwards: ['carol@three.example'] },
  'nobody@one.example': { kind: 'unknown' },
  'bob@two.example': { kind: 'not-ours' },
}
const resolve = async (mailbox: string): Promise<Resolution | undefined> => KNOWN[mailbox]
const BODY = 'Received: x\r\nFrom: "Eve" <eve@two.example>\r\nSubject: Hello\r\n\tyou\r\n\r\nHi\r\n'
const ABOVE = 'Authentication-Results: one.example; none\r\n'
const message = (deliveryId = 'one'): Omit<Parameters<typeof deliver>[2], 'envelope'> => ({
  deliveryId,
  octets: (async function* () {
    for (let at = 0; at < BODY.length; at += 10) yield encodeAscii(BODY.slice(at, at + 10))
  })(),
  tail: async () => ({ above: encodeAscii(ABOVE), into: INBOX }),
})

for (const [sender, path] of [
  ['eve@two.example', 'Return-Path: <eve@two.example>\r\n'],
  ['', 'Return-Path: <>\r\n'],
  ['"a b"@two.example', 'Return-Path: <"a b"@two.example>\r\n'],
] as const) {
  test(`stores ${path.trim()}, the fields above, then the octets as they came`, async (t) => {
    const store = await openStore(t)
    const answer = await deliver(store, resolve, { envelope: envelope(sender, 'alice@one.example'), ...message() })
    const outcomes = [{ mailbox: 'alice@one.example', outcome: 'delivered' }]
    assert.deepEqual(answer, { ok: true, value: { outcomes, forwards: false } })
    assert.equal(await stored(store, 'alice@one.example'), path + ABOVE + BODY)
    const [facts] = expectOk(await store.list('alice@one.example', INBOX, { limit: 1 }), 'list')
    assert.equal(facts?.sender, sender)
    assert.equal(facts?.from, '"Eve" <eve@two.example>')
    assert.equal(facts?.subject, 'Hello\tyou'.replace('\t', ' '))
  })
}

test('each account gets one copy, by however many names', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'a@one.example', 'alice@one.example', 'all@one.example')
  expectOk(await deliver(store, resolve, { envelope: to, ...message() }), 'deliver')
  assert.equal(store.size().messages, 2)
})

test('what is kept apart lies in Junk, but for what goes on to another server', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'alice@one.example', 'away@one.example')
  const tail = async () => ({ above: encodeAscii(ABOVE), into: JUNK })
  expectOk(await deliver(store, resolve, { envelope: to, ...message(), tail }), 'deliver')
  const lies = async (account: string) =>
    expectOk(await store.mailboxes(account), 'list').map(({ name, messages }) => `${name} ${messages}`)
  assert.ok((await lies('alice@one.example')).includes('Junk 1'))
  assert.ok(!(await lies('alice@one.example')).includes('INBOX 1'))
  assert.deepEqual(await lies(forwardAccount('carol@three.example')), ['INBOX 1'])
})

test('tells which recipients are unknown, and delivers to the others', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'nobody@one.example', 'alice@one.example', 'bob@two.example')
  const { outcomes } = expectOk(await deliver(store, resolve, { envelope: to, ...message() }), 'deliver')
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['unknown', 'delivered', 'unknown'],
  )
  assert.equal(store.size().messages, 1)
})

test('stores nothing when nobody is known', async (t) => {
  const store = await openStore(t)
  expectOk(await deliver(store, resolve, { envelope: envelope('', 'nobody@one.example'), ...message() }), 'deliver')
  assert.equal(store.size().messages, 0)
})

test('the same delivery id stores once', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'all@one.example')
  for (let i = 0; i < 3; i++) expectOk(await deliver(store, resolve, { envelope: to, ...message('same') }), 'deliver')
  assert.equal(store.size().messages, 2)
})

test('refuses for all when the directory does not answer for one', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'alice@one.example', 'unheard@one.example')
  const answer = await deliver(store, resolve, { envelope: to, ...message() })
  assert.deepEqual(answer, { ok: false, error: { kind: 'no-directory' } })
  assert.equal(store.size().messages, 0)
})

test('stores nothing of a message whose tail never came', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'alice@one.example')
  const cut = { ...message(), tail: () => Promise.reject(new Error('aborted')) }
  await assert.rejects(deliver(store, resolve, { envelope: to, ...cut }), /aborted/)
  assert.equal(store.size().messages, 0)
})

test('an alias that leads away waits for the relay', async (t) => {
  const store = await openStore(t)
  const to = envelope('eve@two.example', 'away@one.example')
  const { forwards } = expectOk(await deliver(store, resolve, { envelope: to, ...message() }), 'deliver')
  assert.equal(forwards, true)
  assert.deepEqual(await store.accounts(), { ok: true, value: ['forward:carol@three.example'] })
})
