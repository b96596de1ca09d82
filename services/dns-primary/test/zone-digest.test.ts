import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { CLASS, encodeRdata, findNode, formatRecord, NSEC3, TXT, type Zone, ZONEMD, zoneRecords } from '@scop/dns'
import { verifyZonemd } from '@scop/dnssec'
import { BECAUSE, nameOf, type Started, startPrimary, temporary } from './primary-fixture.ts'

const ORIGIN = nameOf('one.example')
const TEXT = `$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.1
below NS ns.elsewhere.example.
`
const FALSE_DIGEST = `@ ZONEMD 1 1 1 ${'ab'.repeat(48)}\n`
const PRIVATE_DIGEST = `@ ZONEMD 1 240 1 ${'ab'.repeat(48)}\n`

const served = ({ primary }: Started): Zone => primary.zone(ORIGIN) ?? assert.fail('there is no zone')
const digests = (zone: Zone): number => findNode(zone, ORIGIN)?.rrsets.get(ZONEMD.code)?.rdatas.length ?? 0
const add = (started: Started, text: string): Promise<unknown> =>
  started.ask('add-zone', { zone: 'one.example', text, ...BECAUSE })
const update = (started: Started, selector: string): Promise<number> => {
  const rdata = encodeRdata(TXT, { strings: [Uint8Array.of(97)] })
  const name = nameOf(`${selector}._domainkey.one.example`)
  return started.update('one.example', [{ name, type: TXT.code, class: CLASS.IN, ttlSeconds: 60, rdata }])
}
const verified = (zone: Zone): string => {
  const verdict = verifyZonemd(zone)
  return verdict.ok ? 'true' : verdict.error.kind
}

for (const dnssec of ['nsec', 'nsec3', 'online', 'off']) {
  for (const [zonemd, hash] of [
    ['sha384', 1],
    ['sha512', 2],
  ] as const) {
    test(`${dnssec}, ${zonemd}: each version has a true digest`, async (t) => {
      const started = startPrimary(t, { yaml: `dnssec: ${dnssec}, zonemd: ${zonemd}` })
      await add(started, TEXT + FALSE_DIGEST)
      for (let i = 0; i < 3; i++) {
        const zone = served(started)
        const verdict = verifyZonemd(zone)
        assert.deepEqual(verdict.ok && [verdict.value.hashAlgorithm, verdict.value.serial], [hash, zone.soa.serial])
        assert.equal(digests(zone), 1)
        assert.equal(await update(started, `s${i}`), 0)
        assert.notEqual(served(started).soa.serial, zone.soa.serial)
      }
    })
  }
}

for (const [dnssec, given, added, changed] of [
  ['nsec', '', 'no-zonemd', 'no-zonemd'],
  ['nsec', FALSE_DIGEST, 'no-zonemd', 'no-zonemd'],
  ['nsec', PRIVATE_DIGEST, 'no-zonemd', 'no-zonemd'], // of the unsigned version
  ['off', '', 'no-zonemd', 'no-zonemd'],
  ['off', FALSE_DIGEST, 'no-zonemd', 'no-zonemd'],
  ['off', PRIVATE_DIGEST, 'scheme-unsupported', 'no-zonemd'], // its serial is over
] as const) {
  test(`${dnssec}, no digest wanted, ${given.slice(0, 14) || 'none'} given: none that is false`, async (t) => {
    const started = startPrimary(t, { yaml: `dnssec: ${dnssec}` })
    await add(started, TEXT + given)
    assert.equal(verified(served(started)), added)
    assert.equal(await update(started, 's'), 0)
    assert.equal(verified(served(started)), changed)
  })
}

test('a true digest that came with an unsigned zone stands until the zone changes', async (t) => {
  const first = startPrimary(t, { yaml: 'dnssec: off, zonemd: sha384' })
  await add(first, TEXT)
  const text = zoneRecords(served(first)).map((record) => `${formatRecord(record)}\n`)
  const started = startPrimary(t, { yaml: 'dnssec: off' })
  await add(started, text.join(''))
  assert.equal(verified(served(started)), 'true')
  assert.equal(await update(started, 's'), 0)
  assert.equal(verified(served(started)), 'no-zonemd')
})

for (const dnssec of ['nsec', 'off']) {
  test(`${dnssec}: a setting that changes is followed at the next start`, async (t) => {
    const directory = temporary(t)
    let started = startPrimary(t, { directory, yaml: `dnssec: ${dnssec}` })
    await add(started, TEXT)
    for (const [zonemd, expected] of [
      ['off', 'no-zonemd'],
      ['sha384', 'true'],
      ['sha384', 'true'],
      ['sha512', 'true'],
      // What is true and nobody signs stands until the zone changes.
      ['off', dnssec === 'off' ? 'true' : 'no-zonemd'],
    ] as const) {
      const { serial } = served(started).soa
      const before = verified(served(started))
      await started.stop()
      started = startPrimary(t, { directory, yaml: `dnssec: ${dnssec}, zonemd: ${zonemd}` })
      assert.equal(verified(served(started)), expected)
      if (expected === before && zonemd !== 'sha512') assert.equal(served(started).soa.serial, serial)
    }
  })
}

test('opt-out is a setting: it is followed at the next start, both ways', async (t) => {
  const directory = temporary(t)
  let started = startPrimary(t, { directory, yaml: 'dnssec: nsec3' })
  await add(started, TEXT)
  for (const [optOut, hashed] of [
    [false, 3],
    [true, 2],
    [false, 3],
  ] as const) {
    await started.stop()
    started = startPrimary(t, { directory, yaml: `dnssec: nsec3, nsec3-opt-out: ${optOut}` })
    const chain = zoneRecords(served(started)).filter(({ type }) => type === NSEC3.code)
    assert.equal(chain.length, hashed)
    for (const { rdata } of chain) assert.equal(rdata[1], optOut ? 1 : 0)
    assert.deepEqual((await started.signed.verify(served(started))).findings, [])
  }
})

const TOOL = 'ldns-verify-zone'
const hasTool = spawnSync(TOOL, ['-v']).error === undefined

for (const yaml of ['dnssec: nsec', 'dnssec: nsec3', 'dnssec: nsec3, nsec3-opt-out: true']) {
  test(`${TOOL} finds the digest true: ${yaml}`, { skip: !hasTool && `${TOOL} is not installed` }, async (t) => {
    const directory = temporary(t)
    const started = startPrimary(t, { directory, yaml: `${yaml}, zonemd: sha384`, clock: { now: Date.now() } })
    await add(started, TEXT)
    assert.equal(await update(started, 's'), 0)
    const file = join(directory, 'zone')
    writeFileSync(
      file,
      zoneRecords(served(started))
        .map((record) => `${formatRecord(record)}\n`)
        .join(''),
    )
    execFileSync(TOOL, ['-ZZ', file], { stdio: 'pipe' })
    writeFileSync(
      file,
      zoneRecords(served(started))
        .map((record) => `${formatRecord(record)}\n`)
        .join('')
        .replace('192.0.2.1', '192.0.2.2'),
    )
    assert.throws(() => execFileSync(TOOL, ['-ZZ', file], { stdio: 'pipe' }))
  })
}
