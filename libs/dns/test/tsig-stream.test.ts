import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  EMPTY_MESSAGE,
  encodeMessage,
  signMessage,
  type TsigKey,
  TsigStreamSigner,
  TsigStreamVerifier,
  verifyMessage,
} from '../src/index.ts'
import { KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const REQUEST_MAC = new Uint8Array(32).fill(9)
const message = (id: number): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id,
    response: true,
    questions: [{ name: name('example.org'), type: 252, class: 1 }],
  }).octets

/** What a verifier says to these messages, one after the other. */
function verdicts(messages: readonly Uint8Array[], key: TsigKey = KEY, now = NOW): readonly string[] {
  const verifier = new TsigStreamVerifier(key, REQUEST_MAC)
  const said: string[] = []
  for (const octets of messages) {
    const result = verifier.push(octets, now)
    said.push(result.ok ? (verifier.proved ? 'proved' : 'open') : result.error.kind)
    if (!result.ok) break
  }
  return said
}
const signedStream = (count: number, key: TsigKey = KEY): readonly Uint8Array[] => {
  const signer = new TsigStreamSigner(key, REQUEST_MAC)
  return Array.from({ length: count }, (_, i) => signer.sign(message(i), NOW))
}
/** As older servers sign: the first, the last, and one in `every`. */
function sparseStream(count: number, every: number): readonly Uint8Array[] {
  const out: Uint8Array[] = []
  let mac: Uint8Array = REQUEST_MAC
  let open: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const octets = message(i)
    if (i === 0) {
      const first = signMessage(octets, KEY, { now: NOW, requestMac: mac })
      mac = first.mac
      out.push(first.octets)
    } else if (i % every === 0 || i === count - 1) {
      const hmac = createHmac('sha256', KEY.secret).update(Uint8Array.of(0, mac.length)).update(mac)
      for (const each of open) hmac.update(each)
      const timers = Uint8Array.fromHex(`${NOW.toString(16).padStart(12, '0')}012c`)
      mac = new Uint8Array(hmac.update(octets).update(timers).digest())
      // The record is that of any signed message, with this MAC in its place.
      const signed = new Uint8Array(signMessage(octets, KEY, { now: NOW }).octets)
      signed.set(mac, signed.length - 6 - 32)
      out.push(signed)
      open = []
      continue
    } else out.push(octets)
    if (i > 0) open.push(octets)
  }
  return out
}

test('every message of ours is signed and bound to the one before', () => {
  const messages = signedStream(5)
  assert.deepEqual(verdicts(messages), Array(5).fill('proved'))
  assert.deepEqual(verdicts(signedStream(3, { ...KEY, algorithm: 'hmac-sha384-192' })), ['bad-key'])
  assert.ok(verifyMessage(messages[0] ?? new Uint8Array(0), [KEY], { now: NOW, requestMac: REQUEST_MAC }).ok)
})

test('a message left out, swapped, repeated or changed is seen', () => {
  const [a, b, c] = signedStream(3)
  assert.ok(a && b && c)
  assert.deepEqual(verdicts([a, c]), ['proved', 'bad-signature'])
  assert.deepEqual(verdicts([a, c, b]), ['proved', 'bad-signature'])
  assert.deepEqual(verdicts([b]), ['bad-signature'])
  assert.deepEqual(verdicts([a, b, b]), ['proved', 'proved', 'bad-signature'])
  assert.deepEqual(verdicts([a, b, c], KEY, NOW + 301), ['bad-time'])
  assert.deepEqual(verdicts([message(0)]), ['unsigned'])
})

test('up to 99 unsigned messages may stand between two signed ones, and no more', () => {
  assert.deepEqual(verdicts(sparseStream(7, 3)), ['proved', 'open', 'open', 'proved', 'open', 'open', 'proved'])
  assert.equal(verdicts(sparseStream(101, 100)).at(-1), 'proved')
  assert.equal(verdicts(sparseStream(102, 200)).at(-1), 'too-many-unsigned')
  const forged = sparseStream(7, 3).map((octets, i) => (i === 1 ? message(77) : octets))
  assert.deepEqual(verdicts(forged), ['proved', 'open', 'open', 'bad-signature'])
})

test('no octet of a later message but its ID can be changed', () => {
  const [first, second] = signedStream(2)
  assert.ok(first && second)
  fc.assert(
    fc.property(fc.integer({ min: 2, max: second.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const forged = new Uint8Array(second)
      forged[at] = (forged[at] ?? 0) ^ by
      const verifier = new TsigStreamVerifier(KEY, REQUEST_MAC)
      expectOk(verifier.push(first, NOW), 'verify the first')
      const result = verifier.push(forged, NOW)
      // The case of names is not signed; the error and other data of a later message are not either (RFC 8945 §5.3.1).
      const unsignedPart = at >= second.length - 4 || by === 0x20
      assert.ok(unsignedPart || !(result.ok && verifier.proved), `octet ${at} ^ ${by}`)
    }),
  )
})
