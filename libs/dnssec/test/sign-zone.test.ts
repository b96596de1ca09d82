import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  applyDiff,
  CDS,
  decodeRdata,
  DEFAULT_LIMITS,
  DNSKEY,
  editZone,
  encodeRdata,
  findNode,
  formatRecord,
  nextSerial,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  type RRset,
  RRSIG,
  rrsetRecords,
  signatureSlot,
  SOA,
  typeCoveredBy,
  type Zone,
  type ZoneDiff,
  zoneRecords,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  dueSignatures,
  makeDs,
  resign,
  signChange,
  signInSteps,
  type SigningMoment,
  type SigningPolicy,
  signZone,
  signZoneInSteps,
  verifyRrsig,
  verifyZone,
  verifyZonemd,
  type ZoneFinding,
  type ZoneKeys,
} from '../src/index.ts'
import { DENIALS, exampleZone, NOW, oneKey, ORIGIN, twoKeys } from './example-zone.ts'
import { name, records } from './vectors.ts'

const ALGORITHMS = createAlgorithms()
const KEYS = oneKey(15)

const at = (policy: SigningPolicy, keys: ZoneKeys = KEYS, nowSeconds = NOW): SigningMoment => ({
  keys,
  policy,
  nowSeconds,
  random: () => 0.5,
})
const signed = (zone: Zone, moment: SigningMoment): Zone => expectOk(signZone(zone, moment), 'sign').zone

/** Its records without what two signings have different: serial, signatures' data. */
function shape(zone: Zone): readonly string[] {
  return zoneRecords(zone)
    .map((record) => {
      if (record.type === SOA.code) return 'SOA'
      const text = formatRecord(record)
      return record.type === RRSIG.code ? text.split(' ').slice(0, 8).join(' ') : text
    })
    .sort()
}

function verifyAll(zone: Zone, keys: ZoneKeys, nowSeconds = NOW): number {
  const dnskeys = [...keys.keySigners, ...keys.zoneSigners].map(({ dnskey }) => dnskey)
  let verified = 0
  for (const record of zoneRecords(zone).filter(({ type }) => type === RRSIG.code)) {
    const rrsig = expectOk(decodeRdata(RRSIG, record.rdata), 'read the signature')
    const set = zoneRecords(zone).filter(
      (other) => other.type === rrsig.typeCovered && other.name.key === record.name.key,
    )
    const rrset = {
      type: rrsig.typeCovered,
      ttlSeconds: set[0]?.ttlSeconds ?? 0,
      rdatas: set.map(({ rdata }) => rdata),
    }
    assert.equal(record.ttlSeconds, rrset.ttlSeconds)
    const right = dnskeys.some(
      (key) => verifyRrsig({ owner: record.name, rrset, rrsig, keyOwner: ORIGIN, key }, nowSeconds, ALGORITHMS).ok,
    )
    assert.ok(right, formatRecord(record))
    verified++
  }
  return verified
}

/** What verifyZone finds; that a DS stands beside no NS is the fault of the data. */
function faultsOf(zone: Zone): readonly ZoneFinding[] {
  const { findings } = verifyZone(zone, { algorithms: ALGORITHMS, nowSeconds: NOW })
  return findings.filter(({ kind }) => kind !== 'ds-without-delegation')
}

function changed(before: Zone, change: (editor: ReturnType<typeof editZone>) => void): ZoneDiff | undefined {
  const editor = editZone(before)
  change(editor)
  const soa = rrsetRecords(ORIGIN, {
    type: SOA.code,
    ttlSeconds: before.soaTtlSeconds,
    rdatas: [encodeRdata(SOA, before.soa)],
  })
  const serial = nextSerial(before.soa.serial)
  for (const record of soa) {
    editor.remove(record)
    editor.add({ ...record, rdata: encodeRdata(SOA, { ...before.soa, serial }) })
  }
  if (!editor.finish().ok) return undefined
  return { fromSerial: before.soa.serial, toSerial: serial, ...editor.diff() }
}

