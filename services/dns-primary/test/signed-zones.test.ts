// Keys and signatures over time, with a clock that is moved by hand and a parent that does as it is told.

import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  CDNSKEY,
  CDS,
  decodeRdata,
  DNSKEY,
  DS,
  encodeRdata,
  findNode,
  formatZone,
  NSEC,
  parseZone,
  type RRset,
  RRSIG,
  signatureSlot,
  type Zone,
} from '@scop/dns'
import { createAlgorithms, formatPrivateKey, keyTag, makeDs, makeKey, matchDs, seeZone } from '@scop/dnssec'
import { expectOk } from '@scop/result'
import { BECAUSE, nameOf, type Started, startPrimary, temporary } from './primary-fixture.ts'

const ORIGIN = nameOf('one.example')
const TEXT = '$TTL 60\n@ SOA ns root 7 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\n*.w TXT x\n'
const QUICK =
  'dnskey-ttl-seconds: 60, propagation-seconds: 10, safety-seconds: 10, parent-ds-ttl-seconds: 60, ' +
  'parent-propagation-seconds: 10, parent-check-seconds: 5'
const algorithms = createAlgorithms()

const served = ({ primary }: Started): Zone => primary.zone(ORIGIN) ?? assert.fail('the zone is gone')
const rdatas = (zone: Zone, type: number): readonly Uint8Array[] =>
  findNode(zone, ORIGIN)?.rrsets.get(type)?.rdatas ?? []

/** A parent that takes the CDS of the zone whenever it is asked to, and shows what it has taken. */
function parent(): { ds: readonly Uint8Array[]; take(zone: Zone): void } {
  return {
    ds: [],
    take(zone) {
      const cds = rdatas(zone, CDS.code)
      const deletes = cds.some((rdata) => rdata[2] === 0)
      if (deletes) this.ds = []
      else if (cds.length > 0) this.ds = cds
    },
  }
}

/**
 * What no resolver may ever meet, whatever it has kept: a DS without a key that it names and that signs the keys; an RRset
 * that some algorithm of the keys has not signed.
 */
function checkChain(zone: Zone, ds: readonly Uint8Array[]): void {
  checkDenied(zone)
  const sight = seeZone(zone)
  const keys = rdatas(zone, DNSKEY.code).map((rdata) => expectOk(decodeRdata(DNSKEY, rdata), 'read a key'))
  if (ds.length > 0) {
    const vouched = ds.some((rdata) => {
      const data = expectOk(decodeRdata(DS, rdata), 'read a DS')
      return keys.some(
        (key) =>
          matchDs(ORIGIN, key, data, algorithms) === 'match' &&
          sight.keySigners.has(`${key.algorithm}+${String(keyTag(key)).padStart(5, '0')}`),
      )
    })
    assert.ok(vouched, 'a DS leads to a key that signs the keys')
    for (const { algorithm } of keys) {
      const all = [...sight.signersOfAll].some((id) => id.startsWith(`${algorithm}+`))
      assert.ok(all, `algorithm ${algorithm} signs everything`)
    }
  }
}

/** The denial of the apex lists what is there: else somebody may be told that there is no CDS. */
function checkDenied(zone: Zone): void {
  const rrsets = findNode(zone, zone.origin)?.rrsets
  const nsec = rrsets?.get(NSEC.code)?.rdatas[0]
  if (nsec === undefined) return
  const listed = expectOk(decodeRdata(NSEC, nsec), 'read the NSEC').types
  for (const { code } of [DNSKEY, CDS, CDNSKEY]) assert.equal(listed.includes(code), rrsets?.has(code) === true)
}

/** Moves the clock and lets the zone and the parent work, step by step, until `done` or `limitSeconds` are over. */
async function run(
  started: Started,
  {
    take,
    of,
    done,
    limitSeconds = 2000,
  }: { take: boolean; of: ReturnType<typeof parent>; done: () => boolean; limitSeconds?: number },
): Promise<number> {
  for (let passed = 0; passed < limitSeconds; passed += 5) {
    if (done()) return passed
    started.clock.now += 5000
    if (take) of.take(served(started))
    started.signed.look(ORIGIN)
    await new Promise((resolve) => setImmediate(resolve)) // the parent has been asked
    checkChain(served(started), of.ds)
  }
  return assert.fail(
    `not in ${limitSeconds} s: ${JSON.stringify((await started.ask('list-keys', {})).keys, undefined, 1)}`,
  )
}

