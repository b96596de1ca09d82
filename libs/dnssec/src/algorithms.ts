// The algorithm table that validation is given: which signatures and digests count, and whether one of them is right.
// The table here computes with node:crypto; a test may give another one. What it does not support makes a zone insecure.
// RFC 3110 §2 and RFC 5702 §2 (RSA), RFC 6605 §4 (ECDSA), RFC 8080 §3, §4 (EdDSA), RFC 9904 §3 (which), RFC 9905 §2 (no SHA-1)

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { encodeBase64, equalOctets } from '@scop/octets'
import { DNSSEC_LIMITS, type DnssecLimits } from './limits.ts'

export const ALGORITHM = {
  RSASHA1: 5,
  RSASHA1_NSEC3: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
} as const

export const DIGEST = { SHA1: 1, SHA256: 2, SHA384: 4 } as const

/** `bad-key`: the algorithm is known, but these octets are no key of it. A failure as `invalid` is, and cheaper. */
export type SignatureVerdict = 'valid' | 'invalid' | 'bad-key' | 'unsupported'

export type AlgorithmTable = {
  /** Whether signatures of this algorithm count. A zone that has no other is insecure. RFC 4035 §5.2 */
  supports(algorithm: number): boolean
  supportsDigest(digestType: number): boolean
  /** `publicKey` is that field of a DNSKEY. A table may remember keys by the identity of these octets. */
  verify(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): SignatureVerdict
  /** Whether `digest` is that of `data`, which are the owner and the data of a DNSKEY. */
  checkDigest(digestType: number, data: Uint8Array, digest: Uint8Array): 'valid' | 'invalid' | 'unsupported'
}

/**
 * The table of this machine: 8, 10, 13, 14, 15, 16 and the digests SHA-1, SHA-256, SHA-384. An imported key is remembered
 * for as long as the caller keeps its octets. `sha1Signatures` adds 5 and 7, for old data in tests.
 */
export function createAlgorithms(
  options: { readonly limits?: DnssecLimits; readonly sha1Signatures?: boolean } = {},
): AlgorithmTable {
  const { limits = DNSSEC_LIMITS, sha1Signatures = false } = options
  const imported = new WeakMap<Uint8Array, Map<number, KeyObject | undefined>>()
  const rowOf = (algorithm: number): AlgorithmRow | undefined => {
    const row = ROWS.get(algorithm)
    return row?.hash === 'sha1' && !sha1Signatures ? undefined : row
  }
  const keyOf = (algorithm: number, publicKey: Uint8Array): KeyObject | undefined => {
    let byAlgorithm = imported.get(publicKey)
    if (byAlgorithm === undefined) imported.set(publicKey, (byAlgorithm = new Map<number, KeyObject | undefined>()))
    if (!byAlgorithm.has(algorithm)) byAlgorithm.set(algorithm, importPublicKey(algorithm, publicKey, limits))
    return byAlgorithm.get(algorithm)
  }
  return {
    supports: (algorithm) => rowOf(algorithm) !== undefined,
    supportsDigest: (digestType) => DIGESTS.has(digestType),
    verify: (algorithm, publicKey, data, signature) => {
      const row = rowOf(algorithm)
      if (row === undefined) return 'unsupported'
      if (row.signatureOctets !== undefined && signature.length !== row.signatureOctets) return 'invalid'
      const key = keyOf(algorithm, publicKey)
      if (key === undefined) return 'bad-key'
      return verifyWith(row, key, data, signature) ? 'valid' : 'invalid'
    },
    checkDigest: (digestType, data, digest) => {
      const computed = computeDigest(digestType, data)
      if (computed === undefined) return 'unsupported'
      return equalOctets(computed, digest) ? 'valid' : 'invalid'
    },
  }
}

/** The digest of a DS; `undefined` for a type that is not known. */
export function computeDigest(digestType: number, data: Uint8Array): Uint8Array | undefined {
  const hash = DIGESTS.get(digestType)
  return hash === undefined ? undefined : new Uint8Array(createHash(hash).update(data).digest())
}

/** The key in the public key field of a DNSKEY; `undefined` if there is none, or RSA of a size that is not taken. */
export function importPublicKey(
  algorithm: number,
  publicKey: Uint8Array,
  limits: DnssecLimits = DNSSEC_LIMITS,
): KeyObject | undefined {
  const row = ROWS.get(algorithm)
  const jwk = row === undefined ? undefined : jwkOf(row, publicKey, limits)
  if (jwk === undefined) return undefined
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return undefined // a point that is not on the curve, an even exponent
  }
}

