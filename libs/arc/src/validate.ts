// Validating: the structure of the chain from the header, then the body, then the keys: the newest signature of the
// message, and every seal. RFC 8617 §5.2; RFC 6376 §6.1 (how a signature is verified)

import {
  type BodyHasher,
  canonicalizeField,
  checkKey,
  chooseKeyRecord,
  type DkimFailure,
  type KeyAnswer,
  keyName,
  type KeyRecord,
  relaxValue,
  selectFields,
  SharedBodyHashers,
  verifyWithKey,
  withoutSignatureValue,
} from '@scop/dkim'
import type { Field, HeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, equalOctets } from '@scop/octets'
import { type ArcSet, type ChainError, readChain } from './chain.ts'
import { ARC_LIMITS, type ArcLimits } from './limits.ts'
import type { Signer } from './message-signature.ts'
import { PERMIT, VerifiedChain } from './verified-chain.ts'

export type ArcFailure =
  | ChainError
  | {
      readonly kind: 'seal-wrong' | 'message-signature-wrong' | 'body-changed' | 'body-partly-signed'
      readonly instance: number
    }
  | { readonly kind: 'bad-key'; readonly instance: number; readonly failure: DkimFailure }

export type ChainResult = {
  /** Every set that could be read, the oldest first. */
  readonly sets: readonly ArcSet[]
} & (
  | { readonly status: 'none' }
  | {
      readonly status: 'pass'
      readonly proof: VerifiedChain
      /** The oldest instance from which on nobody has changed what was signed; 0: from the first. RFC 8617 §5.2 step 5 */
      readonly oldestPass: number
    }
  | { readonly status: 'fail'; readonly failure: ArcFailure }
  /** A key was not to be had. */
  | { readonly status: 'temperror'; readonly failure: ArcFailure }
)

export type Validating = {
  /** DNS names to ask TXT for, each once. */
  readonly keyNames: readonly string[]
  /** The body, in any pieces. */
  update(chunk: Uint8Array): void
  /** `answers` must have every one of `keyNames`. */
  finish(answers: ReadonlyMap<string, KeyAnswer>): ChainResult
}

export function startValidating(header: HeaderSection, limits: ArcLimits = ARC_LIMITS): Validating {
  const chain = readChain(header, limits)
  const sets = chain.ok ? chain.value : []
  const hashers = new SharedBodyHashers()
  const bodies = new Map<number, BodyHasher>()
  for (const { instance, messageSignature } of sets.slice(-1 - limits.olderSignatures))
    bodies.set(instance, hashers.for(messageSignature.bodyCanonicalization, messageSignature.bodyOctets))
  const keyNames = new Set(sets.flatMap(({ seal, messageSignature }) => [nameOf(seal), nameOf(messageSignature)]))
  return {
    keyNames: [...keyNames],
    update: (chunk) => hashers.update(chunk),
    finish: (answers) => {
      if (!chain.ok) return { status: 'fail', failure: chain.error, sets }
      const newest = sets.at(-1)
      if (newest === undefined) return { status: 'none', sets }
      const keys = new Keys(answers, limits)
      const failed = checkMessageSignature(header, newest, bodies.get(newest.instance), keys, limits)
      const failure = failed ?? firstFailure(sets.toReversed(), (set) => checkSeal(sets, set, keys, limits))
      if (failure !== undefined) return { status: isTemporary(failure) ? 'temperror' : 'fail', failure, sets }
      let oldest = newest.instance
      for (const set of sets.slice(0, -1).toReversed()) {
        const body = bodies.get(set.instance)
        if (body === undefined || checkMessageSignature(header, set, body, keys, limits) !== undefined) break
        oldest = set.instance
      }
      const sealers = sets.map(({ seal }) => seal.domain)
      const proof = new VerifiedChain(
        PERMIT,
        sealers,
        sets.map(({ results }) => results.results),
      )
      return { status: 'pass', proof, oldestPass: oldest === 1 ? 0 : oldest, sets }
    },
  }
}

