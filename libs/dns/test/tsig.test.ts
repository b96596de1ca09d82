import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeBase64, decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, signMessage, type TsigKey, verifyMessage } from '../src/index.ts'
import { KEY, name } from './example-zone.ts'
import { VECTORS } from './vectors.ts'

const NOW = 1_700_000_000
const QUERY = encodeMessage({
  ...EMPTY_MESSAGE,
  id: 77,
  questions: [{ name: name('example.org'), type: 6, class: 1 }],
}).octets
const signed = signMessage(QUERY, KEY, { now: NOW })
const kind = (octets: Uint8Array, keys: readonly TsigKey[], now = NOW, minimumMacOctets?: number): string => {
  const result = verifyMessage(octets, keys, minimumMacOctets === undefined ? { now } : { now, minimumMacOctets })
  return result.ok ? 'verified' : result.error.kind
}

const MAC_OCTETS = [
  ['hmac-sha1', 20],
  ['hmac-sha224', 28],
  ['hmac-sha256', 32],
  ['hmac-sha256-128', 16],
  ['hmac-sha384', 48],
  ['hmac-sha384-192', 24],
  ['hmac-sha512', 64],
  ['hmac-sha512-256', 32],
] as const

test('what is signed verifies, in each algorithm, and decodes', () => {
  for (const [algorithm, macOctets] of MAC_OCTETS) {
    const key: TsigKey = { ...KEY, algorithm }
    const { octets, mac } = signMessage(QUERY, key, { now: NOW })
    const verified = expectOk(verifyMessage(octets, [key], { now: NOW + 299 }), 'verify')
    assert.deepEqual(verified.mac, mac)
    assert.equal(mac.length, macOctets)
    const message = expectOk(decodeMessage(octets), 'decode')
    assert.equal(message.tsig?.data.timeSignedSeconds, NOW)
    assert.equal(message.additionals.length, 0)
    assert.equal(kind(octets, [KEY]), algorithm === 'hmac-sha256' ? 'verified' : 'bad-key')
  }
})

test('key names and algorithm names compare without case', () => {
  assert.equal(kind(signed.octets, [{ ...KEY, name: name('SIGNER.Key') }]), 'verified')
})

test('refuses in the order of RFC 8945 §5.2: key, MAC, time, truncation', () => {
  const other = { ...KEY, secret: new Uint8Array(32) }
  assert.equal(kind(QUERY, [KEY]), 'unsigned')
  assert.equal(kind(signed.octets, []), 'bad-key')
  assert.equal(kind(signed.octets, [{ ...KEY, name: name('other.key') }], NOW + 9999), 'bad-key')
  assert.equal(kind(signed.octets, [other], NOW + 9999), 'bad-signature')
  assert.equal(kind(signed.octets, [KEY], NOW + 301), 'bad-time')
  assert.equal(kind(signed.octets, [KEY], NOW - 301), 'bad-time')
  assert.equal(kind(signed.octets, [KEY], NOW + 300), 'verified')
})

/** The same message with its MAC cut to `length`, and the lengths set right. */
function withMac(length: number): Uint8Array {
  const { octets } = signed
  const macAt = octets.length - 6 - 32
  const cut = new Uint8Array([
    ...octets.subarray(0, macAt),
    ...signed.mac.subarray(0, length),
    ...new Uint8Array(Math.max(0, length - 32)),
    ...octets.subarray(macAt + 32),
  ])
  const view = new DataView(cut.buffer)
  view.setUint16(macAt - 2, length)
  const rdlengthAt = macAt - 2 - 2 - 6 - 13 - 2
  view.setUint16(rdlengthAt, view.getUint16(rdlengthAt) - 32 + length)
  return cut
}

