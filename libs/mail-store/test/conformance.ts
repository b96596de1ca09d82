// What every mail store must do: one suite, run by each implementation with its own way to open one.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { concatOctets, decodeLatin1, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  type Delivery,
  INBOX,
  type MailboxName,
  type MailStore,
  type MailStoreLimits,
  parseMailboxName,
} from '../src/index.ts'

export type OpenForTest = (
  t: TestContext,
  options: { readonly limits: Partial<MailStoreLimits>; readonly now: () => number },
) => Promise<{
  readonly store: MailStore
  /** Ends the store as a crash would, and opens what is left. */
  readonly reopen: () => Promise<MailStore>
}>

export function conformance(implementation: string, openForTest: OpenForTest): void {
  const open = (t: TestContext, limits: Partial<MailStoreLimits> = {}, now = () => NOW) =>
    openForTest(t, { limits, now })
  const law = (name: string, run: (t: TestContext) => Promise<void>): void => {
    void test(`${implementation}: ${name}`, run)
  }

  law('what is delivered is listed and read, trace fields first', async (t) => {
    const { store } = await open(t)
    const delivered = await deliver(store, { body: 'one' })
    assert.deepEqual(delivered, [{ account: ALICE, mailbox: INBOX, uid: 1 }])
    const facts = {
      uid: 1,
      modSeq: 1,
      flags: [],
      octets: TRACE.length + 3,
      internalDateMs: NOW,
      ...DESCRIPTION,
    }
    assert.deepEqual(await store.list(ALICE, INBOX, { limit: 10 }), { ok: true, value: [facts] })
    const message = expectOk(await store.read(ALICE, INBOX, 1), 'read')
    assert.deepEqual(message.facts, facts)
    assert.equal(await whole(message.octets), `${TRACE}one`)
  })

  law('what is delivered is there after a crash', async (t) => {
    const { store, reopen } = await open(t)
    await deliver(store, { body: 'small' })
    await deliver(store, { body: LARGE })
    const after = await reopen()
    assert.equal(await readBody(after, 1), 'small')
    assert.equal(await readBody(after, 2), LARGE)
    assert.equal((await deliver(after, { body: 'next' }))[0]?.uid, 3)
  })

  law('the same delivery id delivers once and is answered the same, also after a crash and a deletion', async (t) => {
    const { store, reopen } = await open(t)
    const first = await deliver(store, { id: 'same', body: 'one' })
    const [second, third] = await Promise.all([
      deliver(store, { id: 'same', body: 'one' }),
      deliver(store, { id: 'same', body: 'one' }),
    ])
    assert.deepEqual([second, third], [first, first])
    expectOk(await store.delete(ALICE, INBOX, 1), 'delete')
    const after = await reopen()
    assert.deepEqual(await deliver(after, { id: 'same', body: 'one' }), first)
    assert.deepEqual(await uids(after), [])
  })

  law('a delivery id is forgotten in the end', async (t) => {
    let now = NOW
    const { store, reopen } = await open(t, { deliveryMemoryMs: 1000 }, () => now)
    await deliver(store, { id: 'same', body: 'one' })
    now += 1001
    assert.equal((await deliver(await reopen(), { id: 'same', body: 'one' }))[0]?.uid, 2)
  })

  law('recipients of one message get one copy each, and losing one keeps the others', async (t) => {
    for (const body of ['small', LARGE]) {
      const { store } = await open(t)
      const to = [
        { account: ALICE, mailbox: INBOX },
        { account: BOB, mailbox: INBOX },
        { account: BOB, mailbox: ARCHIVE },
      ]
      const delivered = await deliver(store, { body, to })
      assert.deepEqual(
        delivered.map(({ uid }) => uid),
        [1, 1, 1],
      )
      assert.deepEqual(await store.delete(ALICE, INBOX, 1), { ok: true, value: true })
      assert.deepEqual(await store.removeAccount(ALICE), { ok: true, value: 0 })
      assert.equal(await readBody(store, 1, BOB), body)
      assert.deepEqual(await store.delete(BOB, INBOX, 1), { ok: true, value: true })
      assert.equal(await readBody(store, 1, BOB, ARCHIVE), body)
      assert.deepEqual(await store.removeAccount(BOB), { ok: true, value: 1 })
      assert.deepEqual(store.size(), { messages: 0, octets: 0 })
    }
  })

  law('uids rise and are never given twice', async (t) => {
    const { store, reopen } = await open(t)
    await deliver(store, { body: 'one' })
    await deliver(store, { body: 'two' })
    expectOk(await store.delete(ALICE, INBOX, 2), 'delete')
    assert.equal((await deliver(await reopen(), { body: 'three' }))[0]?.uid, 3)
  })

  law('a mailbox that is made again has a greater uidValidity', async (t) => {
    const { store } = await open(t)
    const validities: number[] = []
    for (let i = 0; i < 3; i++) {
      await deliver(store, { body: `${i}` })
      validities.push(expectOk(await store.mailboxes(ALICE), 'mailboxes')[0]?.uidValidity ?? 0)
      assert.deepEqual(await store.removeAccount(ALICE), { ok: true, value: 1 })
    }
    assert.ok(
      (validities[0] ?? 0) < (validities[1] ?? 0) && (validities[1] ?? 0) < (validities[2] ?? 0),
      validities.join(),
    )
  })

  law('mailboxes tell their sizes, and each change raises highestModSeq', async (t) => {
    const { store } = await open(t)
    await deliver(store, { body: 'four' })
    await deliver(store, { body: 'five5', to: [{ account: ALICE, mailbox: ARCHIVE }] })
    await deliver(store, { body: 'gone' })
    await store.delete(ALICE, INBOX, 2)
    const found = expectOk(await store.mailboxes(ALICE), 'mailboxes')
    assert.deepEqual(
      found.map((facts) => ({ ...facts, uidValidity: 0 })),
      [
        { name: ARCHIVE, uidValidity: 0, uidNext: 2, highestModSeq: 2, messages: 1, octets: TRACE.length + 5 },
        { name: INBOX, uidValidity: 0, uidNext: 3, highestModSeq: 4, messages: 1, octets: TRACE.length + 4 },
      ],
    )
    assert.deepEqual(store.size(), { messages: 2, octets: 2 * TRACE.length + 9 })
    assert.deepEqual(await store.mailboxes('nobody@one.example'), { ok: true, value: [] })
  })

  law('accounts are found by the beginning of their names', async (t) => {
    const { store } = await open(t)
    for (const account of ['b', 'a:2', 'a:1', 'a'])
      await deliver(store, { body: '', to: [{ account, mailbox: INBOX }] })
    assert.deepEqual(await store.accounts(), { ok: true, value: ['a', 'a:1', 'a:2', 'b'] })
    assert.deepEqual(await store.accounts('a:'), { ok: true, value: ['a:1', 'a:2'] })
    assert.deepEqual(await store.accounts('c'), { ok: true, value: [] })
  })

  law('lists newest first, page by page', async (t) => {
    const { store } = await open(t, { listMessages: 3 })
    for (let i = 0; i < 7; i++) await deliver(store, { body: `${i}` })
    assert.deepEqual(await uids(store, 2), [7, 6])
    assert.deepEqual(await uids(store, 100), [7, 6, 5])
    assert.deepEqual(await uids(store, 100, 5), [4, 3, 2])
    assert.deepEqual(await uids(store, 100, 1), [])
    assert.deepEqual(await uids(store, 0), [])
  })

  law('refuses what is not there', async (t) => {
    const { store } = await open(t)
    await deliver(store, { body: 'one' })
    const noMailbox = { ok: false, error: { kind: 'no-such-mailbox' } }
    assert.deepEqual(await store.list(BOB, INBOX, { limit: 1 }), noMailbox)
    assert.deepEqual(await store.list(ALICE, ARCHIVE, { limit: 1 }), noMailbox)
    assert.deepEqual(await store.read(BOB, INBOX, 1), noMailbox)
    assert.deepEqual(await store.read(ALICE, INBOX, 2), { ok: false, error: { kind: 'no-such-message' } })
    assert.deepEqual(await store.delete(ALICE, INBOX, 2), { ok: true, value: false })
    assert.deepEqual(await store.delete(BOB, INBOX, 1), { ok: true, value: false })
    assert.deepEqual(await store.removeAccount(BOB), { ok: true, value: 0 })
  })

  law('limits are kept: message, trace fields, recipients; nothing stays of what is refused', async (t) => {
    const { store } = await open(t, { messageOctets: 100, traceFieldsOctets: TRACE.length, recipients: 2 })
    const at = [ALICE, BOB, 'carol@one.example'].map((account) => ({ account, mailbox: INBOX }))
    for (const [answer, what, limit] of [
      [await tryDeliver(store, { body: 'x'.repeat(101) }), 'message', 100],
      [await tryDeliver(store, { body: 'x', traceFields: `${TRACE}X` }), 'trace fields', TRACE.length],
      [await tryDeliver(store, { body: 'x', to: at }), 'recipients', 2],
    ] as const) {
      assert.deepEqual(answer, { ok: false, error: { kind: 'too-large', what, limit } })
    }
    assert.deepEqual(store.size(), { messages: 0, octets: 0 })
    await deliver(store, { body: 'x'.repeat(100), to: at.slice(1) })
  })

  law('a recipient over quota refuses the delivery for all, until there is room', async (t) => {
    const { store } = await open(t, { quotaOctets: TRACE.length + 50 })
    await deliver(store, { body: 'x'.repeat(20) })
    const both = [BOB, ALICE].map((account) => ({ account, mailbox: INBOX }))
    const refused = await tryDeliver(store, { id: 'later', body: 'y'.repeat(40), to: both })
    const error = { kind: 'over-quota', account: ALICE, quotaOctets: TRACE.length + 50 }
    assert.deepEqual(refused, { ok: false, error })
    assert.deepEqual(await store.mailboxes(BOB), { ok: true, value: [] })
    expectOk(await store.delete(ALICE, INBOX, 1), 'delete')
    await deliver(store, { id: 'later', body: 'y'.repeat(40), to: both })
  })

  law('a source or a delivery that rejects leaves nothing', async (t) => {
    const { store } = await open(t)
    for (const body of ['small', LARGE]) {
      const cut = async function* (): AsyncGenerator<Uint8Array> {
        yield encodeAscii(body)
        throw new Error('the peer went away')
      }
      await assert.rejects(
        store.deliver(cut(), () => delivery({ body })),
        /the peer went away/,
      )
      await assert.rejects(
        store.deliver([encodeAscii(body)], () => Promise.reject(new Error('no tail came'))),
        /no tail came/,
      )
    }
    assert.deepEqual(store.size(), { messages: 0, octets: 0 })
  })

  law('many deliveries at once all arrive, each once', async (t) => {
    const { store } = await open(t)
    const all = await Promise.all(Array.from({ length: 200 }, (_, i) => deliver(store, { body: `message ${i}` })))
    assert.equal(new Set(all.map(([one]) => one?.uid)).size, 200)
    const bodies = await Promise.all(Array.from({ length: 200 }, (_, i) => readBody(store, i + 1)))
    assert.equal(new Set(bodies).size, 200)
  })

  law('the stored message is the trace fields and the octets, for any octets', async (t) => {
    const { store } = await open(t)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 99 })), fc.uint8Array(), async (chunks, traceFields) => {
        const answer = await store.deliver(chunks, () => ({ ...delivery({ body: '' }), traceFields }))
        const uid = expectOk(answer, 'deliver')[0]?.uid ?? 0
        const stored = expectOk(await store.read(ALICE, INBOX, uid), 'read')
        const octets = concatOctets(await Array.fromAsync(stored.octets))
        assert.deepEqual(octets, concatOctets([traceFields, ...chunks]))
        assert.equal(stored.facts.octets, octets.length)
      }),
      { numRuns: 25 },
    )
  })
}