/** How an algorithm is computed, and how its keys look in a DNSKEY. */
export type AlgorithmRow = {
  readonly hash: string | null
  readonly curve?: string
  /** Octets of the public key, where it has a fixed size. */
  readonly keyOctets?: number
  readonly signatureOctets?: number
}

export function algorithmRow(algorithm: number): AlgorithmRow | undefined {
  return ROWS.get(algorithm)
}

// RFC 3110 §2: one octet of the exponent's length, or zero and two of them; the exponent; the modulus.
/** Exponent and modulus of an RSA key without leading zeros; `undefined` if it is cut or outside the limits. */
export function splitRsaKey(
  publicKey: Uint8Array,
  limits: DnssecLimits,
): { readonly exponent: Uint8Array; readonly modulus: Uint8Array } | undefined {
  const long = publicKey[0] === 0
  const length = long ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0) : (publicKey[0] ?? 0)
  const start = long ? 3 : 1
  const exponent = withoutLeadingZeros(publicKey.subarray(start, start + length))
  const modulus = withoutLeadingZeros(publicKey.subarray(start + length))
  const bits = bitsOf(modulus)
  if (bitsOf(exponent) > limits.rsaExponentBits) return undefined
  // With an exponent of 1 any signature can be made up; an even one belongs to no key.
  if (bitsOf(exponent) < 2 || ((exponent.at(-1) ?? 0) & 1) === 0) return undefined
  if (bits < limits.rsaMinimumBits || bits > limits.rsaMaximumBits) return undefined
  return { exponent, modulus }
}

function jwkOf(row: AlgorithmRow, publicKey: Uint8Array, limits: DnssecLimits): JsonWebKey | undefined {
  if (row.keyOctets === undefined) {
    const parts = splitRsaKey(publicKey, limits)
    return parts === undefined ? undefined : { kty: 'RSA', n: base64Url(parts.modulus), e: base64Url(parts.exponent) }
  }
  if (publicKey.length !== row.keyOctets || row.curve === undefined) return undefined
  if (row.hash === null) return { kty: 'OKP', crv: row.curve, x: base64Url(publicKey) }
  const half = row.keyOctets / 2
  const [x, y] = [base64Url(publicKey.subarray(0, half)), base64Url(publicKey.subarray(half))]
  return { kty: 'EC', crv: row.curve, x, y }
}

function verifyWith(row: AlgorithmRow, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  // RFC 6605 §4: r and s side by side, which node calls ieee-p1363.
  return verify(row.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

export function base64Url(octets: Uint8Array): string {
  return encodeBase64(octets).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
}

function withoutLeadingZeros(octets: Uint8Array): Uint8Array {
  let at = 0
  while (octets[at] === 0) at++
  return octets.subarray(at)
}

function bitsOf(octets: Uint8Array): number {
  return octets.length === 0 ? 0 : octets.length * 8 - Math.clz32(octets[0] ?? 0) + 24
}

type JsonWebKey = Record<string, string>

const ROWS: ReadonlyMap<number, AlgorithmRow> = new Map<number, AlgorithmRow>([
  [ALGORITHM.RSASHA1, { hash: 'sha1' }],
  [ALGORITHM.RSASHA1_NSEC3, { hash: 'sha1' }],
  [ALGORITHM.RSASHA256, { hash: 'sha256' }],
  [ALGORITHM.RSASHA512, { hash: 'sha512' }],
  [ALGORITHM.ECDSAP256SHA256, { hash: 'sha256', curve: 'P-256', keyOctets: 64, signatureOctets: 64 }],
  [ALGORITHM.ECDSAP384SHA384, { hash: 'sha384', curve: 'P-384', keyOctets: 96, signatureOctets: 96 }],
  [ALGORITHM.ED25519, { hash: null, curve: 'Ed25519', keyOctets: 32, signatureOctets: 64 }],
  [ALGORITHM.ED448, { hash: null, curve: 'Ed448', keyOctets: 57, signatureOctets: 114 }],
])
const DIGESTS: ReadonlyMap<number, string> = new Map([
  [DIGEST.SHA1, 'sha1'],
  [DIGEST.SHA256, 'sha256'],
  [DIGEST.SHA384, 'sha384'],
])
