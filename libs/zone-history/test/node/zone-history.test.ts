import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import {
  editZone,
  encodeRdata,
  formatZone,
  makeRecord,
  type Name,
  parseName,
  parseZone,
  ROOT,
  SOA,
  soaRecord,
  TXT,
  type Zone,
} from '@scop/dns'
import { type Change, createPrimary, openZoneStore, type Primary, type ZoneStore } from '@scop/dns/node'
import { encodeUtf8 } from '@scop/octets'
import { expectOk, ok, type Result } from '@scop/result'
import type { HistoryLimits } from '../../src/index.ts'
import { openZoneHistory, type ZoneHistory } from '../../src/node/index.ts'

const name = (text: string): Name => expectOk(parseName(text, ROOT), 'read')
const ORIGIN = name('example.org')
const zoneOf = (origin: Name): Zone =>
  expectOk(parseZone('$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n', origin), 'read')
const by = (author: string, reason = 'a reason') => ({ author, reason, atMs: 1_700_000_000_000 })

type Setting = {
  readonly primary: Primary
  readonly git: (...args: readonly string[]) => string
  readonly path: string
} & {
  readonly open: (limits?: Partial<HistoryLimits>) => Promise<ZoneHistory>
}

async function withPrimary(work: (setting: Setting) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'history-'))
  const store = openZoneStore(path.join(directory, 'zones.sqlite'), { snapshotChanges: 1000 })
  const gitdir = path.join(directory, 'zones.git')
  let history: ZoneHistory | undefined
  const primary = expectOk(
    createPrimary({ store, keys: [], grants: [], onEvent: (event) => history?.note(event) }),
    'open the primary',
  )
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: gitdir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const open = async (limits: Partial<HistoryLimits> = {}): Promise<ZoneHistory> => {
      history = await openHistory(gitdir, primary, store, limits)
      return history
    }
    await work({ primary, git, open, path: gitdir })
  } finally {
    await history?.close()
    store.close()
    rmSync(directory, { recursive: true })
  }
}

function openHistory(gitdir: string, primary: Primary, store: ZoneStore, limits: Partial<HistoryLimits>) {
  return openZoneHistory({
    path: gitdir,
    source: { zones: () => primary.zones(), changesSince: (origin, serial) => store.changesSince(origin, serial) },
    randomOctets: (count) => randomBytes(count),
    limits: { restFactor: 0, ...limits },
    onTrouble: (error) => assert.fail(String(error)),
  })
}

/** The next version, with another text at one name. */
const texted =
  (label: string, text: string) =>
  (zone: Zone): Result<Change, { readonly kind: string }> => {
    const editor = editZone(zone)
    editor.add(makeRecord(TXT, name(`${label}.example.org`), 60, { strings: [encodeUtf8(text)] }))
    editor.remove(soaRecord(zone))
    const serial = zone.soa.serial + 1
    editor.add({ ...soaRecord(zone), rdata: encodeRdata(SOA, { ...zone.soa, serial }) })
    const next = editor.finish()
    return next.ok
      ? ok({ zone: next.value, diff: { fromSerial: serial - 1, toSerial: serial, ...editor.diff() } })
      : next
  }
const subjects = (git: Setting['git']): readonly string[] => git('log', '--format=%an|%s', 'main').trim().split('\n')
const serialsIn = (git: Setting['git']): readonly number[] =>
  [...git('log', '--format=%B', 'main').matchAll(/^(?:example\.org )?(\d+): /gm)].map(([, serial]) => Number(serial))

