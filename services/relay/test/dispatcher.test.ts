import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFigures } from '@scop/bottle'
import { parseDomainName } from '@scop/identifiers'
import { err, expectOk } from '@scop/result'
import type { Verdict } from '../src/attempt.ts'
import { type Deliver, Dispatcher, DISPATCHER_LIMITS, type DispatcherLimits } from '../src/dispatcher.ts'
import { makeReport } from '../src/report.ts'
import type { Queue } from '../src/queue.ts'
import { enqueue, envelope, queueIn, textOf } from './queue-fixture.ts'

const SETTINGS = {
  'retry-first-seconds': 60,
  'retry-longest-seconds': 3600,
  'delay-notice-seconds': 1000,
  'expire-seconds': 100_000,
}
const HOSTNAME = expectOk(parseDomainName('mx.one.example'), 'parse')
const delivered: Verdict = { kind: 'delivered', reply: '250 ok', remote: 'mx' }
const later: Verdict = { kind: 'later', reply: '451 4.2.0 busy', remote: 'mx', status: '4.2.0' }
const never: Verdict = { kind: 'never', reply: '550 5.1.1 no such user', remote: 'mx', status: '5.1.1' }
const silent = () => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

function dispatcherOn(t: TestContext, queue: Queue, deliver: Deliver, limits: DispatcherLimits = DISPATCHER_LIMITS) {
  const clock = { nowMs: 1000 }
  const dispatcher = new Dispatcher({
    queue,
    settings: SETTINGS,
    deliver,
    report: (kind, entry, recipients) =>
      makeReport(kind, entry, queue.octetsOf(entry), recipients, HOSTNAME, clock.nowMs),
    limits,
    now: () => clock.nowMs,
    random: () => 0.5,
    log,
    figures: createFigures(),
  })
  t.after(() => dispatcher.drain())
  return { dispatcher, clock }
}

const answerAll =
  (verdict: Verdict): Deliver =>
  async (_, recipients) =>
    new Map(recipients.map(({ position }) => [position, verdict]))

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await sleep(5)
  assert.ok(holds(), 'did not come to pass')
}

test('what is delivered is forgotten', async (t) => {
  const { queue } = await queueIn(t)
  const { dispatcher } = dispatcherOn(t, queue, answerAll(delivered))
  dispatcher.offer(await enqueue(queue, envelope('a@one.example', 'b@two.example', 'c@three.example')))
  await until(() => queue.size() === 0)
})

test('what stands in the queue at the start is tried', async (t) => {
  const { queue } = await queueIn(t)
  await enqueue(queue, envelope('a@one.example', 'b@two.example'))
  const { dispatcher } = dispatcherOn(t, queue, answerAll(delivered))
  dispatcher.wake()
  await until(() => queue.size() === 0)
})

test('a deferred recipient waits, the others do not', async (t) => {
  const { queue } = await queueIn(t)
  const deliver: Deliver = async (_, recipients) =>
    new Map(recipients.map(({ position }) => [position, position === 0 ? later : delivered]))
  const { dispatcher } = dispatcherOn(t, queue, deliver)
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example', 'c@two.example'))
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id)?.recipients[1]?.state === 'delivered')
  const [waiting] = queue.find(entry.id)?.recipients ?? []
  assert.deepEqual(
    [waiting?.state, waiting?.nextAttemptAtMs, waiting?.lastReply],
    ['waiting', 61_000, '451 4.2.0 busy'],
  )
})

test('a failure is reported to the sender with the null sender, and the message forgotten', async (t) => {
  const { queue } = await queueIn(t)
  const deliver: Deliver = async (entry, recipients) =>
    new Map(recipients.map(({ position }) => [position, entry.envelope.sender === undefined ? later : never]))
  const { dispatcher } = dispatcherOn(t, queue, deliver)
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example'))
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id) === undefined)
  const [report] = queue.list(10)
  assert.ok(report)
  assert.equal(report.envelope.sender, undefined)
  assert.deepEqual(
    report.envelope.recipients.map(({ localPart }) => localPart),
    ['a'],
  )
  const text = await textOf(queue, report)
  assert.match(text, /Content-Type: multipart\/report; report-type=delivery-status/)
  assert.match(text, /Final-Recipient: rfc822; ?b@two\.example\r\n/)
  assert.match(text, /Action: failed\r\n/)
  assert.match(text, /Status: 5\.1\.1\r\n/)
  assert.match(text, /Received: y\r\nSubject: x\r\n/)
})

test('the null sender is never reported to', async (t) => {
  const { queue } = await queueIn(t)
  const { dispatcher } = dispatcherOn(t, queue, answerAll(never))
  dispatcher.offer(await enqueue(queue, envelope(undefined, 'b@two.example')))
  await until(() => queue.size() === 0)
})

