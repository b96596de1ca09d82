// Private keys of a zone: made, written and read as PKCS#8 PEM, read from the files of BIND; with the DNSKEY of each.
// RFC 5958 (PKCS#8), RFC 3110 §2, RFC 6605 §4, RFC 8080 §3 (the public part in a DNSKEY)

import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { DnskeyData } from '@scop/dns'
import { concatOctets, decodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { ALGORITHM, algorithmRow, base64Url } from './algorithms.ts'
import { DNSSEC_PROTOCOL, keyTag } from './key-tag.ts'

/** A private key and what of it stands in the zone. */
export type SigningKey = {
  readonly dnskey: DnskeyData
  readonly keyTag: number
  readonly privateKey: KeyObject
}

export type SigningKeyError = {
  readonly kind:
    | 'not-a-private-key'
    | 'algorithm-differs'
    | 'algorithm-unsupported'
    | 'field-missing'
    | 'field-malformed'
    /** What the private part signs, the public part does not verify. */
    | 'parts-differ'
  /** Of a BIND file. */
  readonly field?: string
}

export type NewKeyOptions = {
  /** 256, or 257 for a key that the parent has a DS of. */
  readonly flags: number
  readonly rsaBits?: number
  /** Tags that the new key must not have: two keys of a zone with one tag make every verification dearer. */
  readonly avoidTags?: ReadonlySet<number>
}

/** A fresh key. RFC 9904 recommends 13 and 15. */
export function makeKey(algorithm: number, { flags, rsaBits = 2048, avoidTags }: NewKeyOptions): SigningKey {
  for (;;) {
    const key = signingKey(generatePrivateKey(algorithm, rsaBits), algorithm, flags)
    if (!key.ok) throw new Error(`Cannot make a key of algorithm ${algorithm}: ${key.error.kind}`)
    if (avoidTags?.has(key.value.keyTag) !== true) return key.value
  }
}

/** The key that stands in a zone with these flags. */
export function signingKey(
  privateKey: KeyObject,
  algorithm: number,
  flags: number,
): Result<SigningKey, SigningKeyError> {
  const publicKey = publicKeyField(privateKey, algorithm)
  if (!publicKey.ok) return publicKey
  const dnskey: DnskeyData = { flags, protocol: DNSSEC_PROTOCOL, algorithm, publicKey: publicKey.value }
  const hash = algorithmRow(algorithm)?.hash ?? null
  if (!verify(hash, publicKey.value, createPublicKey(privateKey), sign(hash, publicKey.value, privateKey)))
    return err({ kind: 'parts-differ' })
  return ok({ dnskey, keyTag: keyTag(dnskey), privateKey })
}

/** Reads `-----BEGIN PRIVATE KEY-----`. */
export function parsePrivateKey(pem: string): Result<KeyObject, SigningKeyError> {
  try {
    return ok(createPrivateKey(pem))
  } catch {
    return err({ kind: 'not-a-private-key' })
  }
}

export function formatPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

// "Private-key-format: v1." DIGIT, then lines of name ":" value
/** Reads a `K….private` file of BIND, v1.2 or v1.3. */
export function parseBindPrivateKey(
  text: string,
): Result<{ readonly algorithm: number; readonly privateKey: KeyObject }, SigningKeyError> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }
  if (!/^v1\.[0-9]$/.test(fields.get('Private-key-format') ?? ''))
    return err({ kind: 'not-a-private-key', field: 'Private-key-format' })
  const algorithm = Number(/^([0-9]{1,3})(?: |$)/.exec(fields.get('Algorithm') ?? '')?.[1] ?? Number.NaN)
  const row = algorithmRow(algorithm)
  if (row === undefined) return err({ kind: 'algorithm-unsupported', field: 'Algorithm' })
  const octets: Uint8Array[] = []
  for (const field of row.keyOctets === undefined ? RSA_FIELDS : ['PrivateKey']) {
    const value = fields.get(field)
    if (value === undefined) return err({ kind: 'field-missing', field })
    const decoded = decodeBase64(value)
    if (!decoded.ok) return err({ kind: 'field-malformed', field })
    octets.push(decoded.value)
  }
  try {
    return ok({ algorithm, privateKey: row.keyOctets === undefined ? rsaKey(octets) : scalarKey(algorithm, octets[0]) })
  } catch {
    return err({ kind: 'field-malformed' })
  }
}