test('each change is a commit by its author, and stock git reads them', async () => {
  await withPrimary(async ({ primary, git, open, path: gitdir }) => {
    const history = await open()
    primary.addZone(zoneOf(ORIGIN), by('operator', 'begin'))
    await history.settled()
    for (const [author, text] of [
      ['one.key.', 'a'],
      ['two.key.', 'b'],
      ['one.key.', 'c'],
    ] as const) {
      expectOk(primary.change(ORIGIN, by(author, `UPDATE of\n${text}`), texted('t', text)), 'change')
      await history.settled()
    }
    assert.deepEqual(subjects(git), [
      'one.key.|example.org 4: UPDATE of c',
      'two.key.|example.org 3: UPDATE of b',
      'one.key.|example.org 2: UPDATE of a',
      'operator|example.org 1: begin',
    ])
    assert.equal(git('show', 'main:example.org.zone'), formatZone(primary.zone(ORIGIN) ?? zoneOf(ORIGIN)))
    const diff = git('diff', 'main~1', 'main')
    assert.match(diff, /^\+\t60\tIN\tTXT\t"c"$/m)
    assert.equal(diff.split('\n').filter((line) => /^[+-][^+-]/.test(line)).length, 3)
    assert.match(git('fsck', '--strict', '--full'), /^$/)
    const clone = `${gitdir}-clone`
    git('clone', '-q', gitdir, clone)
    rmSync(clone, { recursive: true })
    const entries = await history.log(ORIGIN, 2)
    assert.deepEqual(
      entries.map(({ author, message }) => `${author}|${message}`),
      ['one.key.|example.org 4: UPDATE of c\n', 'two.key.|example.org 3: UPDATE of b\n'],
    )
  })
})

test('what happened while nobody wrote is caught up with, change by change', async () => {
  await withPrimary(async ({ primary, git, open }) => {
    const first = await open()
    primary.addZone(zoneOf(ORIGIN), by('operator', 'begin'))
    await first.settled()
    await first.close()
    for (let i = 0; i < 3; i++) expectOk(primary.change(ORIGIN, by(`k${i}`), texted('t', String(i))), 'change')
    assert.deepEqual(serialsIn(git), [1])
    const again = await open()
    await again.settled()
    assert.deepEqual(serialsIn(git), [4, 3, 2, 1])
    assert.equal(subjects(git)[0], 'k2|example.org 4: a reason')
    await again.close()
    // And nothing is written when there is nothing new.
    const once = await open()
    await once.settled()
    assert.equal(subjects(git).length, 4)
  })
})

test('under load one commit takes many changes of one author, and names each serial', async () => {
  await withPrimary(async ({ primary, git, open }) => {
    const history = await open({ changesPerCommit: 20 })
    primary.addZone(zoneOf(ORIGIN), by('operator', 'begin'))
    for (let i = 0; i < 60; i++) {
      expectOk(primary.change(ORIGIN, by(i < 30 ? 'one.key.' : 'two.key.'), texted('t', String(i))), 'change')
    }
    await history.settled()
    assert.ok(subjects(git).length < 20, `${subjects(git).length} commits`)
    assert.deepEqual(
      serialsIn(git).toSorted((a, b) => a - b),
      Array.from({ length: 61 }, (_, i) => i + 1),
    )
    assert.equal(git('show', 'main:example.org.zone'), formatZone(primary.zone(ORIGIN) ?? zoneOf(ORIGIN)))
    for (const line of git('log', '--format=%an|%b', 'main').split('\n\n')) assert.ok(!/one[^]*two/.test(line))
  })
})

test('any state is found again, by its commit alone', async () => {
  await withPrimary(async ({ primary, git, open }) => {
    const history = await open()
    primary.addZone(zoneOf(ORIGIN), by('operator', 'begin'))
    for (const text of ['a', 'b', 'c']) {
      expectOk(primary.change(ORIGIN, by('one.key.'), texted(text, text)), 'change')
      await history.settled()
    }
    const [, , old] = git('log', '--format=%h', 'main').trim().split('\n')
    const then = expectOk(await history.zoneAt(ORIGIN, old ?? ''), 'read')
    assert.equal(then.soa.serial, 2)
    assert.equal(formatZone(then), git('show', `${old}:example.org.zone`))
    assert.deepEqual(await history.zoneAt(ORIGIN, '1234567'), {
      ok: false,
      error: { kind: 'no-such-commit', commit: '1234567' },
    })
    assert.deepEqual(await history.zoneAt(ORIGIN, 'HEAD'), {
      ok: false,
      error: { kind: 'no-such-commit', commit: 'HEAD' },
    })
    assert.deepEqual(await history.zoneAt(name('example.net'), old ?? ''), {
      ok: false,
      error: { kind: 'no-such-zone' },
    })
  })
})