for (const [denial, policy] of DENIALS) {
  test(`${denial}: a signed zone has what it must, and every signature verifies`, () => {
    const zone = signed(exampleZone(), at(policy))
    assert.ok(verifyAll(zone, KEYS) > 20)
    const has = (text: string, type: number): boolean => findNode(zone, name(text))?.rrsets.has(type) === true
    const nsec = policy.denial.kind === 'nsec'
    for (const [owner, type, there] of [
      ['example.org', signatureSlot(2), true],
      ['example.org', DNSKEY.code, true],
      ['example.org', NSEC3PARAM.code, !nsec],
      ['secure.example.org', signatureSlot(2), false],
      ['secure.example.org', signatureSlot(43), true],
      ['secure.example.org', NSEC.code, nsec],
      ['ns.secure.example.org', signatureSlot(1), false],
      ['ns.secure.example.org', NSEC.code, false],
      ['insecure.example.org', signatureSlot(2), false],
      ['*.wild.example.org', signatureSlot(16), true],
      ['tree.example.org', signatureSlot(39), true],
      ['c.deep.example.org', NSEC.code, false],
    ] as const) {
      assert.equal(has(owner, type), there, `${owner} ${type}`)
    }
    const hashes = zone.hashedOrder.size
    // 20 names are the zone's own or empty, of which 2 are insecure delegations.
    assert.equal(hashes, policy.denial.kind !== 'nsec3' ? 0 : policy.denial.optOut ? 18 : 20)
  })

  test(`${denial}: the diff leads from the unsigned to the signed zone, and back from a changed one`, () => {
    const zone = exampleZone()
    const { zone: after, diff } = expectOk(signZone(zone, at(policy)), 'sign')
    const applied = expectOk(applyDiff(zone, diff), 'apply')
    assert.deepEqual(zoneRecords(applied).map(formatRecord), zoneRecords(after).map(formatRecord))
    assert.equal(diff.toSerial, 101)
  })

  test(`${denial}: signing change by change gives the zone that signing the whole gives`, () => {
    const start = exampleZone()
    const pool = records(POOL)
    let grown = 0
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(pool.length - 1), { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
        (steps) => {
          let plain = start
          let zone = signed(start, at(policy))
          for (const step of steps) {
            const toggle = (editor: ReturnType<typeof editZone>): void => {
              for (const i of step) {
                const record = pool[i]
                if (record !== undefined && !editor.remove(record)) editor.add(record)
              }
            }
            const plainDiff = changed(plain, toggle)
            const diff = changed(zone, toggle)
            if (plainDiff === undefined || diff === undefined) continue
            plain = expectOk(applyDiff(plain, plainDiff), 'apply')
            const next = expectOk(signChange(zone, diff, at(policy)), 'sign the change')
            const applied = expectOk(applyDiff(zone, next.diff), 'apply the signed change')
            assert.deepEqual(zoneRecords(applied).map(formatRecord), zoneRecords(next.zone).map(formatRecord))
            zone = next.zone
            grown++
          }
          assert.deepEqual(shape(zone), shape(signed(plain, at(policy))))
          assert.deepEqual(faultsOf(zone), [])
        },
      ),
      { numRuns: 40 },
    )
    assert.ok(grown > 40)
  })
}

const POOL = `
zzz.example.org A 192.0.2.1
zzz.example.org AAAA 2001:db8::1
0.example.org TXT "first"
zz.example.org A 192.0.2.99
a.b.c.deep.example.org A 192.0.2.82
x.c.deep.example.org A 192.0.2.1
deep.example.org A 192.0.2.1
secure.example.org NS ns.secure.example.org.
secure.example.org DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
insecure.example.org DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
under.ns.secure.example.org A 192.0.2.1
deep.example.org NS ns1.example.org.
wild.example.org NS ns1.example.org.
wild.example.org DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
b.c.deep.example.org DNAME elsewhere.example.
tree.example.org DNAME other.example.
below.tree.example.org A 192.0.2.1
example.org DNAME other.example.
example.org TXT "another"
new.ent.example.org MX 10 mail.example.org.
ent.example.org A 192.0.2.4
*.wild.example.org A 192.0.2.5
MIXEDCASE.example.org CNAME mail.example.org.
`

test('a change touches its RRsets and their neighbours, and no other signature', () => {
  for (const [denial, policy] of DENIALS) {
    const zone = signed(exampleZone(), at(policy))
    const [record] = records('zy.example.org A 192.0.2.1')
    assert.ok(record !== undefined)
    const diff = changed(zone, (editor) => void editor.add(record))
    assert.ok(diff !== undefined)
    const { diff: whole } = expectOk(signChange(zone, diff, at(policy)), 'sign the change')
    const covered = whole.added.filter(({ type }) => type === RRSIG.code).map(({ rdata }) => typeCoveredBy(rdata))
    const chain = policy.denial.kind === 'nsec' ? NSEC.code : NSEC3.code
    // SOA, the new A, the new link and the one before it.
    assert.deepEqual(
      covered.sort((a, b) => a - b),
      [1, 6, chain, chain],
      denial,
    )
    assert.equal(whole.removed.length, 4, denial)
  }
})

