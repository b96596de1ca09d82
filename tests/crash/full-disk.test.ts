// A disk that fills up under load: what cannot be kept is refused for now, nothing accepted is lost, and all is well
// again when there is room. On a small tmpfs, so that no other file system is filled.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inbox, queueEmpty } from '../harness/inbox.ts'
import { type Job, makeMessage, sendAll } from '../harness/smtp-load.ts'

const TRACE = '0000000000000000'

/** Mounts a tmpfs at `place`; says why not where it cannot. */
function mount(place: string, mebibytes: number): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount a small file system'
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', place], { stdio: 'pipe' })
  } catch (error) {
    return `a tmpfs cannot be mounted here: ${error instanceof Error ? error.message : ''}`
  }
  return undefined
}

async function clearAway(bottle: TestBottle, mounted: string, directory: string): Promise<void> {
  await bottle.stop()
  execFileSync('umount', ['-l', mounted])
  rmSync(directory, { recursive: true, force: true })
}

/** Takes all that is left, to the last octet; undone by removing the file. */
function fill(file: string): void {
  const chunk = Buffer.alloc(1024 * 1024)
  const to = openSync(file, 'w')
  for (let octets = chunk.length; octets >= 512; ) {
    try {
      writeSync(to, chunk.subarray(0, octets))
    } catch {
      octets /= 2
    }
  }
  closeSync(to)
}

class Ledger {
  readonly accepted = new Set<string>()
  readonly refused = new Map<string, number>()
  #made = 0

  /** Sends so many; answers how many were accepted. */
  async send(bottle: TestBottle, listener: 'smtp' | 'submissions', count: number, octets = 4096): Promise<number> {
    const before = this.accepted.size
    const { address, port } = bottle.configuration.listen[listener]
    const sender = listener === 'smtp' ? 'stranger@elsewhere.example' : bottle.account
    const jobs = Array.from({ length: count }, (): Job => {
      const id = `full-${this.#made++}`
      return { id, sender, recipient: bottle.account, octets: makeMessage(id, sender, bottle.account, octets) }
    })
    const login = { username: bottle.account, password: bottle.password }
    const target = { host: address, port, tls: listener === 'smtp' ? ('none' as const) : ('implicit' as const) }
    await sendAll(listener === 'smtp' ? target : { ...target, login }, jobs, 2, ({ id, reply }) => {
      if (reply.startsWith('250')) this.accepted.add(id)
      else this.refused.set(reply.slice(0, 9), (this.refused.get(reply.slice(0, 9)) ?? 0) + 1)
    })
    return this.accepted.size - before
  }

  /** Sends until one is accepted: the free space is not measured for every message. */
  async untilTaken(bottle: TestBottle, listener: 'smtp' | 'submissions'): Promise<void> {
    for (let tries = 0; (await this.send(bottle, listener, 1)) === 0; tries++) {
      assert.ok(tries < 100, 'nothing is taken although there is room')
      await sleep(100)
    }
  }

  async assertDelivered(t: TestContext, bottle: TestBottle): Promise<void> {
    await queueEmpty(bottle)
    const subjects = (await inbox(bottle)).map(({ subject }) => subject.replace(/^load /, ''))
    const lost = [...this.accepted].filter((id) => !subjects.includes(id))
    const refusals = [...this.refused].map(([reply, times]) => `${times} × ${reply}`).join(', ')
    t.diagnostic(`${this.accepted.size} accepted, ${lost.length} lost; refused: ${refusals}`)
    assert.deepEqual(lost, [])
    assert.equal(subjects.length, new Set(subjects).size, 'delivered twice')
    for (const reply of this.refused.keys()) assert.match(reply, /^45[12] 4\./)
  }
}

async function assertUnharmed(bottle: TestBottle): Promise<void> {
  const { services } = expectOk(
    await bottle.calls.call('supervisor', 'status', {}, { trace: TRACE }),
    'status',
  ).response
  assert.deepEqual(
    services.filter(({ state, restarts }) => state !== 'running' || restarts > 0),
    [],
  )
}

test('the whole home is full', { timeout: 90_000 }, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-full-'))
  const refusal = mount(directory, 64)
  if (refusal !== undefined) return t.skip(refusal)
  const bottle = await startTestBottle({ domain: 'full.example', name: 'alice', address: '127.0.46.1', directory })
  t.after(() => clearAway(bottle, directory, directory))
  const ledger = new Ledger()
  assert.equal(await ledger.send(bottle, 'submissions', 20), 20)
  assert.equal(await ledger.send(bottle, 'smtp', 20), 20)

  await t.test('messages fill it', async () => {
    // Files, not rows: each is larger than what the database takes.
    let taken = 0
    for (let round = 0; round < 20; round++) {
      const now = await ledger.send(bottle, 'smtp', 8, 1024 * 1024)
      taken += now
      if (now === 0) break
    }
    assert.ok(taken > 5 && ledger.refused.size > 0, `${taken} taken`)
  })
  const filler = path.join(directory, 'filler')
  await t.test('nothing at all is left', async () => {
    fill(filler)
    await sleep(1500)
    const refused = ledger.refused.size
    assert.equal(await ledger.send(bottle, 'submissions', 10), 0)
    assert.equal(await ledger.send(bottle, 'smtp', 10), 0)
    assert.ok(ledger.refused.size >= refused)
    await assertUnharmed(bottle)
  })
  await t.test('there is room again', async () => {
    rmSync(filler)
    for (const { uid, octets } of await inbox(bottle)) {
      if (octets < 1024 * 1024) continue
      const where = { account: bottle.account, mailbox: 'INBOX', uid }
      const [gone] = (await inbox(bottle)).filter((letter) => letter.uid === uid)
      ledger.accepted.delete(gone?.subject.replace(/^load /, '') ?? '') // it was there, and we delete it
      expectOk(await bottle.calls.call('mailbox', 'delete', where, { trace: TRACE }), 'delete')
    }
    await ledger.untilTaken(bottle, 'submissions')
    await ledger.untilTaken(bottle, 'smtp')
    assert.equal(await ledger.send(bottle, 'submissions', 10), 10)
    assert.equal(await ledger.send(bottle, 'smtp', 10), 10)
  })
  await ledger.assertDelivered(t, bottle)
  await assertUnharmed(bottle)
})

test('the mailbox alone is full: ours wait in the queue, strangers come again', { timeout: 90_000 }, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-full-'))
  const data = path.join(directory, 'data', 'mailbox')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const refusal = mount(data, 24)
  if (refusal !== undefined) return t.skip(refusal)
  const bottle = await startTestBottle({ domain: 'box.example', name: 'alice', address: '127.0.46.2', directory })
  t.after(() => clearAway(bottle, data, directory))
  const ledger = new Ledger()
  assert.equal(await ledger.send(bottle, 'smtp', 5), 5)
  const filler = path.join(data, 'filler')
  fill(filler)
  await sleep(1500)
  assert.equal(await ledger.send(bottle, 'smtp', 5), 0)
  assert.equal(await ledger.send(bottle, 'submissions', 5), 5)
  await sleep(500)
  const queued = expectOk(await bottle.calls.call('relay', 'queue-list', { limit: 10 }, { trace: TRACE }), 'list')
  assert.equal(queued.response.total, 5)
  rmSync(filler)
  await ledger.untilTaken(bottle, 'smtp')
  await ledger.assertDelivered(t, bottle)
  await assertUnharmed(bottle)
})
