// Whether a zone's keys signed an RRset: which signatures are tried with which keys, and how many.
// RFC 4035 §5.3, RFC 6840 §5.4 (any valid path), CVE-2023-50387 (bounded collisions and failures)

import {
  decodeRdata,
  equalNames,
  EXTENDED_ERROR,
  isSerialAfter,
  type Name,
  RRSIG,
  type RrsigData,
  type ExtendedError,
} from '@scop/dns'
import { ancestorWithLabels, refuseSignature, type SignatureRefusal, signedLabels, verifyRrsig } from '@scop/dnssec'
import type { ZoneKeys } from './key-cache.ts'
import { type Rrset, TRUST } from './rrset.ts'
import type { Task } from './task.ts'
import { bogus, signatureError } from './validation-error.ts'
import type { ValidationRun } from './validation-run.ts'

export type RrsetVerdict =
  | {
      readonly kind: 'secure'
      /** With the signature that counted first, and for no longer than it says. */
      readonly rrset: Rrset
      readonly rrsig: RrsigData
      /** The name whose wildcard gave the records. */
      readonly encloser: Name | undefined
    }
  | { readonly kind: 'bogus'; readonly ede: ExtendedError }

/** Tries the signatures that name this zone until one is right. */
export function* verifyRrset(rrset: Rrset, keys: ZoneKeys, run: ValidationRun): Task<RrsetVerdict> {
  const known = verifiedBefore(rrset, keys.zone)
  if (known !== undefined) return known
  const { limits } = run.context.config
  let worst: Fault = { kind: 'key-of-another-zone', rank: 0 }
  let tried = 0
  for (const rdata of rrset.signatures) {
    const decoded = decodeRdata(RRSIG, rdata)
    if (!decoded.ok || !equalNames(decoded.value.signer, keys.zone)) continue
    const rrsig = decoded.value
    const matching = (keys.byTag.get(rrsig.keyTag) ?? []).filter(({ algorithm }) => algorithm === rrsig.algorithm)
    const refusal =
      refuseWithoutKey(rrset, rrsig, run) ?? (matching.length === 0 ? 'key-tag-differs' : refuseTime(rrsig, run))
    if (refusal !== undefined) {
      worst = worse(worst, refusal)
      continue
    }
    if (++tried > limits.signaturesPerRrset) break
    for (const key of matching.slice(0, limits.keyCollisions)) {
      if (!run.mayVerify()) return { kind: 'bogus', ede: bogus('too many signatures were verified') }
      const signed = { owner: rrset.name, rrset, rrsig, keyOwner: keys.zone, key }
      const verdict = verifyRrsig(signed, undefined, run.state.algorithms)
      const mayGoOn = yield* run.verified(verdict.ok)
      if (verdict.ok) return secure(rrset, rdata, rrsig, run)
      worst = worse(worst, verdict.error.kind)
      if (!mayGoOn) return { kind: 'bogus', ede: bogus('too many signatures failed') }
    }
  }
  if (rrset.signatures.length === 0 || worst.rank === 0)
    return { kind: 'bogus', ede: { code: EXTENDED_ERROR.RRSIGS_MISSING, text: 'no signature of the zone' } }
  return { kind: 'bogus', ede: { code: signatureError(worst.kind), text: worst.kind } }
}

/** The names that signed an RRset, as its signatures claim; those below the owner left out. */
export function claimedSigners(rrset: Rrset): readonly Name[] {
  const signers: Name[] = []
  for (const rdata of rrset.signatures) {
    const rrsig = decodeRdata(RRSIG, rdata)
    if (rrsig.ok && refuseSignature(rrset.name, rrset.type, rrsig.value) === undefined) signers.push(rrsig.value.signer)
  }
  return signers
}

function refuseWithoutKey(rrset: Rrset, rrsig: RrsigData, run: ValidationRun): SignatureRefusal['kind'] | undefined {
  const refusal = refuseSignature(rrset.name, rrset.type, rrsig)
  if (refusal !== undefined) return refusal
  return run.state.algorithms.supports(rrsig.algorithm) ? undefined : 'algorithm-unsupported'
}

/** As RFC 4034 §3.1.5, with an allowance for clocks that differ. */
function refuseTime(rrsig: RrsigData, run: ValidationRun): SignatureRefusal['kind'] | undefined {
  const now = run.signatureSeconds
  if (now === undefined) return undefined
  const { inception, expiration } = rrsig
  if (isSerialAfter(inception, expiration)) return 'validity-backwards'
  const { skewMinSeconds, skewMaxSeconds } = run.context.config.validation
  const lifetime = (expiration - inception) >>> 0
  const skew = Math.max(Math.min(Math.floor(lifetime / 10), skewMaxSeconds), skewMinSeconds)
  if (isSerialAfter(inception, (now + skew) >>> 0)) return 'not-yet-valid'
  if (isSerialAfter((now - skew) >>> 0, expiration)) return 'expired'
  return undefined
}

function secure(rrset: Rrset, rdata: Uint8Array, rrsig: RrsigData, run: ValidationRun): RrsetVerdict {
  const now = run.signatureSeconds
  let ttlSeconds = Math.min(rrset.ttlSeconds, rrsig.originalTtlSeconds)
  // RFC 4035 §5.3.3. Past the end by less than the allowance counts as just before it.
  if (now !== undefined && !isSerialAfter(now >>> 0, rrsig.expiration))
    ttlSeconds = Math.min(ttlSeconds, (rrsig.expiration - now) >>> 0)
  const signatures = [rdata, ...rrset.signatures.filter((other) => other !== rdata)]
  const verified: Rrset = { ...rrset, ttlSeconds, signatures, security: 'secure', trust: TRUST.validated }
  const encloser = encloserOf(rrset.name, rrsig)
  // Records of a wildcard are secure only when it is proven that nothing nearer exists.
  if (encloser === undefined) run.context.cache.store(verified, run.nowMs)
  return { kind: 'secure', rrset: verified, rrsig, encloser }
}

/** What was verified, and kept, with the signature that counted first. */
function verifiedBefore(rrset: Rrset, zone: Name): RrsetVerdict | undefined {
  const [first] = rrset.signatures
  if (rrset.security !== 'secure' || first === undefined) return undefined
  const rrsig = decodeRdata(RRSIG, first)
  if (!rrsig.ok || !equalNames(rrsig.value.signer, zone)) return undefined
  if (refuseSignature(rrset.name, rrset.type, rrsig.value) !== undefined) return undefined
  return { kind: 'secure', rrset, rrsig: rrsig.value, encloser: encloserOf(rrset.name, rrsig.value) }
}

function encloserOf(owner: Name, rrsig: RrsigData): Name | undefined {
  return rrsig.labels < signedLabels(owner) ? ancestorWithLabels(owner, rrsig.labels) : undefined
}

/** The fault that came furthest is the one to tell. */
type Fault = { readonly kind: SignatureRefusal['kind']; readonly rank: number }

function worse(known: Fault, kind: SignatureRefusal['kind']): Fault {
  const rank = RANK[kind] ?? 1
  return rank > known.rank ? { kind, rank } : known
}

const RANK: Readonly<Partial<Record<SignatureRefusal['kind'], number>>> = {
  'algorithm-unsupported': 2,
  'key-tag-differs': 3,
  'not-yet-valid': 4,
  expired: 4,
  'key-not-for-zones': 5,
  'key-malformed': 6,
  'signature-wrong': 7,
}
