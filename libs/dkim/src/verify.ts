// Verifying: header first, body in any pieces, then the keys; each signature gets a proof or its own reason.
// RFC 6376 §6.1 (verifier), §8 (attacks); RFC 8301 §3 (algorithms, sizes); RFC 8463 §3; l= is never trusted (§8.2)

import { type Field, fieldsNamed, type HeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, equalOctets } from '@scop/octets'
import { type BodyHash, type BodyHasher, SharedBodyHashers } from './body-hash.ts'
import { canonicalizeField, relaxValue, selectFields } from './canonical-header.ts'
import { type DkimFailure, type FailureWord, failureWord } from './failure.ts'
import type { KeyRecord } from './key-record.ts'
import { DKIM_LIMITS, type DkimLimits } from './limits.ts'
import { checkKey, chooseKeyRecord, type KeyAnswer, keyBits, verifyWithKey } from './public-key.ts'
import { keyName } from './selector.ts'
import { parseSignature, type Signature, type SigningAlgorithm, withoutSignatureValue } from './signature.ts'
import { PERMIT, VerifiedSignature } from './verified-signature.ts'

export type SignatureResult = {
  /** The DKIM-Signature field this is about. */
  readonly field: Field
  /** undefined where it could not be read. */
  readonly signature: Signature | undefined
  /** The key says t=y: a failure must not count against the message. */
  readonly testing: boolean
} & (
  | { readonly result: 'pass'; readonly proof: VerifiedSignature; readonly keyBits: number }
  | { readonly result: FailureWord; readonly failure: DkimFailure }
)

export type VerifyOptions = { readonly nowSeconds: number; readonly limits?: DkimLimits }

export type Verifying = {
  /** DNS names to ask TXT for, each once. */
  readonly keyNames: readonly string[]
  /** Signatures beyond `limits.signatures`, not looked at. */
  readonly ignoredSignatures: number
  /** The body, in any pieces. */
  update(chunk: Uint8Array): void
  /** One result for each signature, top first. `answers` must have every one of `keyNames`. */
  finish(answers: ReadonlyMap<string, KeyAnswer>): readonly SignatureResult[]
}

export function startVerifying(header: HeaderSection, options: VerifyOptions): Verifying {
  const limits = options.limits ?? DKIM_LIMITS
  const fields = fieldsNamed(header, 'DKIM-Signature')
  const hashers = new SharedBodyHashers()
  const candidates = fields.slice(0, limits.signatures).map((field) => readCandidate(header, field, options, hashers))
  const keyNames = new Set<string>()
  for (const candidate of candidates) if (candidate.kind === 'readable') keyNames.add(candidate.keyName)
  return {
    keyNames: [...keyNames],
    ignoredSignatures: Math.max(fields.length - limits.signatures, 0),
    update: (chunk) => hashers.update(chunk),
    finish: (answers) =>
      candidates.map((candidate) =>
        candidate.kind === 'readable'
          ? judge(header, candidate, answers.get(candidate.keyName), limits)
          : refuse(candidate.field, candidate.signature, candidate.failure),
      ),
  }
}

type Readable = {
  readonly kind: 'readable'
  readonly field: Field
  readonly signature: Signature & { readonly algorithm: SigningAlgorithm }
  readonly keyName: string
  readonly body: BodyHasher
}
type Candidate =
  | Readable
  | {
      readonly kind: 'refused'
      readonly field: Field
      readonly signature: Signature | undefined
      readonly failure: DkimFailure
    }

