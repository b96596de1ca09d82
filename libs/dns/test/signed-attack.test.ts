// What those can do who have no key, or an old message of somebody who has.      RFC 8945 §5.2, §10

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  absent,
  decodeMessage,
  deleteRrset,
  encodeMessage,
  formatRcode,
  handleMessage,
  makeRecord,
  type Reaction,
  type ServerState,
  signMessage,
  TSIG_ERROR,
  TXT,
  updateMessage,
  type Zone,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const ORIGIN = name('example.org')
const state = (zone: Zone = exampleZone()): ServerState => ({
  zones: zoneSet([zone]),
  keys: [KEY],
  grants: [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }],
})
const react = (octets: Uint8Array, now = NOW, of = state()): Reaction =>
  handleMessage(of, { octets, transport: 'tcp', peer: { address: '192.0.2.1', port: 5353 }, now })
const record = makeRecord(TXT, name('new.example.org'), 60, { strings: [encodeUtf8('x')] })
const plain = encodeMessage(updateMessage(6, ORIGIN, [], [record])).octets
const signed = signMessage(plain, KEY, { now: NOW }).octets
const said = (reaction: Reaction): string => {
  if (reaction.kind !== 'reply') return reaction.kind
  const { rcode, tsig } = expectOk(decodeMessage(reaction.octets), 'decode')
  return `${formatRcode(rcode)} ${tsig?.data.error ?? '-'}`
}

test('no change of one octet, or of many, gets past the signature', () => {
  assert.equal(react(signed).kind, 'change')
  const change = fc.tuple(fc.integer({ min: 2, max: signed.length - 1 }), fc.integer({ min: 1, max: 255 }))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const forged = new Uint8Array(signed)
      for (const [at, by] of changes) forged[at] = (forged[at] ?? 0) ^ by
      const reaction = react(forged)
      // The case of the names of key and algorithm is not signed.
      if (reaction.kind === 'change') assert.ok(isSameButCase(forged), Buffer.from(forged).toString('hex'))
    }),
    { numRuns: 3000 },
  )
})

function isSameButCase(forged: Uint8Array): boolean {
  return forged.every((octet, i) => i < 2 || octet === signed[i] || (octet ^ (signed[i] ?? 0)) === 0x20)
}

test('no cut of a signed update is taken', () => {
  for (let length = 0; length < signed.length; length++)
    assert.notEqual(react(signed.subarray(0, length)).kind, 'change')
})

test('the MAC is judged before anything of the body is read', () => {
  // A body that cannot be read: with a false MAC nobody hears of that.
  const broken = new Uint8Array(plain)
  const rdlengthAt = plain.length - 2 - 2
  broken[rdlengthAt] = 0xff
  const byOther = signMessage(broken, { ...KEY, secret: new Uint8Array(32) }, { now: NOW }).octets
  const byKey = signMessage(plain, { ...KEY, secret: new Uint8Array(32) }, { now: NOW }).octets
  assert.equal(said(react(byKey)), `NOTAUTH ${TSIG_ERROR.BADSIG}`)
  // Where even the records cannot be told apart, there is no signature to be found: malformed, and nothing is done.
  assert.match(said(react(byOther)), /^(FORMERR|NOTAUTH)/)
  const unreadable = new Uint8Array(plain)
  unreadable.set([0x3f], 12) // the zone's name is longer than it is
  assert.match(said(react(signMessage(unreadable, KEY, { now: NOW }).octets)), /^(FORMERR|NOTAUTH)/)
})

test('an old message: nothing new within the fudge, BADTIME after it', () => {
  const first = react(signed)
  assert.ok(first.kind === 'change')
  assert.equal(said(react(signed, NOW + 300, state(first.zone))), 'NOERROR 0')
  assert.equal(said(react(signed, NOW + 301, state(first.zone))), `NOTAUTH ${TSIG_ERROR.BADTIME}`)
  assert.equal(said(react(signed, NOW - 301)), `NOTAUTH ${TSIG_ERROR.BADTIME}`)
})

test('a replay that would undo a later change is stopped by its prerequisite', () => {
  const once = signMessage(
    encodeMessage(updateMessage(7, ORIGIN, [absent(record.name, TXT.code)], [record])).octets,
    KEY,
    { now: NOW },
  ).octets
  const first = react(once)
  assert.ok(first.kind === 'change')
  assert.equal(said(react(once, NOW + 10, state(first.zone))), 'YXRRSET 0')
})

test('a signed answer is no update, and an answer to one client is no request', () => {
  const reaction = react(signed)
  assert.ok(reaction.kind === 'change')
  assert.equal(react(reaction.reply).kind, 'silence')
})

test('an update larger than its limit is refused, and costs no more than reading it', () => {
  const many = Array.from({ length: 1001 }, (_, i) => deleteRrset(name(`n${i}.example.org`), TXT.code))
  const { octets } = signMessage(encodeMessage(updateMessage(8, ORIGIN, [], many)).octets, KEY, { now: NOW })
  assert.equal(said(react(octets)), 'REFUSED 0')
  const fewer = signMessage(encodeMessage(updateMessage(8, ORIGIN, [], many.slice(1))).octets, KEY, { now: NOW })
  assert.equal(said(react(fewer.octets)), 'NOERROR 0')
})

test('two signatures, a signature that is not last, one in another section: refused', () => {
  const twice = signMessage(signed, KEY, { now: NOW }).octets
  assert.notEqual(react(twice).kind, 'change')
  const extra = new Uint8Array([...signed, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]) // a record behind it
  new DataView(extra.buffer).setUint16(10, 2)
  assert.notEqual(react(extra).kind, 'change')
  const moved = new Uint8Array(signed)
  const view = new DataView(moved.buffer)
  view.setUint16(10, 0)
  view.setUint16(8, 2) // the TSIG counts as an update
  assert.notEqual(react(moved).kind, 'change')
})
