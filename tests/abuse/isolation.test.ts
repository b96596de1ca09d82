// What each service's process may do to the machine, seen from outside: the flags that it was started with are those
// that its privileges imply, and a probe started with the very same flags gets nowhere.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Privileges, SERVICES, type ServiceName } from '@scop/bottle'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'

const TRACE = '0000000000000000'
const LINUX = process.platform === 'linux' ? undefined : 'needs /proc'
let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({ domain: 'isolated.example', name: 'alice', address: '127.0.44.1' })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

async function privilegesOf(service: ServiceName): Promise<Privileges> {
  const module: unknown = await import(`@scop/service-${service}/privileges`)
  return (module as { readonly privileges: Privileges }).privileges // as: what each of these files exports
}

/** A running service shows its title and no longer its arguments, so they are read while it starts again. */
async function argumentsOf(service: ServiceName): Promise<readonly string[]> {
  const restarting = bottle.calls.call('supervisor', 'restart', { service }, { trace: TRACE })
  let found: readonly string[] | undefined
  for (const until = performance.now() + 20_000; found === undefined && performance.now() < until; await sleep(2)) {
    found = children(bottle.running.pid)
      .map(commandLine)
      .find(
        ([program, ...rest]) => program?.endsWith('node') === true && rest.at(-1)?.includes(`/services/${service}/`),
      )
  }
  expectOk(await restarting, `restart ${service}`)
  assert.ok(found, `the arguments of ${service} were not seen`)
  return found
}

const children = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
const commandLine = (pid: number): readonly string[] => read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // it has just ended
  }
}

/** Tries everything, and says what succeeded. */
const PROBE = `
const fs = require('node:fs')
const places = JSON.parse(process.argv[1])
const did = []
const attempt = (what, act) => { try { act(); did.push(what) } catch {} }
for (const place of places.others) {
  attempt('list ' + place, () => fs.readdirSync(place))
  attempt('write ' + place, () => fs.writeFileSync(place + '/probe', 'x'))
}
for (const file of places.files) {
  attempt('read ' + file, () => fs.readFileSync(file))
  attempt('change ' + file, () => fs.appendFileSync(file, ''))
}
attempt('list own', () => fs.readdirSync(places.own))
attempt('write own', () => { fs.writeFileSync(places.own + '/probe', 'x'); fs.unlinkSync(places.own + '/probe') })
attempt('link from own', () => fs.symlinkSync('/etc', places.own + '/probe-link'))
attempt('write tmp', () => fs.writeFileSync('/tmp/scop-isolation-probe', 'x'))
attempt('write its program', () => fs.appendFileSync(places.program, ''))
attempt('child', () => { const ran = require('node:child_process').spawnSync('/bin/true'); if (ran.error) throw ran.error })
attempt('worker', () => new (require('node:worker_threads').Worker)('', { eval: true }).terminate())
attempt('addon', () => process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6'))
attempt('wasi', () => new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }))
attempt('kill', () => process.kill(places.supervisor, 'SIGWINCH'))
console.log(JSON.stringify(did))
`

for (const service of SERVICES) {
  test(`${service}: its process has what its privileges say, and no more`, async (t) => {
    if (LINUX !== undefined) return t.skip(LINUX)
    const privileges = await privilegesOf(service)
    const { home } = bottle
    const own = home.data(service)
    const [, ...argv] = await argumentsOf(service)
    const program = argv.at(-1) ?? ''
    const flags = argv.slice(0, -1)

    assert.ok(flags.includes('--permission'))
    assert.deepEqual(
      flags.filter((flag) => flag.startsWith('--allow-') && !/^--allow-(?:net|fs-read=.+|fs-write=.+)$/.test(flag)),
      [],
    )
    const writes = flags.filter((flag) => flag.startsWith('--allow-fs-write=')).map((flag) => flag.slice(17))
    const pipe = home.pipes[service].path
    assert.deepEqual(
      writes.filter((place) => place !== pipe && !place.startsWith(`${own}/`) && place !== own),
      [],
    )
    assert.equal(
      writes.some((place) => place.startsWith(own)),
      privileges.keepsData,
    )
    assert.ok(flags.includes(`--max-old-space-size=${privileges.limits.heapMebibytes}`))
    const pid = await pidOf(service)
    assert.match(read(`/proc/${pid}/limits`), new RegExp(`^Max open files +${privileges.limits.openFiles} `, 'm'))
    assert.match(read(`/proc/${pid}/limits`), /^Max core file size +0 /m)
    assert.equal(statSync(own).mode & 0o777, 0o700)
    assert.equal(statSync(pipe).mode & 0o777, 0o600)
    assert.equal(statSync(path.dirname(pipe)).mode & 0o777, 0o700)

    const places = {
      own,
      program,
      others: SERVICES.filter((other) => other !== service).map((other) => home.data(other)),
      files: [
        home.configuration,
        home.authorityKey,
        home.authorityCertificate,
        home.tlsKey,
        home.tsigKey,
        home.log,
        '/etc/passwd',
        '/proc/self/environ',
      ],
      supervisor: bottle.running.pid,
    }
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...flags,
      '-e',
      PROBE,
      '--',
      JSON.stringify(places),
    ])
    const did: unknown = JSON.parse(stdout)
    // Signals are not the runtime's to refuse: that takes users or namespaces of their own.
    const expected = [...(privileges.keepsData ? ['list own', 'write own'] : []), 'kill']
    assert.deepEqual(did, expected)
    assert.equal(existsSync('/tmp/scop-isolation-probe'), false)
  })
}

test('the probe would tell: without flags it gets far', async () => {
  const places = { own: bottle.home.run, program: '/nowhere/probe', others: [], files: ['/etc/passwd'], supervisor: 0 }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROBE, '--', JSON.stringify(places)])
  rmSync('/tmp/scop-isolation-probe', { force: true })
  rmSync(path.join(bottle.home.run, 'probe-link'), { force: true })
  const did: unknown = JSON.parse(stdout)
  assert.ok(Array.isArray(did))
  for (const what of ['read /etc/passwd', 'list own', 'write own', 'link from own', 'write tmp', 'child', 'worker'])
    assert.ok(did.includes(what), what)
})

test('the home is for its owner alone', (t) => {
  if (LINUX !== undefined) return t.skip(LINUX)
  const { home } = bottle
  assert.equal(statSync(home.directory).mode & 0o077, 0)
  for (const file of [home.authorityKey, home.tlsKey, home.tsigKey]) assert.equal(statSync(file).mode & 0o077, 0, file)
})

async function pidOf(service: ServiceName): Promise<number> {
  const { services } = expectOk(
    await bottle.calls.call('supervisor', 'status', {}, { trace: TRACE }),
    'status',
  ).response
  const pid = services.find((one) => one.service === service)?.pid
  assert.ok(pid !== undefined, `${service} has no process`)
  return pid
}
