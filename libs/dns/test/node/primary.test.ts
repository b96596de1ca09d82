import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { err, expectOk, ok } from '@scop/result'
import {
  decodeMessage,
  editZone,
  encodeMessage,
  findNode,
  formatRcode,
  makeRecord,
  parseRecords,
  type ResourceRecord,
  signMessage,
  SOA,
  TXT,
  updateMessage,
  type Zone,
} from '../../src/index.ts'
import { createPrimary, type OnChange, openZoneStore, type Primary } from '../../src/node/index.ts'
import { exampleZone, KEY, name } from '../example-zone.ts'

const NOW = 1_700_000_000
const BECAUSE = { author: 'operator', reason: 'test', atMs: NOW * 1000 }
const txt = (owner: string, text: string): ResourceRecord =>
  makeRecord(TXT, name(owner), 60, { strings: [new TextEncoder().encode(text)] })

async function withPrimary(
  onChange: OnChange | undefined,
  use: (primary: Primary, reopened: () => Primary) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'primary-'))
  const store = openZoneStore(join(directory, 'zones.sqlite'))
  const open = (): Primary =>
    expectOk(
      createPrimary({
        store,
        keys: [KEY],
        grants: [{ key: KEY.name, names: { kind: 'any' }, types: [TXT.code] }],
        ...(onChange && { onChange }),
      }),
      'open',
    )
  try {
    const primary = open()
    primary.addZone(exampleZone(), BECAUSE)
    await use(primary, open)
  } finally {
    store.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function send(primary: Primary, record: ResourceRecord): Promise<string> {
  const message = encodeMessage(updateMessage(6, name('example.org'), [], [record])).octets
  const { octets } = signMessage(message, KEY, { now: NOW })
  const reply = await primary.handle({ octets, transport: 'tcp', peer: { address: '192.0.2.1', port: 5 }, now: NOW })
  return formatRcode(expectOk(decodeMessage(reply instanceof Uint8Array ? reply : new Uint8Array(0)), 'decode').rcode)
}
const txtOf = (zone: Zone | undefined, owner: string): number | undefined =>
  zone && findNode(zone, name(owner))?.rrsets.get(TXT.code)?.rdatas.length

/** As a signer would: each change carries a record of its own, in the same version. */
const withMark: OnChange = (before, _zone, diff) => {
  const editor = editZone(before)
  for (const record of diff.removed) editor.remove(record)
  for (const record of [...diff.added, txt('mark.example.org', String(diff.toSerial))]) editor.add(record)
  const next = editor.finish()
  return next.ok ? ok({ zone: next.value, diff: { ...diff, ...editor.diff() } }) : err(next.error)
}

test('what goes with a change is in the same version, the same diff and the journal', async () => {
  await withPrimary(withMark, async (primary, reopened) => {
    assert.equal(await send(primary, txt('new.example.org', 'x')), 'NOERROR')
    for (const zone of [primary.zone(name('example.org')), reopened().zone(name('example.org'))]) {
      assert.equal(zone?.soa.serial, 101)
      assert.equal(txtOf(zone, 'new.example.org'), 1)
      assert.equal(txtOf(zone, 'mark.example.org'), 1)
    }
  })
})

test('a change that cannot be signed is not made, and the client hears SERVFAIL', async () => {
  await withPrimary(
    () => err({ kind: 'no-key' }),
    async (primary, reopened) => {
      assert.equal(await send(primary, txt('new.example.org', 'x')), 'SERVFAIL')
      for (const each of [primary, reopened()]) assert.equal(each.zone(name('example.org'))?.soa.serial, 100)
    },
  )
})

test('a zone with signatures that nobody renews takes no update', async () => {
  await withPrimary(undefined, async (primary) => {
    const soa = makeSignature()
    const signed = primary.change(name('example.org'), BECAUSE, (zone) => addTo(zone, soa))
    assert.ok(signed.ok)
    assert.equal(await send(primary, txt('new.example.org', 'x')), 'SERVFAIL')
    const refused = primary.change(name('example.org'), BECAUSE, (zone) => addTo(zone, txt('a.example.org', 'x')))
    assert.deepEqual(!refused.ok && refused.error.kind, 'refused')
    const whole = primary.change(name('example.org'), BECAUSE, (zone) => addTo(zone, txt('a.example.org', 'x')), {
      whole: true,
    })
    assert.ok(whole.ok)
  })
})

test('a change by the operator goes through the same door', async () => {
  await withPrimary(withMark, async (primary, reopened) => {
    const origin = name('example.org')
    const changed = primary.change(origin, BECAUSE, (zone) => addTo(zone, txt('a.example.org', 'x')))
    assert.equal(changed.ok && changed.value?.diff.toSerial, 101)
    assert.equal(txtOf(reopened().zone(origin), 'mark.example.org'), 1)
    assert.deepEqual(
      primary.change(origin, BECAUSE, () => ok(undefined)),
      ok(undefined),
    )
    const none = primary.change(name('example.net'), BECAUSE, () => ok(undefined))
    assert.equal(!none.ok && none.error.kind, 'no-such-zone')
    const no = primary.change(origin, BECAUSE, () => err({ kind: 'because' }))
    assert.deepEqual(!no.ok && no.error, { kind: 'refused', reason: 'because' })
    assert.equal(primary.zone(origin)?.soa.serial, 101)
  })
})

function addTo(zone: Zone, record: ResourceRecord): ReturnType<Parameters<Primary['change']>[2]> {
  const editor = editZone(zone)
  editor.add(record)
  const serial = zone.soa.serial + 1
  editor.remove(soaOf(zone, zone.soa.serial))
  editor.add(soaOf(zone, serial))
  const next = editor.finish()
  if (!next.ok) return next
  return ok({ zone: next.value, diff: { fromSerial: zone.soa.serial, toSerial: serial, ...editor.diff() } })
}

const soaOf = (zone: Zone, serial: number): ResourceRecord =>
  makeRecord(SOA, zone.origin, zone.soaTtlSeconds, { ...zone.soa, serial })

function makeSignature(): ResourceRecord {
  const text = '@ 60 RRSIG SOA 13 2 3600 20300101000000 20200101000000 1 example.org. AAAA\n'
  const [record] = expectOk(parseRecords(text, name('example.org')), 'read')
  assert.ok(record)
  return record
}