test('a change from NSEC to NSEC3 and back leaves nothing of the old chain', () => {
  const texts = DENIALS.map(([, policy]) => shape(signed(exampleZone(), at(policy))))
  for (const [from] of DENIALS.entries()) {
    for (const [to] of DENIALS.entries()) {
      const [before, after] = [DENIALS[from]?.[1], DENIALS[to]?.[1]]
      assert.ok(before !== undefined && after !== undefined)
      const zone = signed(exampleZone(), at(before))
      assert.deepEqual(shape(signed(zone, at(after))), texts[to])
      const diff = changed(zone, () => undefined)
      assert.ok(diff !== undefined)
      const next = expectOk(signChange(zone, diff, at(after)), 'change the chain')
      assert.deepEqual(shape(next.zone), texts[to])
      verifyAll(next.zone, KEYS)
    }
  }
})

test('a change of the SOA minimum changes the TTL of the whole chain', () => {
  for (const [denial, policy] of DENIALS) {
    const zone = signed(exampleZone(), at(policy))
    const editor = editZone(zone)
    const ttlSeconds = zone.soaTtlSeconds
    const [old] = rrsetRecords(ORIGIN, { type: SOA.code, ttlSeconds, rdatas: [encodeRdata(SOA, zone.soa)] })
    assert.ok(old !== undefined)
    const soa = { ...zone.soa, serial: zone.soa.serial + 1, negativeTtlSeconds: 77 }
    editor.remove(old)
    editor.add({ ...old, rdata: encodeRdata(SOA, soa) })
    const diff = { fromSerial: zone.soa.serial, toSerial: soa.serial, ...editor.diff() }
    const next = expectOk(signChange(zone, diff, at(policy)), 'sign the change').zone
    const chain = zoneRecords(next).filter(({ type }) => type === NSEC.code || type === NSEC3.code)
    assert.ok(chain.length > 10 && chain.every(({ ttlSeconds: ttl }) => ttl === 77), denial)
    verifyAll(next, KEYS)
  }
})

test('what a change says of signatures and chains is passed over; a zone that is not signed becomes so', () => {
  const zone = signed(exampleZone(), at(DEFAULT_SIGNING_POLICY))
  const stolen = zoneRecords(zone).filter(({ type }) => type === RRSIG.code || type === NSEC.code)
  const [forged] = records('example.org NSEC zz.example.org. A')
  assert.ok(forged !== undefined)
  const diff = changed(zone, () => undefined)
  assert.ok(diff !== undefined)
  const hostile = { ...diff, removed: [...diff.removed, ...stolen], added: [...diff.added, forged] }
  const next = expectOk(signChange(zone, hostile, at(DEFAULT_SIGNING_POLICY)), 'sign the change').zone
  assert.deepEqual(shape(next), shape(zone))
  const plain = changed(exampleZone(), () => undefined)
  assert.ok(plain !== undefined)
  const first = expectOk(signChange(exampleZone(), plain, at(DEFAULT_SIGNING_POLICY)), 'sign').zone
  assert.deepEqual(shape(first), shape(zone))
})

test('signing in steps gives the same, and no step has more than a few signatures', () => {
  for (const [, policy] of DENIALS) {
    let drawn = 0
    const random = (): number => {
      drawn++ // one for each RRset that is signed
      return 0.5
    }
    const steps = signZoneInSteps(exampleZone(), { ...at(policy), random })
    let most = 0
    for (let taken = 0; ; taken++) {
      const before = drawn
      const step = steps.next()
      most = Math.max(most, drawn - before)
      if (step.done !== true) continue
      assert.ok(taken > 40)
      assert.deepEqual(shape(expectOk(step.value, 'sign').zone), shape(signed(exampleZone(), at(policy))))
      break
    }
    assert.ok(most <= 9) // the apex
  }
})

