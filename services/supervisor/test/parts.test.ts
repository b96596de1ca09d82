// The parts of the supervisor that need no process.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { type Privileges, SERVICES } from '@scop/bottle'
import { readFromService } from '../src/from-service.ts'
import { openLogFile } from '../src/log-file.ts'
import { LineCutter, ownLine } from '../src/log-lines.ts'
import { parsePss } from '../src/memory.ts'
import { runtimeArguments } from '../src/permissions.ts'
import { afterEnd } from '../src/restart-policy.ts'
import { startsAfter, stopsAfter } from '../src/start-order.ts'

const HEARD: readonly unknown[] = [
  { kind: 'hello' },
  { kind: 'ready' },
  { kind: 'certify', publicKey: 'MCowBQYDK2VwAyEA' },
  { kind: 'cannot-start', reason: 'the port is taken' },
]
for (const said of HEARD) test(`hears ${JSON.stringify(said)}`, () => assert.deepEqual(readFromService(said), said))

const IGNORED: readonly unknown[] = [
  undefined,
  null,
  0,
  'hello',
  [],
  {},
  { kind: 'boot' },
  { kind: 'drain' },
  { kind: 'certify' },
  { kind: 'certify', publicKey: 7 },
  { kind: 'certify', publicKey: '' },
  { kind: 'certify', publicKey: 'not base64!' },
  { kind: 'certify', publicKey: 'A'.repeat(1025) },
  { kind: 'cannot-start' },
  { kind: 'cannot-start', reason: {} },
  { kind: 'cannot-start', reason: 'x'.repeat(4097) },
]
for (const said of IGNORED) {
  test(`ignores ${JSON.stringify(said)?.slice(0, 60) ?? 'undefined'}`, () =>
    assert.equal(readFromService(said), undefined))
}

test('what else a service says does not come through', () => {
  assert.deepEqual(readFromService({ kind: 'certify', publicKey: 'AAAA', role: 'operator' }), {
    kind: 'certify',
    publicKey: 'AAAA',
  })
})

test('pauses grow to the longest, and a service that ran long begins anew', () => {
  const policy = { firstMs: 200, longestMs: 1000, longestServedMs: 400, stableMs: 60_000 }
  let state = { failures: 0 }
  const waits: number[] = []
  for (let n = 0; n < 5; n++) {
    const next = afterEnd(state, { ranMs: 10, served: false }, 0.999, policy)
    waits.push(next.waitMs)
    state = next.state
  }
  assert.deepEqual(waits, [200, 400, 800, 1000, 1000])
  assert.equal(afterEnd(state, { ranMs: 60_000, served: true }, 0, policy).waitMs, 100)
  assert.equal(afterEnd(state, { ranMs: 10, served: true }, 0.999, policy).waitMs, 400)
  assert.deepEqual(afterEnd(state, { ranMs: 60_000, served: true }, 0, policy).state, { failures: 1 })
  assert.notEqual(
    afterEnd(state, { ranMs: 0, served: false }, 0.1, policy).waitMs,
    afterEnd(state, { ranMs: 0, served: false }, 0.9, policy).waitMs,
  )
})

test('lines are cut at line ends and at their limit', () => {
  const cutter = new LineCutter(8)
  const push = (text: string): string[] => cutter.push(Buffer.from(text))
  assert.deepEqual(push('one\ntw'), ['one'])
  assert.deepEqual(push('o\n\n\n'), ['two'])
  assert.deepEqual(push('12345678\n'), ['12345678'])
  assert.deepEqual(push('123456789 and more'), ['12345678'])
  assert.deepEqual(push(' of the same'), [])
  assert.deepEqual(push('\nnext'), [])
  assert.deepEqual(cutter.end(), ['next'])
  assert.deepEqual(cutter.end(), [])
})

test('a service writes in its own name only', () => {
  const time = '2026-01-01T00:00:00.000Z'
  const own = '{"level":"info","service":"relay","msg":"x"}'
  assert.equal(ownLine('relay', own, 'warn', time), own)
  for (const line of [
    own.replace('relay', 'signer'),
    'text',
    '[]',
    'null',
    '{"msg":1}',
    '{"service":"relay"',
    '\u202e\u009b',
  ]) {
    const value: unknown = JSON.parse(ownLine('relay', line, 'warn', time))
    const text = line.replace('\u202e\u009b', '\\u202e\\u009b')
    assert.deepEqual(value, { level: 'warn', time, service: 'relay', msg: 'wrote', text })
  }
})

