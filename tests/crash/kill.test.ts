// kill -9 of relay and mailbox at random moments: what got a 250 is delivered, and once.
// SCOP_CRASH_MESSAGES sets how many messages must be accepted: 200 in `npm test`, 2000 in `npm run test:crash`.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { type Job, makeMessage, sendAll } from '../harness/smtp-load.ts'

const WANTED = Number(process.env['SCOP_CRASH_MESSAGES'] ?? 200)
const TRACE = '0000000000000000'

test(`kill -9 during ${WANTED} messages loses none`, { timeout: 600_000 }, async (t) => {
  const bottle = await startTestBottle({ domain: 'crash.example', name: 'alice' })
  t.after(async () => {
    await bottle.stop()
    rmSync(bottle.home.directory, { recursive: true, force: true })
  })
  const accepted = new Set<string>()
  const refusals = new Map<string, number>()
  const sending = new AbortController()
  const kills = { relay: 0, mailbox: 0 }
  const killing = killAtRandom(bottle, kills, sending.signal)
  let made = 0
  // A fast machine is through before anything has died: it goes on until each has, twice.
  while (accepted.size < WANTED || Math.min(kills.relay, kills.mailbox) < 2) {
    const jobs = Array.from({ length: Math.max(1, Math.min(100, WANTED - accepted.size)) }, (): Job => {
      const id = `crash-${made++}`
      return {
        id,
        sender: bottle.account,
        recipient: bottle.account,
        octets: makeMessage(id, bottle.account, bottle.account, 4096),
      }
    })
    await sendAll(target(bottle), jobs, 4, ({ id, reply }) => {
      if (reply.startsWith('250')) accepted.add(id)
      else refusals.set(reply.slice(0, 9), (refusals.get(reply.slice(0, 9)) ?? 0) + 1)
    })
    assert.ok(made < WANTED * 20 + 20_000, `too few accepted: ${accepted.size} of ${made}`)
  }
  sending.abort()
  await killing
  await queueEmpty(bottle)
  const delivered = await deliveredIds(bottle)
  const lost = [...accepted].filter((id) => !delivered.has(id))
  const twice = [...delivered].filter(([, times]) => times > 1)
  const unasked = [...delivered.keys()].filter((id) => !accepted.has(id))
  t.diagnostic(
    `${made} sent, ${accepted.size} got a 250, ${kills.relay} kills of relay and ${kills.mailbox} of mailbox, ` +
      `${lost.length} lost, ${twice.length} delivered twice, ${unasked.length} delivered although their sender got no 250; ` +
      `refusals: ${[...refusals].map(([reply, times]) => `${times} × ${reply}`).join(', ') || 'none'}`,
  )
  assert.deepEqual(lost, [])
  assert.deepEqual(twice, [], 'the delivery id makes a second delivery of the same message impossible')
})

const target = ({ configuration, account, password }: TestBottle) => ({
  host: configuration.listen.submissions.address,
  port: configuration.listen.submissions.port,
  tls: 'implicit' as const,
  login: { username: account, password },
})

async function killAtRandom(
  bottle: TestBottle,
  kills: { relay: number; mailbox: number },
  until: AbortSignal,
): Promise<void> {
  while (!until.aborted) {
    await sleep(200 + Math.random() * 1200)
    const victim = Math.random() < 0.5 ? 'relay' : 'mailbox'
    const { services } = expectOk(
      await bottle.calls.call('supervisor', 'status', {}, { trace: TRACE }),
      'ask the status',
    ).response
    const service = services.find((one) => one.service === victim && one.state === 'running')
    if (service?.pid === undefined) continue
    process.kill(service.pid, 'SIGKILL')
    kills[victim]++
  }
}

async function queueEmpty(bottle: TestBottle): Promise<void> {
  for (;;) {
    // The services come back by themselves; what waits for its next attempt is told to go now.
    const queue = await bottle.calls.call('relay', 'queue-list', { limit: 1 }, { trace: TRACE })
    if (queue.ok && queue.value.response.total === 0) return
    if (queue.ok) await bottle.calls.call('relay', 'queue-retry', {}, { trace: TRACE })
    await sleep(250)
  }
}

async function deliveredIds(bottle: TestBottle): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  let beforeUid: number | undefined
  for (;;) {
    const request = {
      account: bottle.account,
      mailbox: 'INBOX',
      limit: 500,
      ...(beforeUid !== undefined && { beforeUid }),
    }
    const { messages } = expectOk(
      await bottle.calls.call('mailbox', 'list', request, { trace: TRACE }),
      'list the mailbox',
    ).response
    if (messages.length === 0) return ids
    for (const { subject, uid } of messages) {
      const id = subject.replace(/^load /, '')
      ids.set(id, (ids.get(id) ?? 0) + 1)
      beforeUid = Math.min(beforeUid ?? uid, uid)
    }
  }
}