function publicKeyField(privateKey: KeyObject, algorithm: number): Result<Uint8Array, SigningKeyError> {
  const row = algorithmRow(algorithm)
  if (row === undefined) return err({ kind: 'algorithm-unsupported' })
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  if (row.curve !== jwk.crv || (row.curve === undefined && jwk.kty !== 'RSA')) return err({ kind: 'algorithm-differs' })
  if (row.curve !== undefined) return ok(concatOctets([fromBase64Url(jwk.x), fromBase64Url(jwk.y)]))
  const [exponent, modulus] = [fromBase64Url(jwk.e), fromBase64Url(jwk.n)]
  // An exponent of more than 255 octets is none that node gives.
  return ok(concatOctets([new Uint8Array([exponent.length]), exponent, modulus]))
}

function generatePrivateKey(algorithm: number, rsaBits: number): KeyObject {
  switch (algorithm) {
    case ALGORITHM.RSASHA256:
    case ALGORITHM.RSASHA512:
      return generateKeyPairSync('rsa', { modulusLength: rsaBits, publicExponent: 0x10001 }).privateKey
    case ALGORITHM.ECDSAP256SHA256:
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    case ALGORITHM.ECDSAP384SHA384:
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey
    case ALGORITHM.ED25519:
      return generateKeyPairSync('ed25519').privateKey
    case ALGORITHM.ED448:
      return generateKeyPairSync('ed448').privateKey
    default:
      throw new Error(`No keys are made of algorithm ${algorithm}`)
  }
}

function rsaKey(octets: readonly Uint8Array[]): KeyObject {
  const [n = '', e = '', d = '', p = '', q = '', dp = '', dq = '', qi = ''] = octets.map(base64Url)
  return createPrivateKey({ key: { kty: 'RSA', n, e, d, p, q, dp, dq, qi }, format: 'jwk' })
}

function scalarKey(algorithm: number, octets: Uint8Array = new Uint8Array(0)): KeyObject {
  const prefix = EDWARDS_PREFIX[algorithm]
  if (prefix !== undefined) {
    return createPrivateKey({
      key: Buffer.from(concatOctets([Uint8Array.fromHex(prefix), octets])),
      format: 'der',
      type: 'pkcs8',
    })
  }
  const wide = algorithm === ALGORITHM.ECDSAP384SHA384
  const half = wide ? 48 : 32
  const ecdh = createECDH(wide ? 'secp384r1' : 'prime256v1')
  ecdh.setPrivateKey(octets)
  const point = new Uint8Array(ecdh.getPublicKey())
  const d = new Uint8Array(half)
  d.set(octets, half - octets.length)
  const [x, y] = [base64Url(point.subarray(1, 1 + half)), base64Url(point.subarray(1 + half))]
  return createPrivateKey({ key: { kty: 'EC', crv: wide ? 'P-384' : 'P-256', d: base64Url(d), x, y }, format: 'jwk' })
}

function fromBase64Url(text: string | undefined): Uint8Array {
  return text === undefined ? new Uint8Array(0) : Uint8Array.fromBase64(text, { alphabet: 'base64url' })
}

const RSA_FIELDS = [
  'Modulus',
  'PublicExponent',
  'PrivateExponent',
  'Prime1',
  'Prime2',
  'Exponent1',
  'Exponent2',
  'Coefficient',
]
/** PrivateKeyInfo up to the octets of the key. RFC 8410 §7 */
const EDWARDS_PREFIX: Readonly<Record<number, string | undefined>> = {
  [ALGORITHM.ED25519]: '302e020100300506032b657004220420',
  [ALGORITHM.ED448]: '3047020100300506032b6571043b0439',
}