test('the log and the one before it stay below their limit; a disk that is full costs lines only', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-log-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const file = path.join(directory, 'scop.jsonl')
  const log = openLogFile(file, 1000)
  for (let n = 0; n < 100; n++) log.write([`line ${n}`, 'x'.repeat(40)])
  const [now, before] = [await readFile(file, 'utf8'), await readFile(`${file}.1`, 'utf8')]
  assert.ok(now.length + before.length <= 1000)
  assert.ok(now.endsWith(`line 99\n${'x'.repeat(40)}\n`))
  assert.ok(before.endsWith('x\n') && now.startsWith('line'), 'cut between lines')
  log.close()
  log.write(['after the end'])
  assert.equal(log.lost, 0)
  const full = openLogFile('/dev/full', 1_000_000)
  full.write(['one', 'two'])
  assert.equal(full.lost, 2)
  full.close()
})

test('reads the proportional set size', () => {
  assert.equal(parsePss('55e0-7ffe ---p [rollup]\nRss:   9000 kB\nPss:   4321 kB\nPss_Dirty: 1 kB\n'), 4321)
  for (const text of ['', 'Rss: 1 kB', 'Pss: x kB', 'SwapPss: 5 kB']) assert.equal(parsePss(text), undefined)
})

test('a process is given its own places and no others', () => {
  const privileges: Privileges = {
    service: 'relay',
    duty: '',
    listens: [],
    accepts: [],
    calls: [],
    reaches: [],
    keepsData: true,
    secrets: [],
    limits: { heapMebibytes: 77, openFiles: 5 },
    thief: '',
  }
  const places = {
    program: '/r/services/relay/src/main.ts',
    libraries: ['/r/libs'],
    dataDirectory: '/h/data/relay',
    pipe: '/h/run/relay.sock',
    files: ['/etc/authorities.pem'],
  }
  const fs = (list: readonly string[]): string[] => list.filter((argument) => argument.startsWith('--allow-fs'))
  const all = runtimeArguments(privileges, places)
  assert.ok(all.includes('--permission') && all.includes('--max-old-space-size=77'))
  assert.deepEqual(fs(all), [
    '--allow-fs-read=/r/services/relay/*',
    '--allow-fs-read=/r/libs/*',
    '--allow-fs-read=/etc/authorities.pem',
    '--allow-fs-read=/h/data/relay',
    '--allow-fs-read=/h/data/relay/*',
    '--allow-fs-write=/h/run/relay.sock',
    '--allow-fs-write=/h/data/relay',
    '--allow-fs-write=/h/data/relay/*',
  ])
  const without = runtimeArguments({ ...privileges, keepsData: false }, places)
  assert.ok(!without.some((argument) => argument.includes('/h/data')))
  for (const argument of all) {
    assert.doesNotMatch(argument, /child-process|worker|addons|wasi|ffi|inspector/)
  }
  const stripped = runtimeArguments(privileges, { ...places, stripped: '/h/cache/stripped' })
  const more = stripped.filter((argument) => !all.includes(argument))
  assert.deepEqual(more, ['--allow-fs-read=/h/cache/stripped/*', '--import=file:///h/cache/stripped/loader.mjs'])
  const profiled = runtimeArguments(privileges, { ...places, profiles: '/tmp/p' })
  assert.deepEqual(
    profiled.filter((argument) => !all.includes(argument)),
    ['--allow-inspector', '--cpu-prof', '--cpu-prof-dir=/tmp/p', '--cpu-prof-name=relay.cpuprofile'],
  )
})

test('whom a service calls starts before it and stops after it, and nobody waits in a circle', async () => {
  const all: Privileges[] = []
  for (const service of SERVICES) {
    const { privileges } = (await import(`@scop/service-${service}/privileges`)) as { privileges: Privileges } // as: the file's only export
    all.push(privileges)
  }
  for (const privileges of all) {
    const own = SERVICES.indexOf(privileges.service)
    for (const other of startsAfter(privileges)) assert.ok(SERVICES.indexOf(other) < own)
    for (const other of stopsAfter(privileges.service, all)) assert.ok(SERVICES.indexOf(other) > own)
  }
  assert.ok(stopsAfter('mailbox', all).includes('relay'))
})
