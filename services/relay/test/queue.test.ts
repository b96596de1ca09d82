import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { enqueue, envelope, octetsOf, queueIn, textOf } from './queue-fixture.ts'

/** Too large to be a row of the database. */
const LARGE = `Subject: x\r\n\r\n${'body\r\n'.repeat(40_000)}`

const blobs = (directory: string): string[] =>
  readdirSync(path.join(directory, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  )

test('an entry stands after the queue is opened again, octet for octet', async (t) => {
  const { queue, reopen } = await queueIn(t)
  const entry = await enqueue(queue, envelope('alice@one.example', 'bob@two.example', 'carol@three.example'))
  const again = await reopen()
  const found = again.find(entry.id)
  assert.deepEqual({ ...found, above: Buffer.from(found?.above ?? []) }, entry)
  assert.equal(await textOf(again, entry), 'Subject: x\r\n\r\nbody\r\n')
  assert.equal(Buffer.from(again.find(entry.id)?.above ?? []).toString(), 'Received: y\r\n')
})

test('is due at once, later after a deferral, and never when all is settled', async (t) => {
  const { queue } = await queueIn(t)
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example', 'c@two.example'))
  assert.deepEqual(queue.due(999, 10), [])
  assert.equal(queue.due(1000, 10).length, 1)
  const outcome = { reply: '451 later', remote: 'mx' }
  await queue.record(entry.id, [
    { position: 0, state: 'delivered', nextAttemptAtMs: 0, ...outcome },
    { position: 1, state: 'waiting', nextAttemptAtMs: 5000, ...outcome },
  ])
  assert.deepEqual(queue.due(4999, 10), [])
  assert.equal(queue.nextDueMs(), 5000)
  const [due] = queue.due(5000, 10)
  assert.deepEqual(
    due?.recipients.map(({ state, attempts }) => [state, attempts]),
    [
      ['delivered', 1],
      ['waiting', 1],
    ],
  )
  await queue.record(entry.id, [{ position: 1, state: 'failed', nextAttemptAtMs: 0, ...outcome }])
  assert.equal(queue.nextDueMs(), undefined)
})

test('two entries of the same octets share them, and the last to go takes them along', async (t) => {
  const { queue, directory } = await queueIn(t)
  const [first, second] = await Promise.all([
    enqueue(queue, envelope('a@one.example', 'b@two.example'), LARGE),
    enqueue(queue, envelope('a@one.example', 'c@two.example'), LARGE),
  ])
  assert.equal(blobs(directory).length, 1)
  await queue.remove(first.id)
  assert.equal(await textOf(queue, second), LARGE)
  await queue.remove(second.id)
  while (blobs(directory).length > 0) await new Promise((resolve) => setTimeout(resolve, 2)) // files go after the answer
  assert.equal(queue.size(), 0)
})

test('a message that is cut leaves neither entry nor octets', async (t) => {
  const { queue, directory } = await queueIn(t)
  async function* cut() {
    yield Buffer.from('Subject: x\r\n')
    throw new Error('cut')
  }
  const message = { envelope: envelope(undefined, 'b@two.example'), nowMs: 0, expiresAtMs: 1 }
  await assert.rejects(queue.enqueue({ ...message, octets: cut(), above: async () => new Uint8Array() }), /cut/)
  const noTail = queue.enqueue({ ...message, octets: octetsOf('x'), above: () => Promise.reject(new Error('no tail')) })
  await assert.rejects(noTail, /no tail/)
  assert.equal(queue.size(), 0)
  assert.deepEqual(blobs(directory), [])
})

test('octets that no entry names are swept at the start', async (t) => {
  const { queue, directory, reopen } = await queueIn(t)
  await enqueue(queue, envelope('a@one.example', 'b@two.example'), LARGE)
  mkdirSync(path.join(directory, 'blobs', 'aa'), { recursive: true })
  writeFileSync(path.join(directory, 'blobs', 'aa', 'aa'.repeat(32)), 'left by a crash')
  assert.equal(blobs(directory).length, 2)
  await reopen()
  assert.equal(blobs(directory).length, 1)
})

test('refuses a message beyond the limit', async (t) => {
  const { queue } = await queueIn(t)
  const message = {
    envelope: envelope('a@one.example', 'b@two.example'),
    nowMs: 0,
    expiresAtMs: 1,
    above: async () => new Uint8Array(),
  }
  const refused = await queue.enqueue({
    ...message,
    octets: octetsOf(...Array.from({ length: 40 }, () => 'x'.repeat(100_000))),
  })
  assert.ok(!refused.ok && refused.error.kind === 'too-large')
  assert.equal(queue.size(), 0)
})
