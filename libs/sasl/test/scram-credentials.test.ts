import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAscii } from '@scop/octets'
import { deriveScramCredentials, fakeScramSalt, formatNonce, verifyScramProof } from '../src/index.ts'

const AUTH_MESSAGE = encodeAscii(
  'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
)
const PROOF = Uint8Array.fromBase64('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')
const SALT = Uint8Array.fromBase64('W22ZaJ0SNY7soEsUEjb6gQ==')

test('the proof of RFC 7677 §3 verifies, and gives its server signature', async () => {
  const credentials = await deriveScramCredentials('pencil', SALT, 4096)
  const signature = verifyScramProof(credentials, AUTH_MESSAGE, PROOF)
  assert.equal(signature && Buffer.from(signature).toString('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
})

test('any changed octet of proof or message, and any other password or count, fails', async () => {
  const credentials = await deriveScramCredentials('pencil', SALT, 4096)
  for (let i = 0; i < PROOF.length; i++) {
    const changed = PROOF.slice()
    changed[i] = (changed[i] ?? 0) ^ 1
    assert.equal(verifyScramProof(credentials, AUTH_MESSAGE, changed), undefined)
  }
  assert.equal(verifyScramProof(credentials, AUTH_MESSAGE.subarray(1), PROOF), undefined)
  assert.equal(verifyScramProof(credentials, AUTH_MESSAGE, PROOF.subarray(1)), undefined)
  assert.equal(verifyScramProof(credentials, AUTH_MESSAGE, new Uint8Array(0)), undefined)
  for (const other of [
    await deriveScramCredentials('Pencil', SALT, 4096),
    await deriveScramCredentials('pencil', SALT, 4097),
    await deriveScramCredentials('pencil', SALT.subarray(1), 4096),
  ]) {
    assert.equal(verifyScramProof(other, AUTH_MESSAGE, PROOF), undefined)
  }
})

test('fake salts stay the same per name and differ between names and secrets', () => {
  const [one, two] = [encodeAscii('one secret'), encodeAscii('two secret')]
  assert.deepEqual(fakeScramSalt(one, 'tim', 16), fakeScramSalt(one, 'tim', 16))
  assert.equal(fakeScramSalt(one, 'tim', 16).length, 16)
  assert.notDeepEqual(fakeScramSalt(one, 'tim', 16), fakeScramSalt(one, 'tom', 16))
  assert.notDeepEqual(fakeScramSalt(one, 'tim', 16), fakeScramSalt(two, 'tim', 16))
})

test('a nonce is made of 16 random octets at least', () => {
  assert.equal(formatNonce(new Uint8Array(18)), 'A'.repeat(24))
  assert.throws(() => formatNonce(new Uint8Array(15)))
})
