import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { CONTRACTS, createFigures, type Figures, type Operation, type Request, type Response } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import {
  decodeMessage,
  makeRecord,
  type Name,
  parseName,
  ROOT,
  signMessage,
  TXT,
  updateMessage,
  encodeMessage,
} from '@scop/dns'
import { createPrimary, openZoneStore } from '@scop/dns/node'
import { PipeRefusal } from '@scop/mesh/node'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { primaryHandlers } from '../src/handlers.ts'
import { noteEvent } from '../src/note-event.ts'
import { signerKey } from '../src/signer-key.ts'

type Op = Exclude<Operation<'dns-primary'>, 'health' | 'metrics'>
type Started = {
  readonly ask: <O extends Op>(operation: O, request: Request<'dns-primary', O>) => Promise<Response<'dns-primary', O>>
  /** The response code to an update of one TXT record. */
  readonly update: (owner: string) => number
  readonly figures: Figures
  readonly lines: readonly string[]
}

const SECRET = { name: 'signer._update.one', algorithm: 'hmac-sha256', secret: new Uint8Array(32).toBase64() } as const
const TEXT = '$TTL 60\n@ SOA ns root 7 7200 900 1209600 300\n@ NS ns\nns A 127.0.0.1\n'
const BECAUSE = { author: 'root', reason: 'test' }
const name = (text: string): Name => expectOk(parseName(text, ROOT), 'read')

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'scop-primary-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return join(directory, 'zones.sqlite')
}

function start(t: TestContext, path = temporary(t)): Started {
  const { key, grant } = expectOk(signerKey(SECRET), 'read the key')
  const store = openZoneStore(path)
  t.after(() => store.close())
  const figures = createFigures()
  const lines: string[] = []
  const note = (event: string, facts: object = {}): void => void lines.push(`${event} ${JSON.stringify(facts)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const onEvent = (event: Parameters<typeof noteEvent>[0]): void => noteEvent(event, log, figures)
  const primary = expectOk(createPrimary({ store, keys: [key], grants: [grant], onEvent }), 'load')
  const handlers = primaryHandlers({ primary, log, figures, now: () => 0 })
  return {
    ask: async (operation, request) => {
      const call = { peer: 'operator', trace: '', request, octets: [], tail: async () => undefined }
      // as: one call of the union, as the pipe makes it once the contract has checked the request
      const answer = await (handlers[operation] as (call: object) => Promise<{ response: never }>)(call)
      return answer.response
    },
    update: (owner) => {
      const record = makeRecord(TXT, name(owner), 60, { strings: [new Uint8Array(2)] })
      const { octets } = encodeMessage(updateMessage(1, name('one.example'), [], [record]))
      const signed = signMessage(octets, key, { now: 1000 })
      const peer = { address: '127.0.0.1', port: 9 }
      const reply = primary.handle({ octets: signed.octets, transport: 'tcp', peer, now: 1000 })
      return expectOk(decodeMessage(reply instanceof Uint8Array ? reply : new Uint8Array(0)), 'decode').rcode
    },
    figures,
    lines,
  }
}

const refusal = (kind: string, reason?: RegExp) => (error: unknown) =>
  error instanceof PipeRefusal && error.kind === kind && (reason?.test(error.message) ?? true)

test('adds, shows, lists and removes zones', async (t) => {
  const { ask, lines, figures } = start(t)
  assert.deepEqual(await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE }), { serial: 7 })
  assert.deepEqual(await ask('list-zones', {}), { zones: [{ zone: 'one.example', serial: 7, records: 3 }] })
  const shown = await ask('show-zone', { zone: 'One.Example.' })
  assert.match(shown.text ?? '', /^\$ORIGIN one\.example\.\n@\t60\tIN\tSOA\t/)
  assert.deepEqual(await ask('remove-zone', { zone: 'one.example', ...BECAUSE }), { removed: true })
  assert.deepEqual(await ask('remove-zone', { zone: 'one.example', ...BECAUSE }), { removed: false })
  assert.deepEqual(await ask('show-zone', { zone: 'one.example' }), {})
  assert.deepEqual(await ask('add-zone', { zone: 'one.example', text: shown.text ?? '', ...BECAUSE }), { serial: 7 })
  assert.equal(lines.filter((line) => line.includes('"author":"root"')).length, 3)
  assert.equal(figures.snapshot()['zones_added_total'], 2)
})

test('refuses with a kind, and says where a zone file is wrong', async (t) => {
  const { ask } = start(t)
  const add = (zone: string, text: string) => ask('add-zone', { zone, text, ...BECAUSE })
  await assert.rejects(
    add('one.example', `${TEXT}x A 1.2.3\n`),
    refusal('bad-zone', /one\.example\.:5:5: not-an-address "1\.2\.3"/),
  )
  await assert.rejects(add('one.example', ''), refusal('bad-zone', /no-soa/))
  await assert.rejects(add('a..b', TEXT), refusal('bad-request'))
  await add('one.example', TEXT)
  await assert.rejects(add('ONE.example', TEXT), refusal('exists'))
  await assert.rejects(ask('show-zone', { zone: 'x'.repeat(64) }), refusal('bad-request'))
})

test('the signer changes keys and nothing else; what it changed is there after a restart', async (t) => {
  const path = temporary(t)
  const { ask, update, lines, figures } = start(t, path)
  await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  assert.equal(update('s1._domainkey.one.example'), 0)
  assert.equal(update('_domainkey.one.example'), 5)
  assert.equal(update('one.example'), 5)
  assert.equal(update('s1._domainkey.two.example'), 10)
  assert.deepEqual(await start(t, path).ask('list-zones', {}), {
    zones: [{ zone: 'one.example', serial: 8, records: 4 }],
  })
  assert.ok(lines.some((line) => line.startsWith('zone updated') && line.includes('s1._domainkey.one.example. TXT')))
  assert.deepEqual([figures.snapshot()['updates_total'], figures.snapshot()['answers_refused_total']], [1, 2])
})

test('a key that cannot be one stops the start', () => {
  for (const bad of [{ name: 'a..b' }, { secret: '!' }, { secret: new Uint8Array(31).toBase64() }]) {
    assert.equal(signerKey({ ...SECRET, ...bad }).ok, false)
  }
})

test('every operation that may be called has a handler', () => {
  const accepted = privileges.accepts.flatMap(({ operations }) => operations)
  for (const operation of accepted) assert.ok(operation in CONTRACTS['dns-primary'])
})
