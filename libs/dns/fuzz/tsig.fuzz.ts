// Signed messages: nothing but what the key has signed may verify.

import {
  decodeMessage,
  parseName,
  ROOT,
  signMessage,
  type TsigKey,
  TsigStreamSigner,
  TsigStreamVerifier,
  verifyMessage,
} from '../src/index.ts'

const NOW = 1_700_000_000
const name = parseName('key', ROOT)
if (!name.ok) throw new Error('unreachable')
const KEY: TsigKey = { name: name.value, algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(1) }
const QUERY = Uint8Array.fromHex('000101000001000000000000036f72670000010001')

export const seeds: readonly (string | Uint8Array)[] = [
  signMessage(QUERY, KEY, { now: NOW }).octets,
  signMessage(QUERY, { ...KEY, algorithm: 'hmac-sha512' }, { now: NOW }).octets,
  QUERY,
]

const REQUEST_MAC = new Uint8Array(32)

/** A later message of a stream proves nothing that the key has not signed there. */
function fuzzStream(input: Uint8Array): void {
  const verifier = new TsigStreamVerifier(KEY, REQUEST_MAC)
  const first = verifier.push(new TsigStreamSigner(KEY, REQUEST_MAC).sign(QUERY, NOW), NOW)
  if (!first.ok || !verifier.proved) throw new Error('the first of a stream does not verify')
  const result = verifier.push(input, NOW)
  if (result.ok && verifier.proved) throw new Error('what nobody has signed in this stream is proved')
}

export function fuzz(input: Uint8Array): void {
  fuzzStream(input)
  const result = verifyMessage(input, [KEY], { now: NOW })
  if (result.ok) {
    const decoded = decodeMessage(input)
    // Only a seed can verify; the ID is not signed, nor is the case of names.
    if (decoded.ok && decoded.value.tsig === undefined) throw new Error('verified without a TSIG record')
    if (result.value.mac.length !== 32) throw new Error('verified with a short MAC')
  }
  if (input.length < 12 || input.length > 60_000 || (((input[10] ?? 0) << 8) | (input[11] ?? 0)) === 0xffff) return
  const message = decodeMessage(input)
  if (!message.ok || message.value.tsig !== undefined) return
  const signed = signMessage(input, KEY, { now: NOW })
  if (!verifyMessage(signed.octets, [KEY], { now: NOW }).ok) throw new Error('what was signed does not verify')
}