/** The octets that a seal signs: every set up to its own, its own b= empty. RFC 8617 §5.1.1 */
export function sealedOctets(sets: readonly { readonly fields: ArcSet['fields'] }[], ownValue: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  for (const [i, { fields }] of sets.entries()) {
    pieces.push(canonicalizeField(fields.results, 'relaxed'), canonicalizeField(fields.messageSignature, 'relaxed'))
    if (i < sets.length - 1) pieces.push(canonicalizeField(fields.seal, 'relaxed'))
  }
  return concatOctets([...pieces, encodeAscii('arc-seal:'), relaxValue(ownValue)])
}

/** The octets that a message signature signs, beside the fields it names: its own with b= empty. */
export function signedOctets(
  covered: readonly Field[],
  canonicalization: 'simple' | 'relaxed',
  own: { readonly before: Uint8Array; readonly value: Uint8Array },
): Uint8Array {
  const pieces = covered.map((field) => canonicalizeField(field, canonicalization))
  if (canonicalization === 'simple') return concatOctets([...pieces, own.before, own.value])
  return concatOctets([...pieces, encodeAscii('arc-message-signature:'), relaxValue(own.value)])
}

function checkMessageSignature(
  header: HeaderSection,
  { instance, messageSignature, fields }: ArcSet,
  body: BodyHasher | undefined,
  keys: Keys,
  limits: ArcLimits,
): ArcFailure | undefined {
  const { bodyOctets, bodyHash, headerCanonicalization, signedFields, algorithm, signature } = messageSignature
  if (body === undefined) throw new Error('Cannot check a signature whose body was not hashed')
  const hashed = body.finish()
  if (!equalOctets(hashed.digest, bodyHash)) return { kind: 'body-changed', instance }
  if (bodyOctets !== undefined && bodyOctets !== hashed.bodyOctets) return { kind: 'body-partly-signed', instance }
  const key = keys.of(messageSignature)
  if (!('publicKey' in key)) return key
  const field = fields.messageSignature
  const octets = signedOctets(selectFields(header, signedFields, field), headerCanonicalization, {
    before: field.octets.subarray(0, field.valueStart),
    value: withoutSignatureValue(field.value, limits),
  })
  return verifyWithKey(algorithm, key, octets, signature) ? undefined : { kind: 'message-signature-wrong', instance }
}

function checkSeal(
  sets: readonly ArcSet[],
  { instance, seal, fields }: ArcSet,
  keys: Keys,
  limits: ArcLimits,
): ArcFailure | undefined {
  const key = keys.of(seal)
  if (!('publicKey' in key)) return key
  const octets = sealedOctets(sets.slice(0, instance), withoutSignatureValue(fields.seal.value, limits))
  return verifyWithKey(seal.algorithm, key, octets, seal.signature) ? undefined : { kind: 'seal-wrong', instance }
}

class Keys {
  readonly #answers: ReadonlyMap<string, KeyAnswer>
  readonly #limits: ArcLimits

  constructor(answers: ReadonlyMap<string, KeyAnswer>, limits: ArcLimits) {
    this.#answers = answers
    this.#limits = limits
  }

  of(signer: Signer): KeyRecord | Extract<ArcFailure, { kind: 'bad-key' }> {
    const { instance, algorithm } = signer
    const name = nameOf(signer)
    const answer = this.#answers.get(name)
    if (answer === undefined) throw new Error(`Cannot validate: no answer for "${name}"`)
    const record = chooseKeyRecord(answer, this.#limits)
    if ('kind' in record) return { kind: 'bad-key', instance, failure: record }
    const failure = checkKey(algorithm, record, this.#limits)
    return failure === undefined ? record : { kind: 'bad-key', instance, failure }
  }
}

const isTemporary = (failure: ArcFailure): boolean =>
  failure.kind === 'bad-key' && failure.failure.kind === 'key-unavailable'

function firstFailure(sets: readonly ArcSet[], check: (set: ArcSet) => ArcFailure | undefined): ArcFailure | undefined {
  for (const set of sets) {
    const failure = check(set)
    if (failure !== undefined) return failure
  }
  return undefined
}

function nameOf({ selector, domain }: Signer): string {
  const name = keyName(selector, domain)
  if (name === undefined) throw new Error('Cannot ask for a key name that the parser should have refused')
  return name
}
