// The key that DNS gave for a signature: which record it is, whether this signature may be made with it, and the verification.
// RFC 6376 §3.6.2.2 (several records), §6.1.2 (the key); RFC 8301 §3.2 (sizes); RFC 8463 §3 (Ed25519 signs the hash)

import { createHash, verify } from 'node:crypto'
import type { DkimFailure } from './failure.ts'
import { type KeyRecord, parseKeyRecord } from './key-record.ts'
import { DKIM_LIMITS, type DkimLimits } from './limits.ts'
import type { SigningAlgorithm } from './signature.ts'

/** What DNS said of one key name. A text is one TXT record: its character-strings, or those joined. */
export type KeyAnswer =
  | { readonly kind: 'texts'; readonly texts: readonly (readonly Uint8Array[] | string)[] }
  | { readonly kind: 'no-such-record' }
  | { readonly kind: 'temporary-failure' }

/** The one record that reads as a key. Others (a wildcard's, another protocol's) may stand beside it. RFC 6376 §3.6.2.2 */
export function chooseKeyRecord(answer: KeyAnswer, limits: DkimLimits = DKIM_LIMITS): KeyRecord | DkimFailure {
  if (answer.kind === 'temporary-failure') return { kind: 'key-unavailable' }
  if (answer.kind === 'no-such-record' || answer.texts.length === 0) return { kind: 'no-key' }
  if (answer.texts.length > limits.keyRecords) return { kind: 'too-many-key-records' }
  let found: KeyRecord | undefined
  let failure: DkimFailure = { kind: 'no-key' }
  for (const text of answer.texts) {
    const record = parseKeyRecord(text, limits)
    if (!record.ok) failure = record.error
    else if (found !== undefined) return { kind: 'several-keys' }
    else found = record.value
  }
  return found ?? failure
}

/** Why a signature of `algorithm` may not be made with this key; undefined where it may. */
export function checkKey(
  algorithm: SigningAlgorithm,
  record: KeyRecord,
  limits: DkimLimits = DKIM_LIMITS,
): DkimFailure | undefined {
  if (record.publicKey === 'revoked') return { kind: 'key-revoked' }
  if (record.keyType !== (algorithm === 'ed25519-sha256' ? 'ed25519' : 'rsa')) return { kind: 'key-type-mismatch' }
  if (record.hashes !== undefined && !record.hashes.includes('sha256')) return { kind: 'key-hash-mismatch' }
  if (!record.services.includes('*') && !record.services.includes('email')) return { kind: 'key-service-mismatch' }
  if (record.keyType === 'ed25519') return undefined
  const bits = keyBits(record)
  if (bits < limits.minRsaBits) return { kind: 'key-too-short', bits }
  return bits > limits.maxRsaBits ? { kind: 'key-too-long', bits } : undefined
}

/** Whether `signature` is that of `octets`, hashed with SHA-256, under this key. */
export function verifyWithKey(
  algorithm: SigningAlgorithm,
  record: KeyRecord,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (record.publicKey === 'revoked') return false
  if (algorithm === 'rsa-sha256') return verify('sha256', octets, record.publicKey, signature)
  return verify(null, createHash('sha256').update(octets).digest(), record.publicKey, signature)
}

/** 0 for a revoked key. */
export function keyBits(record: KeyRecord): number {
  if (record.publicKey === 'revoked') return 0
  return record.publicKey.asymmetricKeyDetails?.modulusLength ?? 256
}
