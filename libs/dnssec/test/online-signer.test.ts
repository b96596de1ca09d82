import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answer,
  decodeRdata,
  DNSKEY,
  editZone,
  EMPTY_MESSAGE,
  encodeRdata,
  findNode,
  type Message,
  type Name,
  nextSerial,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  RCODE,
  RRSIG,
  rrsetRecords,
  SOA,
  type Zone,
  zoneRecords,
  zoneSet,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  createOnlineSigner,
  createSignatureBudget,
  DEFAULT_SIGNING_POLICY,
  dueSignatures,
  signChange,
  type SigningMoment,
  signZone,
  verifyRrsig,
} from '../src/index.ts'
import { DENIALS, exampleZone, NOW, oneKey, ORIGIN } from './example-zone.ts'
import { name } from './vectors.ts'

const KEYS = oneKey(13)
const POLICY = { ...DEFAULT_SIGNING_POLICY, denial: { kind: 'online' } } as const
const MOMENT: SigningMoment = { keys: KEYS, policy: POLICY, nowSeconds: NOW, random: () => 0 }

const chainOf = (zone: Zone): number =>
  zoneRecords(zone).filter(({ type }) => [NSEC.code, NSEC3.code, NSEC3PARAM.code].includes(type)).length

test('a zone with online denials is signed and has no chain, whatever it had before, and keeps none', () => {
  for (const [, policy] of DENIALS) {
    const before = expectOk(signZone(exampleZone(), { ...MOMENT, policy }), 'sign').zone
    assert.ok(chainOf(before) > 10)
    const { zone } = expectOk(signZone(before, MOMENT), 'sign online')
    assert.equal(chainOf(zone), 0)
    assert.equal(dueSignatures(zone, MOMENT).total, 0)
    const editor = editZone(zone)
    const [soa] = rrsetRecords(ORIGIN, { type: SOA.code, ttlSeconds: 3600, rdatas: [encodeRdata(SOA, zone.soa)] })
    assert.ok(soa !== undefined && editor.remove(soa))
    const serial = nextSerial(zone.soa.serial)
    editor.add({ ...soa, rdata: encodeRdata(SOA, { ...zone.soa, serial }) })
    editor.add({ name: name('new.example.org'), type: 1, class: 1, ttlSeconds: 60, rdata: new Uint8Array(4) })
    const diff = { fromSerial: zone.soa.serial, toSerial: serial, ...editor.diff() }
    const next = expectOk(signChange(zone, diff, MOMENT), 'sign the change')
    assert.equal(chainOf(next.zone), 0)
    assert.equal(next.diff.added.length, 4) // SOA, A, and their signatures
  }
})

test('the signer signs by the keys of the zone, from the moment of asking', () => {
  let now = NOW
  const signer = createOnlineSigner({
    denial: 'compact',
    keys: KEYS,
    policy: POLICY,
    nowSeconds: () => now,
    budget: createSignatureBudget({ signaturesPerSecond: 2 }, () => now * 1000),
  })
  const { zone } = expectOk(signZone(exampleZone(), MOMENT), 'sign')
  const key = expectOk(
    decodeRdata(DNSKEY, findNode(zone, ORIGIN)?.rrsets.get(DNSKEY.code)?.rdatas[0] ?? new Uint8Array(0)),
    'read',
  )
  const owner = name('absent.example.org')
  const rrset = {
    type: NSEC.code,
    ttlSeconds: 300,
    rdatas: [encodeRdata(NSEC, { next: name('\\000.absent.example.org'), types: [46, 47, 128] })],
  }
  for (const later of [0, 1000]) {
    now = NOW + later
    const signatures = signer.sign(zone, owner, rrset)
    assert.ok(signatures !== undefined)
    assert.equal(signatures.type, RRSIG.code)
    assert.equal(signatures.ttlSeconds, 300)
    const [rdata] = signatures.rdatas
    const rrsig = expectOk(decodeRdata(RRSIG, rdata ?? new Uint8Array(0)), 'read')
    assert.equal(rrsig.expiration, now + POLICY.signatureSeconds)
    assert.ok(verifyRrsig({ owner, rrset, rrsig, keyOwner: ORIGIN, key }, now, createAlgorithms()).ok)
  }
})

test('a flood of names that are not there: so many signatures a second, then SERVFAIL; what is signed already is answered', () => {
  let nowMs = NOW * 1000
  const budget = createSignatureBudget({ signaturesPerSecond: 20 }, () => nowMs)
  const { zone } = expectOk(signZone(exampleZone(), MOMENT), 'sign')
  const signer = createOnlineSigner({ denial: 'compact', keys: KEYS, policy: POLICY, nowSeconds: () => NOW, budget })
  let asked = 0
  const ask = (owner: Name, type: number, dnssecOk: boolean): Message => {
    const question = { name: owner, type, class: 1 }
    const edns = { udpOctets: 1232, version: 0, dnssecOk, options: [] }
    const query = { ...EMPTY_MESSAGE, questions: [question], edns }
    return answer(zoneSet([zone]), query, { onlineSigner: () => signer })
  }
  const flood = (count: number): number => {
    let signed = 0
    for (let i = 0; i < count; i++) {
      const reply = ask(name(`absent${asked++}.example.org`), 1, true)
      if (reply.rcode === RCODE.SERVFAIL) {
        assert.equal(reply.answers.length + reply.authorities.length + reply.additionals.length, 0)
        continue
      }
      signed += 1
    }
    return signed
  }
  assert.equal(flood(1000), 20)
  assert.equal(ask(ORIGIN, SOA.code, true).rcode, RCODE.NOERROR)
  assert.equal(ask(name('absent.example.org'), 1, false).rcode, RCODE.NXDOMAIN)
  nowMs -= 5000
  assert.equal(flood(10), 0)
  nowMs += 500
  assert.equal(flood(1000), 10)
  nowMs += 60_000
  assert.equal(flood(1000), 20)
})