test('refuses a change from another serial, of a record that is not there, or is there already', () => {
  const zone = signed(exampleZone(), at(DEFAULT_SIGNING_POLICY))
  const diff = changed(zone, () => undefined)
  const [absent] = records('nothing.example.org A 192.0.2.1')
  const [present] = records('zz.example.org A 192.0.2.99')
  assert.ok(diff !== undefined && absent !== undefined && present !== undefined)
  const cases: readonly (readonly [ZoneDiff, string])[] = [
    [{ ...diff, fromSerial: 1 }, 'serial-differs'],
    [{ ...diff, removed: [...diff.removed, absent] }, 'record-not-there'],
    [{ ...diff, added: [...diff.added, present] }, 'record-already-there'],
  ]
  for (const [wrong, kind] of cases) {
    const next = signChange(zone, wrong, at(DEFAULT_SIGNING_POLICY))
    assert.equal(!next.ok && next.error.kind, kind)
  }
})

test('signatures become due in the order of their end, within the refresh time, some at a time', () => {
  const policy = { ...DEFAULT_SIGNING_POLICY, signatureSeconds: 1000, refreshSeconds: 300, jitterSeconds: 100 }
  let seed = 0
  const random = (): number => (seed = (seed * 16807 + 7) % 2147483647) / 2147483647
  const zone = expectOk(signZone(exampleZone(), { ...at(policy), random }), 'sign').zone
  const due = (nowSeconds: number, limit?: number) => dueSignatures(zone, { keys: KEYS, policy, nowSeconds }, limit)
  assert.deepEqual(due(NOW).due, [])
  const first = due(NOW).nextSeconds ?? 0
  assert.ok(first > NOW + 600 && first <= NOW + 700)
  assert.equal(due(first - 1).total, 0)
  assert.ok(due(first).total >= 1)
  const all = due(NOW + 800)
  assert.ok(all.total > 20 && all.nextSeconds === undefined)
  const lefts = all.due.map(({ secondsLeft }) => secondsLeft)
  assert.deepEqual(
    lefts,
    lefts.toSorted((a, b) => a - b),
  )
  assert.ok(new Set(lefts).size > 10)
  let now = zone
  for (let rounds = 0; ; rounds++) {
    assert.ok(rounds < 20)
    const some = dueSignatures(now, { keys: KEYS, policy, nowSeconds: NOW + 800 }, 5)
    if (some.due.length === 0) break
    const next = expectOk(resign(now, some.due, { ...at(policy, KEYS, NOW + 800), random }), 'sign again')
    assert.ok(next.diff.added.length <= 7) // five, the SOA and its signature
    now = next.zone
  }
  assert.deepEqual(shape(now), shape(zone))
  verifyAll(now, KEYS, NOW + 1500)
})

test('signatures made beforehand, a step each, are those that the zone then has; what has changed since is signed anew', () => {
  for (const [, policy] of DENIALS) {
    const zone = signed(exampleZone(), at(policy))
    const moment = at(policy, twoKeys(13))
    const { due } = dueSignatures(zone, moment)
    const steps = signInSteps(zone, due, moment)
    let taken = 0
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) taken++
    assert.equal(taken, due.length)
    const made = step.value
    const [more] = records('ns1.example.org A 192.0.2.99')
    assert.ok(more !== undefined)
    const editor = editZone(zone)
    assert.equal(editor.add(more), undefined)
    const later = expectOk(editor.finish(), 'change')
    const next = expectOk(resign(later, due, { ...moment, made }), 'sign again').zone
    verifyAll(next, moment.keys)
    const hex = (zoneOrMade: Iterable<RRset>): readonly string[] =>
      [...zoneOrMade].flatMap(({ type, rdatas }) => (type === RRSIG.code ? rdatas.map((rdata) => rdata.toHex()) : []))
    const there = new Set(hex([...next.nodes.entries()].flatMap(([, { rrsets }]) => [...rrsets.values()])))
    const kept = hex(made.values()).filter((each) => there.has(each))
    // All but the SOA, what is at the apex for the keys, and what was changed.
    assert.ok(kept.length >= due.length - 8 && kept.length < due.length, `${kept.length} of ${due.length}`)
  }
})

