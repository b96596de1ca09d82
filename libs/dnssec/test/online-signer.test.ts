import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeRdata,
  DNSKEY,
  editZone,
  encodeRdata,
  findNode,
  nextSerial,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  RRSIG,
  rrsetRecords,
  SOA,
  type Zone,
  zoneRecords,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  createOnlineSigner,
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
  const signer = createOnlineSigner({ denial: 'compact', keys: KEYS, policy: POLICY, nowSeconds: () => now })
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
    assert.equal(signatures.type, RRSIG.code)
    assert.equal(signatures.ttlSeconds, 300)
    const [rdata] = signatures.rdatas
    const rrsig = expectOk(decodeRdata(RRSIG, rdata ?? new Uint8Array(0)), 'read')
    assert.equal(rrsig.expiration, now + POLICY.signatureSeconds)
    assert.ok(verifyRrsig({ owner, rrset, rrsig, keyOwner: ORIGIN, key }, now, createAlgorithms()).ok)
  }
})