test('a truncated MAC is refused unless allowed, and never below 10 octets or half', () => {
  assert.equal(kind(withMac(32), [KEY]), 'verified')
  assert.equal(kind(withMac(16), [KEY]), 'bad-truncation')
  assert.equal(kind(withMac(16), [KEY], NOW + 999), 'bad-time')
  assert.equal(kind(withMac(16), [KEY], NOW, 16), 'verified')
  assert.equal(kind(withMac(15), [KEY], NOW, 10), 'bad-mac-length')
  assert.equal(kind(withMac(1), [KEY], NOW, 0), 'bad-mac-length')
  assert.equal(kind(withMac(33), [KEY], NOW, 0), 'bad-mac-length')
  assert.equal(kind(withMac(0), [KEY], NOW, 0), 'bad-signature')
  assert.equal(kind(withMac(20), [{ ...KEY, minimumMacOctets: 20 }]), 'verified')
  assert.equal(kind(withMac(19), [{ ...KEY, minimumMacOctets: 20 }]), 'bad-truncation')
  const cut = signMessage(QUERY, { ...KEY, algorithm: 'hmac-sha512' }, { now: NOW, macOctets: 32 })
  assert.equal(kind(cut.octets, [{ ...KEY, algorithm: 'hmac-sha512', minimumMacOctets: 32 }]), 'verified')
  assert.equal(kind(cut.octets, [{ ...KEY, algorithm: 'hmac-sha512', minimumMacOctets: 33 }]), 'bad-truncation')
})

test('the original ID is what is signed: a forwarder may change the other', () => {
  const forwarded = new Uint8Array(signed.octets)
  forwarded[0] = 0xff
  assert.equal(kind(forwarded, [KEY]), 'verified')
})

test('no octet but the ID can be changed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: signed.octets.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const forged = new Uint8Array(signed.octets)
      forged[at] = (forged[at] ?? 0) ^ by
      const decoded = decodeMessage(forged)
      // Case in the names of key and algorithm, and compression-free renaming, are not covered by the MAC.
      const onlyCase = by === 0x20 && kind(forged, [KEY]) === 'verified'
      assert.ok(onlyCase || kind(forged, [KEY]) !== 'verified', `octet ${at} ^ ${by} ${decoded.ok}`)
    }),
  )
})

test('an answer is bound to its request', () => {
  const answer = signMessage(QUERY, KEY, { now: NOW, requestMac: signed.mac })
  assert.ok(verifyMessage(answer.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
  assert.equal(kind(answer.octets, [KEY]), 'bad-signature')
  assert.ok(!verifyMessage(answer.octets, [KEY], { now: NOW, requestMac: new Uint8Array(32) }).ok)
})

test('the MAC is over the octets that RFC 8945 §4.3 lists', () => {
  const nameOctets = encodeHex(name('signer.key').octets)
  const algorithm = encodeHex(name('hmac-sha256').octets)
  const time = NOW.toString(16).padStart(12, '0')
  const variables = `${nameOctets}00ff00000000${algorithm}${time}012c00000000`
  const expected = createHmac('sha256', KEY.secret)
    .update(QUERY)
    .update(expectOk(decodeHex(variables), 'hex'))
    .digest()
  assert.deepEqual(signed.mac, new Uint8Array(expected))
})

test('the vectors of ocaml-dns', (t) => {
  const path = join(VECTORS, 'originals/ocaml-dns/tsig-strings.json')
  if (!existsSync(path)) return t.skip('vectors absent')
  // as: an array of strings, and the positions below are asserted by the MACs.
  const strings = JSON.parse(readFileSync(path, 'utf8')) as string[]
  const key: TsigKey = {
    name: name(strings[1] ?? ''),
    algorithm: 'hmac-sha256',
    secret: expectOk(decodeBase64(strings[0] ?? ''), 'read the key'),
  }
  const times = [1506887417, 1506887742, 1506887742]
  let same = 0
  for (const at of [2, 5, 8]) {
    const message = expectOk(decodeHex((strings[at] ?? '').replace(/\s/g, '')), 'hex')
    const mac = (strings[at + 1] ?? '').replace(/\s/g, '')
    for (const now of times) if (encodeHex(signMessage(message, key, { now }).mac) === mac) same++
  }
  assert.equal(same, 3)
})