test('signatures of other keys, and missing ones, are due at once', () => {
  for (const [, policy] of DENIALS) {
    const zone = signed(exampleZone(), at(policy))
    const keys = twoKeys(13)
    const moment = at(policy, keys)
    const { due } = dueSignatures(zone, moment)
    const count = zoneRecords(zone).filter(({ type }) => type === RRSIG.code).length
    assert.equal(due.length, count)
    const next = expectOk(resign(zone, due, moment), 'sign again').zone
    assert.deepEqual(dueSignatures(next, moment).due, [])
    assert.equal(verifyAll(next, keys), count)
    const unsigned = exampleZone()
    assert.ok(dueSignatures(unsigned, moment).total > 10)
  }
})

test('CDS and CDNSKEY that come and go do so in the denial of the apex too', () => {
  for (const [, policy] of DENIALS) {
    const plain = oneKey(13)
    const [key] = plain.dnskeys
    assert.ok(key !== undefined)
    const telling = { ...plain, cds: [makeDs(ORIGIN, key)], cdnskeys: [key] }
    const quiet = signed(exampleZone(), at(policy, plain))
    const errors = (zone: Zone, nowSeconds = NOW) => verifyZone(zone, { algorithms: ALGORITHMS, nowSeconds }).findings
    const told = expectOk(resign(quiet, [], at(policy, telling)), 'tell the parent')
    assert.deepEqual(errors(told.zone), [])
    assert.deepEqual(zoneRecords(expectOk(applyDiff(quiet, told.diff), 'apply')), zoneRecords(told.zone))
    // With all the rest due at the same time as well.
    const laterSeconds = NOW + policy.signatureSeconds - 10
    const later = at(policy, plain, laterSeconds)
    const after = expectOk(resign(told.zone, dueSignatures(told.zone, later).due, later), 'say no more').zone
    assert.equal(findNode(after, ORIGIN)?.rrsets.has(CDS.code), false)
    assert.deepEqual(errors(after, laterSeconds), [])
    assert.deepEqual(shape(after), shape(quiet))
  }
})

test('a zone that cannot hold its signatures is refused', () => {
  const result = signZone(exampleZone(), at(DEFAULT_SIGNING_POLICY), { ...DEFAULT_LIMITS, zoneRecords: 30 })
  assert.equal(!result.ok && result.error.kind, 'too-many-records')
})

test('with a digest in the policy each version has its own, right and signed', () => {
  for (const [, policy] of DENIALS) {
    const moment = at({ ...policy, zonemdHash: 1 })
    let zone = signed(exampleZone(), moment)
    const check = (what: string): void => {
      assert.ok(verifyZonemd(zone).ok, what)
      assert.deepEqual(verifyZone(zone, { algorithms: ALGORITHMS, nowSeconds: NOW }).findings, [], what)
    }
    check('signed')
    const [record] = records('zy.example.org A 192.0.2.1')
    assert.ok(record !== undefined)
    const diff = changed(zone, (editor) => void editor.add(record))
    assert.ok(diff !== undefined)
    const next = expectOk(signChange(zone, diff, moment), 'sign the change')
    assert.equal(next.diff.added.filter(({ type }) => type === 63).length, 1)
    zone = next.zone
    check('changed')
    zone = expectOk(resign(zone, [], moment), 'sign again').zone
    check('signed again')
  }
})

test('a zone of random names, delegations, aliases of trees and empty names verifies', () => {
  const label = fc.constantFrom('a', 'b', 'c', '*', 'x-y', '\\000', 'zz', 'N', '_25', 'long-label-of-some-octets')
  const owner = fc.array(label, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('.')}.example.org`)
  const kind = fc.constantFrom(
    'A 192.0.2.1',
    'NS ns1.example.org.',
    'TXT "t"',
    'DS 1 13 2 '.concat('ab'.repeat(32)),
    'DNAME x.example.',
    'MX 1 a.example.org.',
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(owner, kind), { minLength: 10, maxLength: 150 }),
      fc.constantFrom(...DENIALS),
      (lines, [, policy]) => {
        const editor = editZone(exampleZone())
        const cuts = new Set(lines.filter(([, data]) => data.startsWith('NS')).map(([text]) => name(text).key))
        for (const [text, data] of lines) {
          // A DS stands at a delegation only.
          if (data.startsWith('DS') && !cuts.has(name(text).key)) continue
          for (const record of records(`${text} ${data}`)) editor.add(record)
        }
        const zone = signed(expectOk(editor.finish(), 'build'), at(policy))
        assert.deepEqual(faultsOf(zone), [])
      },
    ),
    { numRuns: 60 },
  )
})
