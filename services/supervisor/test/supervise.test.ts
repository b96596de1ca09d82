// The supervisor with services that are real processes: permissions, restarts, certificates, drain.

import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Privileges, ServiceName } from '@scop/bottle'
import { type Home, initHome, openHome, operatorCalls } from '@scop/bottle/home'
import type { Calls } from '@scop/bottle/node'
import { loadAuthority } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import { openLogFile } from '../src/log-file.ts'
import { type Bottle, supervise } from '../src/supervise.ts'

const TRACE = { trace: 'test' }
const BASE: Omit<Privileges, 'service'> = {
  duty: 'tests',
  listens: [],
  accepts: [],
  calls: [],
  reaches: [],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 64, openFiles: 128 },
  thief: 'nothing',
}
const program = (name: string): string => fileURLToPath(new URL(`programs/${name}/src/main.ts`, import.meta.url))
const SUBMISSION = { privileges: { ...BASE, service: 'submission' as const }, program: program('submission') }
const RECEIVER = {
  privileges: {
    ...BASE,
    service: 'receiver' as const,
    calls: [{ role: 'submission' as const, operations: [] }],
    secrets: ['tls-certificate' as const],
  },
  program: program('receiver'),
}
const BROKEN = { privileges: { ...BASE, service: 'submission' as const }, program: program('broken') }

type Running = {
  readonly bottle: Bottle
  readonly home: Home
  readonly calls: Calls
  readonly progress: string[]
  readonly stopAsked: () => number
}

async function run(
  t: TestContext,
  services: Parameters<typeof supervise>[0]['services'],
  certificateSeconds = 600,
): Promise<Running> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-sup-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const choices = {
    bottle: 'one',
    hostname: 'mx.one.example',
    address: '127.0.0.1',
    ports: { submissions: 4650, submission: 5870, smtp: 2525, dns: 5300, resolver: 3053 },
    relayPort: 2525,
    allowLoopback: true,
    root: [],
    forward: [],
    zones: {},
  }
  const home = expectOk(await initHome(directory, choices, Date.now()), 'make a home')
  const opened = expectOk(await openHome(directory), 'open it').configuration
  const configuration = { ...opened, supervisor: { ...opened.supervisor, 'certificate-seconds': certificateSeconds } }
  const authority = await loadAuthority({
    keyPem: await readFile(home.authorityKey, 'utf8'),
    certificatePem: await readFile(home.authorityCertificate, 'utf8'),
  })
  const progress: string[] = []
  let stops = 0
  const log = openLogFile(home.log, configuration.supervisor['log-octets'])
  const bottle = await supervise({
    home,
    configuration,
    authority,
    log,
    services,
    onProgress: (service, state) => progress.push(`${service} ${state}`),
    onStop: () => stops++,
  })
  const calls = await operatorCalls(home)
  t.after(async () => {
    await calls.close()
    await bottle.stop()
    log.close()
  })
  return { bottle, home, calls, progress, stopAsked: () => stops }
}

