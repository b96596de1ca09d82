// One signature, one key, one RRset: whether the signature makes the RRset authentic, and for how long.
// Whether the key itself can be trusted is for others to say. Every condition refuses by a kind of its own.
// RFC 4035 §5.3.1 (conditions), §5.3.3 (TTL), RFC 4034 §3.1.5 (times), RFC 5011 §2.1 (revoked keys), RFC 6840 §5.1

import {
  DNSKEY,
  type DnskeyData,
  equalNames,
  isAtOrBelow,
  isSerialAfter,
  labelCount,
  type Name,
  NSEC,
  NSEC3,
  type RRset,
  type RrsigData,
} from '@scop/dns'
import { err, ok, type Result } from '@scop/result'
import type { AlgorithmTable } from './algorithms.ts'
import { DNSSEC_PROTOCOL, isRevoked, KEY_FLAG, keyTag } from './key-tag.ts'
import { signedData, signedLabels } from './signed-data.ts'

export type SignatureRefusal = {
  readonly kind:
    | 'type-differs'
    | 'labels-more-than-owner'
    | 'labels-fewer-than-signer'
    | 'signer-not-above-owner'
    | 'denial-expanded'
    | 'validity-backwards'
    | 'not-yet-valid'
    | 'expired'
    | 'key-of-another-zone'
    | 'algorithm-differs'
    | 'key-tag-differs'
    | 'key-not-for-zones'
    | 'key-protocol-wrong'
    | 'key-revoked'
    | 'key-malformed'
    | 'algorithm-unsupported'
    | 'signature-wrong'
}

export type SignedRrset = {
  readonly owner: Name
  readonly rrset: RRset
  readonly rrsig: RrsigData
  /** The zone that says what it is signed by: the owner of the DNSKEY. */
  readonly keyOwner: Name
  readonly key: DnskeyData
}

export type AuthenticRrset = {
  /** For how long the RRset may be kept: no longer than signed, nor than the signature lives. */
  readonly ttlSeconds: number
  /** Labels of the wildcard that gave the records, without its `*`; `undefined` if the owner itself was signed. */
  readonly wildcardLabels: number | undefined
}

/**
 * Checks all that costs nothing first. `nowSeconds` `undefined` leaves the times aside. Only with `signature-wrong` and
 * with success was a signature computed.
 */
export function verifyRrsig(
  signed: SignedRrset,
  nowSeconds: number | undefined,
  algorithms: AlgorithmTable,
): Result<AuthenticRrset, SignatureRefusal> {
  const { owner, rrset, rrsig, key } = signed
  const refusal = refuseSignature(owner, rrset.type, rrsig) ?? refuseTime(rrsig, nowSeconds) ?? refuseKey(signed)
  if (refusal !== undefined) return err({ kind: refusal })
  const verdict = algorithms.supports(rrsig.algorithm)
    ? algorithms.verify(rrsig.algorithm, key.publicKey, signedData(owner, rrset, rrsig), rrsig.signature)
    : 'unsupported'
  if (verdict !== 'valid') return err({ kind: REFUSED[verdict] })
  const wildcardLabels = rrsig.labels < signedLabels(owner) ? rrsig.labels : undefined
  return ok({ ttlSeconds: ttlOf(rrset, rrsig, nowSeconds), wildcardLabels })
}

/** What the signature and the owner alone refuse, whatever key there is: no reason to look for one. */
export function refuseSignature(owner: Name, type: number, rrsig: RrsigData): SignatureRefusal['kind'] | undefined {
  if (rrsig.typeCovered !== type) return 'type-differs'
  if (!isAtOrBelow(owner, rrsig.signer)) return 'signer-not-above-owner'
  const ownerLabels = signedLabels(owner)
  if (rrsig.labels > ownerLabels) return 'labels-more-than-owner'
  // A wildcard above the zone that signed it would be another zone's.
  if (rrsig.labels < labelCount(rrsig.signer)) return 'labels-fewer-than-signer'
  // RFC 4035 §5.4, RFC 7129 §5.5: a denial is never made by a wildcard.
  if (rrsig.labels < ownerLabels && (type === NSEC.code || type === NSEC3.code)) return 'denial-expanded'
  return undefined
}

function refuseTime(rrsig: RrsigData, nowSeconds: number | undefined): SignatureRefusal['kind'] | undefined {
  if (nowSeconds === undefined) return undefined
  const now = nowSeconds >>> 0
  if (isSerialAfter(rrsig.inception, rrsig.expiration)) return 'validity-backwards'
  if (isSerialAfter(rrsig.inception, now)) return 'not-yet-valid'
  if (isSerialAfter(now, rrsig.expiration)) return 'expired'
  return undefined
}

function refuseKey({ owner, rrset, rrsig, keyOwner, key }: SignedRrset): SignatureRefusal['kind'] | undefined {
  if (!equalNames(rrsig.signer, keyOwner)) return 'key-of-another-zone'
  if (rrsig.algorithm !== key.algorithm) return 'algorithm-differs'
  if (rrsig.keyTag !== keyTag(key)) return 'key-tag-differs'
  if ((key.flags & KEY_FLAG.ZONE) === 0) return 'key-not-for-zones'
  if (key.protocol !== DNSSEC_PROTOCOL) return 'key-protocol-wrong'
  // RFC 5011 §2.1: a revoked key signs the set that says so, and nothing else.
  const itself = rrset.type === DNSKEY.code && equalNames(owner, keyOwner)
  if (isRevoked(key) && !itself) return 'key-revoked'
  return undefined
}

function ttlOf(rrset: RRset, rrsig: RrsigData, nowSeconds: number | undefined): number {
  const ttl = Math.min(rrset.ttlSeconds, rrsig.originalTtlSeconds)
  return nowSeconds === undefined ? ttl : Math.min(ttl, (rrsig.expiration - nowSeconds) >>> 0)
}

const REFUSED = {
  invalid: 'signature-wrong',
  'bad-key': 'key-malformed',
  unsupported: 'algorithm-unsupported',
} as const
