// No file descriptors left, in the services that the world reaches and in those that write: no process ends or spins,
// nothing accepted is lost, and sessions work when the storm is over.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inbox, queueEmpty } from '../harness/inbox.ts'
import type { Dialogue } from '../harness/smtp-dialogue.ts'
import { enter, submit, transact } from '../harness/submit.ts'

const TRACE = '0000000000000000'
const PRLIMIT = '/usr/bin/prlimit'
/** Above what an idle service holds; an accepted connection, a blob or a pipe beyond is one too many. */
const SPARE = 12
const STRANGER = 'stranger@elsewhere.example'

test('a storm of connections with few descriptors', { timeout: 90_000 }, async (t) => {
  if (process.platform !== 'linux' || !existsSync(PRLIMIT)) return t.skip('needs /proc and prlimit (util-linux)')
  const bottle = await startTestBottle({ domain: 'files.example', name: 'alice', address: '127.0.45.1' })
  t.after(async () => {
    await bottle.stop()
    rmSync(bottle.home.directory, { recursive: true, force: true })
  })
  const accepted = new Set<string>()
  const take = async (subject: string): Promise<void> => {
    if ((await submit(bottle, bottle.account, subject)).startsWith('250')) accepted.add(subject)
  }
  for (let i = 0; i < 5; i++) await take(`before ${i}`)
  // Pipes open at the first message; a service that has none yet could open none later.
  const stranger = await enter(bottle, 'smtp')
  if ((await fromStranger(bottle, stranger, 'from a stranger')).startsWith('250')) accepted.add('from a stranger')
  stranger.close()
  await queueEmpty(bottle)
  const before = await processes(bottle)
  for (const { service, pid } of before) {
    const held = readdirSync(`/proc/${pid}/fd`).length
    if (['submission', 'receiver', 'relay', 'mailbox'].includes(service)) {
      execFileSync(PRLIMIT, ['--pid', String(pid), `--nofile=${held + SPARE}:${held + SPARE}`])
    }
  }
  // Sessions that were there first go on working while others are turned away.
  const early = await enter(bottle, 'smtp')

  const storm: Socket[] = []
  for (const listener of ['smtp', 'submissions', 'submission'] as const) {
    const { address, port } = bottle.configuration.listen[listener]
    for (let i = 0; i < 150; i++) {
      const socket = connect({ host: address, port, localAddress: `127.0.45.${10 + (i % 40)}` })
      socket.on('error', () => undefined)
      socket.resume()
      storm.push(socket)
    }
  }
  await sleep(1000)
  const cpuBefore = before.map(({ pid }) => cpuSeconds(pid))
  for (let i = 0; i < 6; i++) {
    const subject = `during ${i}`
    assert.match(await early.command('RSET'), /^250/)
    const said = await fromStranger(bottle, early, subject)
    assert.match(said, /^(?:250|45[12]) /)
    if (said.startsWith('250')) accepted.add(subject)
    await sleep(500)
  }
  const spent = before.map(({ service, pid }, i) => ({ service, seconds: cpuSeconds(pid) - (cpuBefore[i] ?? 0) }))
  t.diagnostic(`CPU in the three seconds: ${spent.map(({ service, seconds }) => `${service} ${seconds}`).join(', ')}`)
  for (const { service, seconds } of spent) assert.ok(seconds < 1.5, `${service} spins: ${seconds} s of CPU in three`)

  for (const socket of storm) socket.destroy()
  early.close()
  await sleep(500)
  for (let tries = 0; !accepted.has('after'); tries++) {
    assert.ok(tries < 40, 'nothing is taken after the storm')
    await take('after').catch(() => sleep(250)) // connections of the storm may still be closing
  }
  await queueEmpty(bottle)
  const subjects = (await inbox(bottle)).map(({ subject }) => subject)
  assert.deepEqual(subjects.toSorted(), [...accepted].toSorted())
  t.diagnostic(`${accepted.size} accepted, all delivered, none twice`)
  const after = await processes(bottle)
  assert.deepEqual(after, before, 'a service has ended')
})

function fromStranger(bottle: TestBottle, client: Dialogue, subject: string): Promise<string> {
  const message = `From: <${STRANGER}>\r\nSubject: ${subject}\r\n\r\nx\r\n`
  return transact(client, STRANGER, bottle.account, message)
}

async function processes(bottle: TestBottle): Promise<{ readonly service: string; readonly pid: number }[]> {
  const { services } = expectOk(
    await bottle.calls.call('supervisor', 'status', {}, { trace: TRACE }),
    'status',
  ).response
  return services.map(({ service, pid }) => ({ service, pid: pid ?? 0 }))
}

/** User and system time. proc_pid_stat(5): fields 14 and 15, behind the name, in ticks of a hundredth of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