async function statusOf(calls: Calls, name: ServiceName) {
  const { response } = expectOk(await calls.call('supervisor', 'status', {}, TRACE), 'ask the status')
  return response.services.find(({ service }) => service === name) ?? assert.fail(`no ${name}`)
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('services start in order, are confined, come back after kill -9, restart, and drain', async (t) => {
  process.env['SCOP_PROBE'] = 'inherited'
  t.after(() => delete process.env['SCOP_PROBE'])
  const { bottle, home, calls, progress, stopAsked } = await run(t, [RECEIVER, SUBMISSION])
  await bottle.up

  await t.test('the one that is called serves first', () => {
    const running = progress.filter((line) => line.endsWith('running'))
    assert.deepEqual(running, ['submission running', 'receiver running'])
  })

  await t.test('status tells pid, state, memory', async () => {
    const { state, pid = 0, restarts, pssKibibytes = 0 } = await statusOf(calls, 'receiver')
    assert.equal(state, 'running')
    assert.equal(restarts, 0)
    process.kill(pid, 0)
    await access('/proc/self/smaps_rollup').then(
      () => assert.ok(pssKibibytes > 1000),
      () => t.diagnostic('/proc/self/smaps_rollup absent'),
    )
  })

  await t.test('kill -9: it is started again', async () => {
    const before = await statusOf(calls, 'receiver')
    process.kill(before.pid ?? assert.fail('no pid'), 'SIGKILL')
    await until(async () => (await statusOf(calls, 'receiver')).restarts === 1)
    await until(async () => (await statusOf(calls, 'receiver')).state === 'running')
    const after = await statusOf(calls, 'receiver')
    assert.notEqual(after.pid, before.pid)
    assert.equal(after.lastExit, 'SIGKILL')
    const health = expectOk(await calls.call('receiver', 'health', {}, TRACE), 'ask its health')
    assert.equal(health.response.pid, after.pid)
  })

  await t.test('the operator restarts one', async () => {
    const before = await statusOf(calls, 'submission')
    const answer = await calls.call('supervisor', 'restart', { service: 'submission' }, TRACE)
    assert.deepEqual(expectOk(answer, 'restart').response, { restarted: true })
    const after = await statusOf(calls, 'submission')
    assert.equal(after.state, 'running')
    assert.notEqual(after.pid, before.pid)
    const unknown = await calls.call('supervisor', 'restart', { service: 'nobody' }, TRACE)
    assert.equal(unknown.ok ? '' : unknown.error.kind, 'failed')
  })

  await t.test('a service can do what its privileges list, and nothing else', async () => {
    // It was started again after the receiver had written its secret.
    assert.equal(await readFile(path.join(home.data('receiver'), 'secret'), 'utf8'), 'secret')
    const probe: unknown = JSON.parse(await readFile(path.join(home.data('submission'), 'probe.json'), 'utf8'))
    assert.deepEqual(probe, { allowed: ['read own'], openFiles: '128' })
    for (const directory of [home.data('submission'), home.data('receiver'), home.run, home.directory]) {
      assert.equal((await stat(directory)).mode & 0o777, 0o700, directory)
    }
    assert.equal((await stat(path.join(home.data('receiver'), 'secret'))).mode & 0o777, 0o600)
  })

  await t.test('stop is passed on, after its answer', async () => {
    expectOk(await calls.call('supervisor', 'stop', {}, TRACE), 'stop')
    await until(() => stopAsked() === 1)
  })

  await t.test('the caller drains before the one that it calls', async () => {
    progress.length = 0
    await bottle.stop()
    assert.deepEqual(progress, ['receiver stopping', 'receiver stopped', 'submission stopping', 'submission stopped'])
  })

  await t.test('the log has every line in the name of its writer', async () => {
    const log = (await readFile(home.log, 'utf8')).trimEnd().split('\n')
    const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>) // as: objects, by the log's own law
    assert.ok(lines.some(({ service, msg }) => service === 'submission' && msg === 'my last words'))
    assert.ok(lines.some(({ service, text }) => service === 'submission' && text === 'not a line of the log'))
    assert.ok(!lines.some(({ service, msg }) => service === 'receiver' && msg === 'in the name of another'))
    assert.ok(lines.some(({ of, detail }) => of === 'receiver' && detail === 'SIGKILL'))
  })
})

test('a service that cannot start says why, and the bottle does not come up', async (t) => {
  const { bottle, progress } = await run(t, [BROKEN])
  await assert.rejects(bottle.up, /submission: the port is taken/)
  assert.ok(progress.filter((line) => line === 'submission backing-off').length >= 3)
  await bottle.stop()
})

test('certificates are renewed before they end: the pipes outlive the first ones', async (t) => {
  const { bottle, home } = await run(t, [RECEIVER], 4)
  await bottle.up
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const calls = await operatorCalls(home) // new connections, to be shown the certificates of now
  t.after(() => calls.close())
  for (const answer of [
    await calls.call('receiver', 'health', {}, TRACE),
    await calls.call('supervisor', 'status', {}, TRACE),
  ]) {
    assert.equal(answer.ok || answer.error.reason, true)
  }
})
