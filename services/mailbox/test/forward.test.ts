import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type Envelope, formatEnvelope } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import { parseDomainName } from '@scop/identifiers'
import { INBOX, type MailStore } from '@scop/mail-store'
import { concatOctets, decodeUtf8, encodeUtf8 } from '@scop/octets'
import { err, expectOk, ok } from '@scop/result'
import { deliver } from '../src/deliver.ts'
import { type Enqueue, Forwarder } from '../src/forward.ts'
import { envelope, openStore } from './store-fixture.ts'

const ABOVE = 'Authentication-Results: one.example; none\r\n'
const RECEIVED =
  'Received: by mx.one.example id 0123456789abcdef for <carol@three.example>;\r\n Thu, 1 Jan 1970 00:00:00 +0000\r\n'

async function deliverForward(store: MailStore, sender: string, body: string, deliveryId: string): Promise<void> {
  const incoming = {
    envelope: envelope(sender, 'away@one.example'),
    deliveryId,
    octets: (async function* () {
      yield encodeUtf8(body)
    })(),
    tail: async () => ({ above: encodeUtf8(ABOVE), into: INBOX }),
  }
  const away = { kind: 'ours', accounts: [], forwards: ['carol@three.example'] } as const
  expectOk(await deliver(store, async () => away, incoming), 'deliver')
}

/** A relay that refuses the first `refusals` calls. */
function relay(refusals: number): { enqueue: Enqueue; enqueued: { envelope: Envelope; text: string }[] } {
  const enqueued: { envelope: Envelope; text: string }[] = []
  let left = refusals
  const enqueue: Enqueue = async (sent, octets) => {
    if (left-- > 0) return err({ reason: 'not there' })
    const text = expectOk(decodeUtf8(concatOctets(await Array.fromAsync(octets))), 'read')
    enqueued.push({ envelope: sent, text })
    return ok({ queueId: `${enqueued.length}` })
  }
  return { enqueue, enqueued }
}

const hostname = expectOk(parseDomainName('mx.one.example'), 'parse')
const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

function forwarder(t: TestContext, store: MailStore, enqueue: Enqueue): Forwarder {
  const made = new Forwarder({ store, enqueue, hostname, now: () => 0, log: quiet, retryMs: 5 })
  t.after(() => made.drain())
  return made
}

for (const [sender, body, expected] of [
  ['eve@two.example', 'Subject: plain\r\n\r\nplain\r\n', { sender: 'eve@two.example', smtpUtf8: false, body: '7bit' }],
  ['', 'Subject: bounce\r\n\r\nplain\r\n', { sender: '', smtpUtf8: false, body: '7bit' }],
  ['eve@two.example', 'Subject: x\r\n\r\nä\r\n', { sender: 'eve@two.example', smtpUtf8: false, body: '8bitmime' }],
  ['eve@two.example', 'Subject: ä\r\n\r\nx\r\n', { sender: 'eve@two.example', smtpUtf8: true, body: '8bitmime' }],
  ['ävä@two.example', 'Subject: x\r\n\r\nx\r\n', { sender: 'ävä@two.example', smtpUtf8: true, body: '7bit' }],
] as const) {
  test(`forwards ${JSON.stringify(body)} from <${sender}> without our Return-Path`, async (t) => {
    const store = await openStore(t)
    await deliverForward(store, sender, body, 'one')
    const { enqueue, enqueued } = relay(0)
    forwarder(t, store, enqueue).wake()
    await until(() => store.size().messages === 0)
    assert.equal(enqueued.length, 1)
    const [first] = enqueued
    assert.ok(first)
    assert.equal(first.text, RECEIVED + ABOVE + body)
    const request = formatEnvelope(first.envelope)
    assert.deepEqual(request.recipients, ['carol@three.example'])
    const { sender: from, smtpUtf8, body: kind } = request
    assert.deepEqual({ sender: from, smtpUtf8, body: kind }, expected)
  })
}

test('what the relay does not take waits, and goes later', async (t) => {
  const store = await openStore(t)
  for (let i = 0; i < 5; i++) await deliverForward(store, 'eve@two.example', `Subject: ${i}\r\n\r\n`, `${i}`)
  const { enqueue, enqueued } = relay(3)
  forwarder(t, store, enqueue).wake()
  await until(() => store.size().messages === 0)
  assert.equal(new Set(enqueued.map(({ text }) => text)).size, 5)
})

test('after the drain nothing more is forwarded, and nothing is lost', async (t) => {
  const store = await openStore(t)
  await deliverForward(store, 'eve@two.example', 'Subject: x\r\n\r\n', 'one')
  const { enqueue, enqueued } = relay(0)
  const made = forwarder(t, store, enqueue)
  await made.drain()
  made.wake()
  assert.equal(enqueued.length, 0)
  assert.equal(store.size().messages, 1)
})

test('a message that cannot go, or cannot be read, does not hold the others', async (t) => {
  const store = await openStore(t)
  for (const subject of ['one', 'never', 'unreadable', 'two']) {
    await deliverForward(store, 'eve@two.example', `Subject: ${subject}\r\n\r\nx\r\n`, subject)
  }
  const { enqueue, enqueued } = relay(0)
  const choosy: Enqueue = async (sent, octets) => {
    const whole = await Array.fromAsync(octets)
    if (expectOk(decodeUtf8(concatOctets(whole)), 'read').includes('Subject: never')) return err({ reason: 'never' })
    return enqueue(sent, ReadableStream.from(whole))
  }
  const read = store.read.bind(store)
  const tornRead: MailStore['read'] = async (account, name, uid) => {
    const found = await read(account, name, uid)
    if (!found.ok || found.value.facts.subject !== 'unreadable') return found
    const octets = (async function* (): AsyncGenerator<Uint8Array> {
      yield encodeUtf8('Subject:')
      throw new Error('Cannot read a blob')
    })()
    return ok({ ...found.value, octets })
  }
  forwarder(t, Object.assign(store, { read: tornRead }), choosy).wake()
  await until(() => enqueued.length >= 2)
  const subjects = enqueued.map(({ text }) => /Subject: (\w+)/.exec(text)?.[1] ?? '')
  assert.deepEqual(new Set(subjects), new Set(['one', 'two']))
})
