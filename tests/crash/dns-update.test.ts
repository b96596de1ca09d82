// kill -9 of a primary while it takes updates: what was acknowledged is there, and IXFR works from every serial that was.
// SCOP_CRASH_UPDATES sets how many must be acknowledged: 80 in `npm test`, 1000 in `npm run test:crash`; SCOP_CRASH_SEED
// gives the moments of the kills.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeUtf8 } from '@scop/octets'
import {
  applyDiff,
  encodeTransferRequest,
  formatRecord,
  makeRecord,
  type Name,
  parseName,
  parseZone,
  ROOT,
  TXT,
  type TransferOutcome,
  type TsigKey,
  type Zone,
  type ZoneDiff,
  zoneRecords,
} from '@scop/dns'
import { fetchZone, openZoneStore, sendUpdate } from '@scop/dns/node'
import { expectOk, type Result } from '@scop/result'

const WANTED = Number(process.env['SCOP_CRASH_UPDATES'] ?? 80)
const SEED = Number(process.env['SCOP_CRASH_SEED'] ?? Date.now() % 100_000)
const KILLS = Math.ceil(WANTED / 20)
const CLIENTS = 6
const name = (text: string): Name => expectOk(parseName(text, ROOT), 'read')
const ORIGIN = name('crash.test')
const KEY: TsigKey = { name: name('crash.key'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(9) }
const FIRST = expectOk(
  parseZone('@ 60 SOA ns root 1 3600 60 86400 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n', ORIGIN),
  'read the zone',
)
const lines = (zone: Zone): readonly string[] => zoneRecords(zone).map(formatRecord)

test(`kill -9 during ${WANTED} updates loses none, and no serial`, { timeout: 600_000 }, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-crash-dns-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const file = path.join(directory, 'zones.sqlite')
  const store = openZoneStore(file)
  store.create(FIRST, { author: 'test', reason: 'test', atMs: 0 })
  store.close()
  const random = seeded(SEED)
  const server = { address: '127.0.0.1', port: await freePort() }
  const seen = new Set<number>([1])
  const acknowledged = new Set<string>()
  let [made, kills] = [0, 0]
  let over = false
  const client = async (): Promise<void> => {
    while (!over) {
      const id = `u${made++}`
      const record = makeRecord(TXT, name(`${id}.crash.test`), 60, { strings: [encodeUtf8(id)] })
      const sent = await sendUpdate({ server, zone: ORIGIN, updates: [record], key: KEY, timeoutMs: 1000 })
      if (sent.ok) acknowledged.add(id)
      else if (sent.error.kind === 'refused') throw new Error(`refused: ${sent.error.reason}`)
      else await sleep(5)
    }
  }
  /** Serials that somebody has heard of. */
  const watch = async (): Promise<void> => {
    while (!over) {
      const got = await transfer(server, FIRST, 500)
      if (got.ok && 'zone' in got.value) seen.add(got.value.zone.soa.serial)
      await sleep(10)
    }
  }
  let child = await start(t, file, server.port)
  const working = [...Array.from({ length: CLIENTS }, client), watch()]
  while (acknowledged.size < WANTED || kills < KILLS) {
    await sleep(20 + random() * 250)
    await kill(child)
    kills++
    child = await start(t, file, server.port)
  }
  over = true
  await Promise.all(working)
  await kill(child)
  child = await start(t, file, server.port)

  const whole = expectOk(await transfer(server, undefined), 'take the zone')
  assert.ok(whole.kind === 'zone')
  const there = new Set(zoneRecords(whole.zone).map((record) => record.name.key))
  const lost = [...acknowledged].filter((id) => !there.has(name(`${id}.crash.test`).key))
  assert.deepEqual(lost, [])

  // Every version that ever was, by the journal; IXFR from each leads to the last.
  const all = expectOk(await transfer(server, FIRST), 'take all changes')
  const versions = new Map<number, Zone>([[1, FIRST]])
  let version = FIRST
  for (const diff of keptDiffs(file)) {
    version = expectOk(applyDiff(version, diff), `apply the change from ${diff.fromSerial}`)
    versions.set(version.soa.serial, version)
  }
  assert.ok('zone' in all)
  assert.deepEqual(lines(version), lines(whole.zone))
  assert.deepEqual(lines(all.zone), lines(whole.zone))
  const unknown = [...seen].filter((serial) => !versions.has(serial))
  assert.deepEqual(unknown, [], 'a serial was heard of that is no more')
  for (const [serial, before] of versions) {
    if (serial % Math.ceil(versions.size / 200) !== 0 && !seen.has(serial)) continue
    const got = expectOk(await transfer(server, before), `IXFR from ${serial}`)
    if (serial === whole.zone.soa.serial) assert.equal(got.kind, 'up-to-date')
    else {
      assert.ok(got.kind === 'changes' || got.kind === 'zone', got.kind)
      assert.deepEqual(lines(got.zone), lines(whole.zone))
    }
  }
  await kill(child)
  t.diagnostic(
    `seed ${SEED}: ${made} sent, ${acknowledged.size} acknowledged, ${there.size - 2} there, ${kills} kills, ` +
      `${versions.size} versions, ${seen.size} serials heard of, ${lost.length} lost`,
  )
})

function keptDiffs(file: string): readonly ZoneDiff[] {
  const store = openZoneStore(file)
  const changes = store.changesSince(ORIGIN, 1)
  store.close()
  assert.ok(changes !== undefined, 'the journal reaches back to the first serial')
  return changes.map(({ diff }) => diff)
}

async function transfer(
  server: { readonly address: string; readonly port: number },
  before: Zone | undefined,
  timeoutMs = 20_000,
): Promise<Result<TransferOutcome, { readonly kind: string }>> {
  const sent = encodeTransferRequest(
    { id: 7, zone: ORIGIN, transport: 'tcp', key: KEY, ...(before && { before }) },
    Math.floor(Date.now() / 1000),
  )
  return fetchZone({
    server,
    sent,
    now: Date.now,
    timeouts: { connectMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs },
  })
}

async function start(t: TestContext, file: string, port: number): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, 'dns-primary-child.ts')
  const options = ['--disable-warning=ExperimentalWarning', script, file, String(port), KEY.secret.toHex()]
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('close', () => reject(new Error(`the primary did not start: ${said}`)))
  })
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