async function start(
  t: TestContext,
  yaml: string,
  of: ReturnType<typeof parent>,
  directory = temporary(t),
): Promise<Started> {
  const started = startPrimary(t, {
    yaml: `${QUICK}, ${yaml}`,
    directory,
    askParent: async () => ({ ok: true, value: [of.ds] }),
  })
  await started.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  return started
}

const tags = (started: Started): readonly number[] =>
  (started.signed.keys(ORIGIN)?.states ?? []).map(({ dnskey }) => keyTag(dnskey))
const settled = (started: Started, roles: number): boolean => {
  const states = started.signed.keys(ORIGIN)?.states ?? []
  return (
    states.length === roles &&
    states.every(({ records }) => Object.values(records).every(({ state }) => state === 'omnipresent'))
  )
}

test('the first DS is asked for when the keys are known everywhere, and no sooner', async (t) => {
  const of = parent()
  const started = await start(t, '', of)
  assert.equal(rdatas(served(started), CDS.code).length, 0)
  const { wanted } = await started.ask('zone-ds', { zone: 'one.example', digestTypes: [2, 4] })
  assert.deepEqual(
    wanted.map(({ ready }) => ready),
    [false, false],
  )
  assert.match(wanted[0]?.record ?? '', /^one\.example\. 60 IN DS \d+ 13 2 [0-9a-f]{64}$/)
  const passed = await run(started, { take: false, of, done: () => rdatas(served(started), CDS.code).length > 0 })
  assert.ok(passed >= 80, `${passed}`) // TTL, propagation, safety
  assert.equal((await started.ask('zone-ds', { zone: 'one.example', digestTypes: [2] })).wanted[0]?.ready, true)
  await run(started, { take: true, of, done: () => settled(started, 1) })
  assert.equal((await started.ask('zone-ds', { zone: 'one.example', digestTypes: [2] })).parent?.keyTags.length, 1)
})

for (const [keys, role, roles] of [
  ['csk', 'csk', 1],
  ['ksk-zsk', 'ksk', 2],
  ['ksk-zsk', 'zsk', 2],
  ['ksk-zsk', 'all', 2],
] as const) {
  test(`${keys}: a rollover of ${role} ends with new keys, and the chain holds all the time`, async (t) => {
    const of = parent()
    const started = await start(t, `keys: ${keys}`, of)
    await run(started, { take: true, of, done: () => settled(started, roles) })
    const before = tags(started)
    const { started: begun } = await started.ask('roll-key', { zone: 'one.example', role, ...BECAUSE })
    assert.equal(begun.length, role === 'all' ? 2 : 1)
    await assert.rejects(started.ask('roll-key', { zone: 'one.example', role, ...BECAUSE }), /a rollover is under way/)
    await run(started, { take: true, of, done: () => settled(started, roles) })
    assert.equal(tags(started).filter((tag) => before.includes(tag)).length, role === 'all' || keys === 'csk' ? 0 : 1)
    // The private parts of the old ones are gone from the disk.
    const files = readdirSync(join(started.directory, 'keys', 'one.example')).filter((name) => name.endsWith('.pem'))
    assert.deepEqual(
      files.toSorted(),
      tags(started)
        .map((tag) => `13+${String(tag).padStart(5, '0')}.pem`)
        .toSorted(),
    )
  })
}