type Sample = {
  readonly id?: string
  readonly body: string
  readonly traceFields?: string
  readonly to?: Delivery['recipients']
}

export const NOW = 1_790_000_000_000
export const ALICE = 'alice@one.example'
const BOB = 'bob@one.example'
const ARCHIVE: MailboxName = expectOk(parseMailboxName('Archive'), 'parse')
const TRACE = 'Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n'
const LARGE = 'large '.repeat(40_000)
const DESCRIPTION = { sender: 'eve@two.example', trace: '0123456789abcdef', from: 'Eve', subject: 'Hello' }
let made = 0

function delivery({ id, traceFields, to }: Sample): Delivery {
  return {
    deliveryId: id ?? `delivery ${made++}`,
    recipients: to ?? [{ account: ALICE, mailbox: INBOX }],
    receivedAtMs: NOW,
    traceFields: encodeAscii(traceFields ?? TRACE),
    description: DESCRIPTION,
  }
}

export async function tryDeliver(store: MailStore, sample: Sample): ReturnType<MailStore['deliver']> {
  return store.deliver([encodeAscii(sample.body)], () => delivery(sample))
}

export async function deliver(
  store: MailStore,
  sample: Sample,
): Promise<readonly { account: string; mailbox: MailboxName; uid: number }[]> {
  return expectOk(await tryDeliver(store, sample), 'deliver')
}

export async function readBody(store: MailStore, uid: number, account = ALICE, mailbox = INBOX): Promise<string> {
  const { octets } = expectOk(await store.read(account, mailbox, uid), 'read')
  return (await whole(octets)).slice(TRACE.length)
}

async function uids(store: MailStore, limit = 10, beforeUid?: number): Promise<number[]> {
  const range = beforeUid === undefined ? { limit } : { limit, beforeUid }
  return expectOk(await store.list(ALICE, INBOX, range), 'list').map(({ uid }) => uid)
}

async function whole(octets: AsyncIterable<Uint8Array>): Promise<string> {
  return decodeLatin1(concatOctets(await Array.fromAsync(octets)))
}