test('what is late is said once; what has expired fails', async (t) => {
  const { queue } = await queueIn(t)
  const deliver: Deliver = async (entry, recipients) =>
    new Map(recipients.map(({ position }) => [position, entry.envelope.sender === undefined ? delivered : later]))
  const { dispatcher, clock } = dispatcherOn(t, queue, deliver)
  const reports: string[] = []
  const enqueueReport = queue.enqueue.bind(queue)
  queue.enqueue = async (message) => {
    reports.push(message.envelope.sender === undefined ? 'report' : 'message')
    return enqueueReport(message)
  }
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example'))
  for (const nowMs of [1_000, 1_100_000, 1_200_000, 2_100_000]) {
    clock.nowMs = nowMs
    const attempts = queue.find(entry.id)?.recipients[0]?.attempts ?? 0
    await queue.hasten(entry.id, nowMs)
    dispatcher.wake()
    await until(() => (queue.find(entry.id)?.recipients[0]?.attempts ?? Number.POSITIVE_INFINITY) > attempts)
    await until(() => !dispatcher.isUnderWay(entry.id))
  }
  assert.deepEqual(reports, ['message', 'report', 'report']) // late, then expired
  assert.equal(queue.find(entry.id), undefined)
})

test('an entry is in one attempt at a time, and a slow domain leaves room for others', async (t) => {
  const { queue } = await queueIn(t)
  const slow = Promise.withResolvers<void>()
  const inAttempt = new Map<string, number>()
  let most = 0
  const deliver: Deliver = async (entry, recipients) => {
    inAttempt.set(entry.id, (inAttempt.get(entry.id) ?? 0) + 1)
    assert.equal(inAttempt.get(entry.id), 1)
    const isSlow = recipients[0]?.mailbox.domain === 'slow.example'
    if (isSlow) most = Math.max(most, [...inAttempt.values()].filter((n) => n > 0).length)
    if (isSlow) await slow.promise
    inAttempt.set(entry.id, 0)
    return new Map(recipients.map(({ position }) => [position, delivered]))
  }
  const { dispatcher } = dispatcherOn(t, queue, deliver, { entries: 8, entriesPerDomain: 3 })
  for (let i = 0; i < 10; i++)
    dispatcher.offer(await enqueue(queue, envelope('a@one.example', `b${i}@slow.example`), `x${i}\r\n`))
  for (let i = 0; i < 10; i++)
    dispatcher.offer(await enqueue(queue, envelope('a@one.example', `b${i}@fast.example`), `y${i}\r\n`))
  await until(() => queue.size() === 10)
  assert.equal(most, 3)
  slow.resolve()
  await until(() => queue.size() === 0)
})

test('a delivery that breaks puts the entry off', async (t) => {
  const { queue } = await queueIn(t)
  const { dispatcher } = dispatcherOn(t, queue, async () => {
    throw new Error('broken')
  })
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example'))
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id)?.recipients[0]?.attempts === 1)
  assert.equal(queue.find(entry.id)?.recipients[0]?.state, 'waiting')
})

test('a delivery that always breaks expires and is reported', async (t) => {
  const { queue } = await queueIn(t)
  const { dispatcher, clock } = dispatcherOn(t, queue, async (entry) => {
    if (entry.envelope.sender === undefined) return new Map([[0, later]])
    throw new Error('broken')
  })
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example'))
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id)?.recipients[0]?.attempts === 1 && !dispatcher.isUnderWay(entry.id))
  clock.nowMs = entry.expiresAtMs
  dispatcher.wake()
  await until(() => queue.find(entry.id) === undefined)
  const [report] = queue.list(10)
  assert.ok(report)
  assert.match(await textOf(queue, report), /Status: 4\.4\.7\r\n/)
})

test('what broke for one domain is delivered once to the others', async (t) => {
  const { queue } = await queueIn(t)
  const to: string[] = []
  const { dispatcher, clock } = dispatcherOn(t, queue, async (_, recipients) => {
    const domain = JSON.stringify(recipients[0]?.mailbox.domain)
    to.push(domain)
    if (domain === '"broken.example"' && to.length < 3) throw new Error('broken')
    return new Map(recipients.map(({ position }) => [position, delivered]))
  })
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example', 'c@broken.example'))
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id)?.recipients[0]?.state === 'delivered' && !dispatcher.isUnderWay(entry.id))
  clock.nowMs = 100_000
  dispatcher.wake()
  await until(() => queue.size() === 0)
  assert.deepEqual(to.toSorted(), ['"broken.example"', '"broken.example"', '"two.example"'])
})

test('a failure that cannot be reported now waits, and what was delivered is not delivered again', async (t) => {
  const { queue } = await queueIn(t)
  const times = new Map<number, number>()
  const { dispatcher, clock } = dispatcherOn(t, queue, async (entry, recipients) => {
    if (entry.envelope.sender === undefined) return new Map([[0, later]])
    for (const { position } of recipients) times.set(position, (times.get(position) ?? 0) + 1)
    return new Map(recipients.map(({ position }) => [position, position === 0 ? delivered : never]))
  })
  const entry = await enqueue(queue, envelope('a@one.example', 'b@two.example', 'c@two.example'))
  const whole = queue.enqueue.bind(queue)
  queue.enqueue = async () => err({ kind: 'no-space' as const, doing: 'write', code: 'ENOSPC' })
  dispatcher.offer(entry)
  await until(() => queue.find(entry.id)?.recipients[1]?.attempts === 1 && !dispatcher.isUnderWay(entry.id))
  assert.deepEqual(
    queue.find(entry.id)?.recipients.map(({ state }) => state),
    ['delivered', 'waiting'],
  )
  queue.enqueue = whole
  clock.nowMs = 100_000
  dispatcher.wake()
  await until(() => queue.find(entry.id) === undefined)
  assert.deepEqual(
    [...times],
    [
      [0, 1],
      [1, 2],
    ],
  )
  assert.equal(queue.list(10)[0]?.envelope.sender, undefined)
})