/** All that can be said before the body and the key are there. RFC 6376 §6.1.1 */
function readCandidate(
  header: HeaderSection,
  field: Field,
  options: VerifyOptions,
  hashers: SharedBodyHashers,
): Candidate {
  const limits = options.limits ?? DKIM_LIMITS
  const parsed = parseSignature(field.value, limits)
  if (!parsed.ok) return { kind: 'refused', field, signature: undefined, failure: parsed.error }
  const signature = parsed.value
  const refused = (kind: 'rsa-sha1' | 'expired' | 'signed-in-the-future' | 'from-partly-signed'): Candidate => ({
    kind: 'refused',
    field,
    signature,
    failure: { kind },
  })
  const { algorithm } = signature
  if (algorithm === 'rsa-sha1') return refused('rsa-sha1')
  const { signedAtSeconds, expiresAtSeconds } = signature
  if (expiresAtSeconds !== undefined && options.nowSeconds > expiresAtSeconds + limits.clockSkewSeconds)
    return refused('expired')
  if (signedAtSeconds !== undefined && signedAtSeconds > options.nowSeconds + limits.clockSkewSeconds) {
    return refused('signed-in-the-future')
  }
  const signedFrom = signature.signedFields.filter((name) => name === 'from').length
  if (signedFrom < fieldsNamed(header, 'From').length) return refused('from-partly-signed') // RFC 6376 §8.15
  const name = keyName(signature.selector, signature.domain)
  if (name === undefined) throw new Error('Cannot ask for a key name that parseSignature should have refused')
  const body = hashers.for(signature.bodyCanonicalization, signature.bodyOctets)
  return { kind: 'readable', field, signature: { ...signature, algorithm }, keyName: name, body }
}

/** RFC 6376 §6.1.2 (the key), §6.1.3 (the verification) */
function judge(
  header: HeaderSection,
  candidate: Readable,
  answer: KeyAnswer | undefined,
  limits: DkimLimits,
): SignatureResult {
  const { field, signature } = candidate
  if (answer === undefined) throw new Error(`Cannot verify: no answer for "${candidate.keyName}"`)
  const body = checkBody(signature, candidate.body.finish())
  const record = chooseKeyRecord(answer, limits)
  const testing = !('kind' in record) && record.testing
  // What the body says needs no key to be true.
  if (body !== undefined && body.kind !== 'body-partly-signed') return refuse(field, signature, body, testing)
  if ('kind' in record) return refuse(field, signature, record)
  const key = checkKey(signature.algorithm, record, limits)
  if (key !== undefined) return refuse(field, signature, key, testing)
  if (record.sameDomain && signature.auid.domain !== signature.domain)
    return refuse(field, signature, { kind: 'auid-not-domain' }, testing)
  if (!verifyHeader(header, candidate, record, limits))
    return refuse(field, signature, { kind: 'signature-wrong' }, testing)
  if (body !== undefined) return refuse(field, signature, body, testing)
  const proof = new VerifiedSignature(PERMIT, signature)
  return { result: 'pass', proof, keyBits: keyBits(record), field, signature, testing }
}

function checkBody(signature: Signature, body: BodyHash): DkimFailure | undefined {
  const signed = signature.bodyOctets
  if (signed !== undefined && signed > body.bodyOctets) return { kind: 'body-shorter-than-signed' }
  if (!equalOctets(body.digest, signature.bodyHash)) return { kind: 'body-changed' }
  return signed !== undefined && signed < body.bodyOctets ? { kind: 'body-partly-signed' } : undefined
}

function verifyHeader(header: HeaderSection, candidate: Readable, record: KeyRecord, limits: DkimLimits): boolean {
  const { field, signature } = candidate
  const { headerCanonicalization } = signature
  const pieces = selectFields(header, signature.signedFields, field).map((signed) =>
    canonicalizeField(signed, headerCanonicalization),
  )
  const value = withoutSignatureValue(field.value, limits)
  if (headerCanonicalization === 'simple') pieces.push(field.octets.subarray(0, field.valueStart), value)
  else pieces.push(encodeAscii('dkim-signature:'), relaxValue(value))
  return verifyWithKey(signature.algorithm, record, concatOctets(pieces), signature.signature)
}

function refuse(
  field: Field,
  signature: Signature | undefined,
  failure: DkimFailure,
  testing = false,
): SignatureResult {
  return { result: failureWord(failure), failure, field, signature, testing }
}