for (const keys of ['csk', 'ksk-zsk'] as const) {
  test(`${keys}: another algorithm, and the chain holds all the time`, async (t) => {
    const of = parent()
    const started = await start(t, `keys: ${keys}`, of)
    const roles = keys === 'csk' ? 1 : 2
    await run(started, { take: true, of, done: () => settled(started, roles) })
    await started.ask('roll-key', { zone: 'one.example', role: 'all', algorithm: 15, ...BECAUSE })
    await run(started, { take: true, of, done: () => settled(started, roles) })
    const { keys: now } = await started.ask('list-keys', { zone: 'one.example' })
    assert.deepEqual(
      now.map(({ algorithm }) => algorithm),
      Array.from({ length: roles }, () => 15),
    )
    // It stays so after a restart, though the configuration says 13.
    await started.stop()
    const again = startPrimary(t, {
      yaml: `${QUICK}, keys: ${keys}`,
      directory: started.directory,
      clock: started.clock,
    })
    assert.deepEqual(
      (await again.ask('list-keys', {})).keys.map(({ algorithm }) => algorithm),
      now.map(() => 15),
    )
  })
}

test('the service is killed at every step, also between the states and the zone, and the chain holds all the time', async (t) => {
  const of = parent()
  const askParent = async () => ({ ok: true, value: [of.ds] }) as const
  let started = await start(t, 'keys: ksk-zsk', of)
  const { directory, clock } = started
  const file = join(directory, 'zones.sqlite')
  const snapshot = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}.kept`, { force: true })
    for (const end of ['', '-wal']) if (existsSync(file + end)) copyFileSync(file + end, `${file}${end}.kept`)
  }
  const putBack = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
    for (const end of ['', '-wal']) if (existsSync(`${file}${end}.kept`)) copyFileSync(`${file}${end}.kept`, file + end)
  }
  let [rolled, lost] = [false, 0]
  for (let i = 0; i < 300; i++) {
    if (settled(started, 2)) {
      if (rolled) break
      rolled = true
      await started.ask('roll-key', { zone: 'one.example', role: 'all', algorithm: 15, ...BECAUSE })
    }
    clock.now += 5000
    of.take(served(started))
    await started.stop()
    snapshot()
    started = startPrimary(t, { yaml: `${QUICK}, keys: ksk-zsk`, directory, askParent, clock })
    await new Promise((resolve) => setImmediate(resolve))
    checkChain(served(started), of.ds)
    if (i % 3 === 0) {
      // The states are on the disk, and the zone is not.
      await started.stop()
      putBack()
      lost++
      started = startPrimary(t, { yaml: `${QUICK}, keys: ksk-zsk`, directory, askParent, clock })
      checkChain(served(started), of.ds)
    }
  }
  assert.ok(rolled && settled(started, 2) && lost > 5)
  assert.deepEqual(
    (await started.ask('list-keys', {})).keys.map(({ algorithm }) => algorithm),
    [15, 15],
  )
})

test('a parent that never takes the new DS keeps the old key in use', async (t) => {
  const of = parent()
  const started = await start(t, '', of)
  await run(started, { take: true, of, done: () => settled(started, 1) })
  const [old] = tags(started)
  await started.ask('roll-key', { zone: 'one.example', role: 'csk', ...BECAUSE })
  for (let i = 0; i < 400; i++) {
    started.clock.now += 10_000
    started.signed.look(ORIGIN)
    await new Promise((resolve) => setImmediate(resolve))
    checkChain(served(started), of.ds)
  }
  assert.ok(tags(started).includes(old ?? -1))
  const waiting = (await started.ask('list-keys', {})).keys.map(({ next }) => next?.what)
  assert.ok(waiting.includes('waits for the parent to publish its DS'), waiting.join('; '))
})

test('where the parent cannot be asked, the operator says what it has', async (t) => {
  const started = startPrimary(t, {
    yaml: `${QUICK.replace('check-seconds: 5', 'check-seconds: 0')}, cds: false`,
  })
  await started.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const [tag = 0] = tags(started)
  const confirm = (keyTag_: number, state: 'published' | 'withdrawn') =>
    started.ask('confirm-ds', { zone: 'one.example', keyTag: keyTag_, state, ...BECAUSE })
  await assert.rejects(confirm(tag, 'published'), /not what the key waits for/)
  await assert.rejects(confirm(tag ^ 1, 'published'), /no such key/)
  for (let i = 0; i < 30; i++) {
    started.clock.now += 10_000
    started.signed.look(ORIGIN)
  }
  assert.equal(rdatas(served(started), CDS.code).length, 0) // cds: false
  await confirm(tag, 'published')
  started.clock.now += 200_000
  started.signed.look(ORIGIN)
  assert.ok(settled(started, 1))
})

test('a parent that is ours gets the DS by itself', async (t) => {
  const started = startPrimary(t, { yaml: QUICK })
  const up =
    '$TTL 60\n@ SOA ns root 7 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\none NS ns.one\nns.one A 127.0.0.1\n'
  await started.ask('add-zone', { zone: 'example', text: up, ...BECAUSE })
  await started.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  for (let i = 0; i < 60 && !settled(started, 1); i++) {
    started.clock.now += 10_000
    for (const zone of ['one.example', 'example']) started.signed.look(nameOf(zone))
  }
  assert.ok(settled(started, 1))
  const above = started.primary.zone(nameOf('example')) ?? assert.fail('the parent is gone')
  const shown = findNode(above, ORIGIN)?.rrsets.get(DS.code)?.rdatas ?? []
  const wanted = started.signed.keys(ORIGIN)?.states.map(({ dnskey }) => encodeRdata(DS, makeDs(ORIGIN, dnskey)))
  assert.deepEqual(shown, wanted)
  assert.ok(findNode(above, ORIGIN)?.rrsets.has(signatureSlot(DS.code)))
})

test('dnssec: off leads back to an unsigned zone by way of the parent', async (t) => {
  const of = parent()
  const first = await start(t, '', of)
  await run(first, { take: true, of, done: () => settled(first, 1) })
  await first.stop()
  const started = startPrimary(t, {
    yaml: `${QUICK}, dnssec: off`,
    directory: first.directory,
    clock: first.clock,
    askParent: async () => ({ ok: true, value: [of.ds] }),
  })
  assert.equal(rdatas(served(started), CDS.code)[0]?.[2], 0) // asks for deletion
  await run(started, {
    take: true,
    of,
    done: () => started.signed.keys(ORIGIN) === undefined,
  })
  assert.deepEqual(of.ds, [])
  assert.doesNotMatch(formatZone(served(started)), /RRSIG|NSEC|DNSKEY|CDS/)
})

test('another kind of denial is taken up at the start', async (t) => {
  const of = parent()
  const first = await start(t, '', of)
  await first.stop()
  const started = startPrimary(t, { yaml: 'dnssec: nsec3', directory: first.directory, clock: first.clock })
  const text = formatZone(served(started))
  assert.match(text, /\tNSEC3PARAM\t1 0 0 -\n/)
  assert.doesNotMatch(text, /\tNSEC\t/)
})

test('signatures are made anew before they end, some at a time, and at the start if they have ended', async (t) => {
  const first = startPrimary(t, {
    yaml: 'signature-seconds: 1000, signature-refresh-seconds: 300, signature-jitter-seconds: 0',
  })
  const hosts = Array.from({ length: 400 }, (_, i) => `h${i} A 127.0.${i >> 8}.${i & 255}\n`).join('')
  await first.ask('add-zone', { zone: 'one.example', text: TEXT + hosts, ...BECAUSE })
  const ends = (started: Started): readonly number[] => {
    const all: number[] = []
    for (const [, node] of served(started).nodes.entries()) {
      for (const rrset of node.rrsets.values()) {
        if (rrset.type === RRSIG.code)
          all.push(...rrset.rdatas.map((rdata) => expectOk(decodeRdata(RRSIG, rdata), 'read').expiration))
      }
    }
    return all
  }
  const serial = served(first).soa.serial
  first.clock.now += 690_000
  first.signed.look(ORIGIN)
  assert.equal(served(first).soa.serial, serial) // none is due
  first.clock.now += 20_000
  first.signed.look(ORIGIN)
  const [old, fresh] = [ends(first).filter((end) => end * 1000 < first.clock.now + 500_000).length, ends(first).length]
  assert.ok(old > 300 && old < fresh - 240, `${old} of ${fresh} still to come`)
  for (let i = 0; i < 5; i++) first.signed.look(ORIGIN)
  assert.ok(Math.min(...ends(first)) * 1000 > first.clock.now + 500_000)
  await first.stop()
  const late = startPrimary(t, {
    yaml: 'signature-seconds: 1000, signature-refresh-seconds: 300, signature-jitter-seconds: 0',
    directory: first.directory,
    clock: { now: first.clock.now + 5_000_000 },
  })
  // All of them: what has ended does not wait for its turn.
  assert.ok(Math.min(...ends(late)) * 1000 > late.clock.now)
})

test('a rollover goes on in steps: changes come in between, and no version has more than its share', async (t) => {
  const of = parent()
  let [steps, paced] = [0, false]
  const between: (() => Promise<void>)[] = []
  const started = startPrimary(t, {
    yaml: `${QUICK}, keys: ksk-zsk`,
    askParent: async () => ({ ok: true, value: [of.ds] }),
    pause: () => {
      steps++
      if (paced) look()
      if (!paced || steps % 40 !== 0) return undefined
      return (between.shift() ?? (async () => undefined))()
    },
  })
  const hosts = Array.from({ length: 600 }, (_, i) => `h${i} A 127.0.${i >> 8}.${i & 255}\n`).join('')
  await started.ask('add-zone', { zone: 'one.example', text: TEXT + hosts, ...BECAUSE })
  await run(started, { take: true, of, done: () => settled(started, 2) })
  const signatures = (zone: Zone): readonly RRset[] =>
    [...zone.nodes.entries()].flatMap(([, { rrsets }]) =>
      [...rrsets.values()].filter(({ type }) => type === RRSIG.code),
    )
  const versions: number[] = []
  let last = served(started)
  const look = (): void => {
    const zone = served(started)
    if (zone === last) return
    const before = new Set(signatures(last))
    versions.push(signatures(zone).filter((each) => !before.has(each)).length)
    last = zone
  }
  const added: string[] = []
  const change = async (): Promise<void> => {
    look()
    const name = `k${added.length}._domainkey.one.example`
    added.push(name)
    const rdata = Uint8Array.of(1, 120)
    const record = { name: nameOf(name), type: 16, class: 1, ttlSeconds: 60, rdata }
    assert.equal(await started.update('one.example', [record]), 0)
    look()
  }
  await started.ask('roll-key', { zone: 'one.example', role: 'zsk', ...BECAUSE })
  paced = true
  for (let passed = 0; passed < 2000 && !(passed > 0 && settled(started, 2)); passed += 10) {
    started.clock.now += 10_000
    if (between.length === 0 && added.length < 40) between.push(change, async () => undefined, change)
    started.signed.look(ORIGIN)
    // A change is durable one turn after it has come; there are two.
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
    look()
    checkChain(served(started), of.ds)
  }
  assert.ok(settled(started, 2))
  assert.ok(added.length >= 10, `${added.length} changes`)
  // Two RRsets of each name were signed anew: not in one version, and each of them in a step of its own.
  assert.ok(Math.max(...versions) <= 1000 + 8, `${Math.max(...versions)}`)
  assert.ok(steps > 2 * 600)
  for (const name of added) assert.ok(findNode(served(started), nameOf(name))?.rrsets.has(signatureSlot(16)), name)
  assert.deepEqual((await started.signed.verify(served(started))).findings, [])
})

test('what the operator says while a zone is looked after is done after that', async (t) => {
  const of = parent()
  const held: { resume?: () => void } = {}
  let holds = false
  const started = startPrimary(t, {
    yaml: QUICK,
    askParent: async () => ({ ok: true, value: [of.ds] }),
    pause: () => (holds ? new Promise((resolve) => (held.resume = resolve)) : undefined),
  })
  await started.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  await run(started, { take: true, of, done: () => settled(started, 1) })
  const before = tags(started)
  holds = true
  started.signed.look(ORIGIN)
  assert.ok(held.resume)
  const { started: begun } = await started.ask('roll-key', { zone: 'one.example', role: 'csk', ...BECAUSE })
  assert.equal(begun.length, 1)
  assert.equal(rdatas(served(started), DNSKEY.code).length, 1) // not shown yet
  holds = false
  held.resume()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(rdatas(served(started), DNSKEY.code).length, 2)
  await run(started, { take: true, of, done: () => settled(started, 1) })
  assert.equal(tags(started).filter((tag) => before.includes(tag)).length, 0)
})

test('private keys lie in files that only we may read, and a zone whose keys are damaged is not served', async (t) => {
  const started = await start(t, '', parent())
  const folder = join(started.directory, 'keys', 'one.example')
  const files = readdirSync(folder)
  assert.ok(files.includes('states.json'))
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  const pem = files.find((file) => file.endsWith('.pem')) ?? assert.fail('no key')
  assert.match(readFileSync(join(folder, pem), 'utf8'), /^-----BEGIN PRIVATE KEY-----/)
  await started.stop()
  const good = readFileSync(join(folder, pem))
  const damage: readonly (readonly [string, () => void, RegExp])[] = [
    ['gone', () => rmSync(join(folder, pem)), /no-such-file/],
    ['not a key', () => writeFileSync(join(folder, pem), 'x'), /not-a-private-key/],
    ['states', () => writeFileSync(join(folder, 'states.json'), '{'), /states\.json: not-json/],
  ]
  for (const [name, harm, expected] of damage) {
    harm()
    assert.throws(() => startPrimary(t, { directory: started.directory }), expected, name)
    writeFileSync(join(folder, pem), good)
  }
})

for (const roles of [['csk'], ['ksk', 'zsk']] as const) {
  test(`a zone brings its keys (${roles.join(' and ')}) from elsewhere, and the DS of before stays true`, async (t) => {
    const of = parent()
    const keys = roles.map((role) => makeKey(13, { flags: role === 'zsk' ? 256 : 257 }))
    const [entry] = keys
    if (entry === undefined) return
    of.ds = [encodeRdata(DS, makeDs(ORIGIN, entry.dnskey))]
    const started = startPrimary(t, {
      yaml: `${QUICK}, keys: ${roles.length === 1 ? 'csk' : 'ksk-zsk'}`,
      askParent: async () => ({ ok: true, value: [of.ds] }),
    })
    const brought = keys.map(({ dnskey: { algorithm, flags }, privateKey }) => ({
      pem: formatPrivateKey(privateKey),
      algorithm,
      flags,
    }))
    const add = (given: typeof brought) =>
      started.ask('add-zone', { zone: 'one.example', text: TEXT, keys: given, ...BECAUSE })
    await assert.rejects(add(brought.map((key) => ({ ...key, pem: 'x' }))), /not-a-private-key/)
    await assert.rejects(add(brought.map((key) => ({ ...key, algorithm: 15 }))), /algorithm-differs/)
    await assert.rejects(add(brought.map((key) => ({ ...key, flags: 256 }))), /none of its keys is one that a DS names/)
    await add(brought)
    checkChain(served(started), of.ds)
    assert.deepEqual(
      tags(started),
      keys.map(({ keyTag: tag }) => tag),
    )
    assert.ok(settled(started, roles.length))
    // A year later they are rolled like others.
    await started.ask('roll-key', { zone: 'one.example', role: 'all', ...BECAUSE })
    await run(started, { take: true, of, done: () => settled(started, roles.length) })
    await started.ask('remove-zone', { zone: 'one.example', ...BECAUSE })
    await assert.rejects(add(brought), /has keys here already/)
  })
}

test('a zone that is taken out and brought in again keeps its keys', async (t) => {
  const started = await start(t, '', parent())
  const before = tags(started)
  await started.ask('remove-zone', { zone: 'one.example', ...BECAUSE })
  await started.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  assert.deepEqual(tags(started), before)
  assert.ok(parseZone(formatZone(served(started)), ORIGIN).ok)
})