test('zones that go are removed, also when nobody wrote; zones that come again begin anew', async () => {
  await withPrimary(async ({ primary, git, open }) => {
    const other = name('other.test')
    const history = await open()
    for (const origin of [ORIGIN, other]) primary.addZone(zoneOf(origin), by('operator'))
    await history.settled()
    primary.removeZone(other, by('operator', 'no more'))
    await history.settled()
    assert.equal(git('ls-tree', '--name-only', 'main'), 'example.org.zone\n')
    assert.equal(subjects(git)[0], 'operator|other.test: no more')
    primary.addZone(zoneOf(other), by('operator', 'again'))
    await history.settled()
    assert.equal(git('ls-tree', '--name-only', 'main'), 'example.org.zone\nother.test.zone\n')
    await history.close()
    for (const origin of [ORIGIN, other]) primary.removeZone(origin, by('operator'))
    const again = await open()
    await again.settled()
    assert.equal(git('ls-tree', '--name-only', 'main'), '')
  })
})

test('an author that Git would misread is written as it can be', async () => {
  await withPrimary(async ({ primary, git, open }) => {
    const history = await open()
    primary.addZone(zoneOf(ORIGIN), by('eve <root@example.org>\nauthor', 'a\r\nb\u0000c'))
    await history.settled()
    assert.deepEqual(subjects(git), ['eve root@example.org author|example.org 1: a b c'])
    assert.match(git('fsck', '--strict'), /^$/)
  })
})

test('another hand on the branch loses nothing of ours', async () => {
  await withPrimary(async ({ primary, git, open, path: gitdir }) => {
    const history = await open()
    primary.addZone(zoneOf(ORIGIN), by('operator'))
    await history.settled()
    const clone = `${gitdir}-clone`
    git('clone', '-q', gitdir, clone)
    writeFileSync(path.join(clone, 'README'), 'notes\n')
    const inClone = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', clone, ...args], { encoding: 'utf8', stdio: 'pipe' })
    inClone('add', '.')
    inClone('-c', 'user.name=n', '-c', 'user.email=e', 'commit', '-qm', 'notes')
    inClone('push', '-q', 'origin', 'main')
    rmSync(clone, { recursive: true })
    expectOk(primary.change(ORIGIN, by('one.key.'), texted('t', 'x')), 'change')
    await history.settled()
    assert.deepEqual(
      subjects(git).map((line) => line.split('|')[1]),
      ['example.org 2: a reason', 'notes', 'example.org 1: a reason'],
    )
    assert.equal(git('ls-tree', '--name-only', 'main'), 'README\nexample.org.zone\n')
  })
})

test('kill -9 at any moment: every serial is named once, and stock git finds nothing wrong', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'history-'))
  try {
    const file = path.join(directory, 'zones.sqlite')
    const store = openZoneStore(file)
    store.create(zoneOf(ORIGIN), by('operator', 'begin'))
    const gitdir = path.join(directory, 'zones.git')
    const first = await openHistory(gitdir, expectOk(createPrimary({ store, keys: [], grants: [] }), 'open'), store, {})
    await first.settled()
    store.close()
    for (const pauseMs of [0, 40, 150, 300]) {
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'changer.ts'), directory])
      child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), pauseMs))
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      const signal = await new Promise((resolve) => child.on('close', (_, by_) => resolve(by_)))
      assert.equal(signal, 'SIGKILL', said)
    }
    const again = openZoneStore(file)
    const primary = expectOk(createPrimary({ store: again, keys: [], grants: [] }), 'open')
    const history = await openHistory(gitdir, primary, again, { staleLockMs: 50 })
    await history.settled()
    await history.close()
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: gitdir, encoding: 'utf8', stdio: 'pipe' })
    const zone = primary.zone(ORIGIN)
    assert.ok(zone !== undefined && zone.soa.serial > 5)
    assert.deepEqual(
      serialsIn(git).toSorted((a, b) => a - b),
      Array.from({ length: zone.soa.serial }, (_, i) => i + 1),
    )
    assert.equal(git('show', 'main:example.org.zone'), formatZone(zone))
    assert.match(git('fsck', '--full').replace(/^dangling .*\n/gm, ''), /^$/)
    again.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
})
