// The denials of an authority section that a zone's keys signed: evidence for proofs, and kept for later questions.
// RFC 4035 §5.4, RFC 5155 §8, RFC 8198 §5; CVE-2023-50868 (bounded)

import {
  decodeRdata,
  equalNames,
  type ExtendedError,
  NSEC,
  NSEC3,
  type ResourceRecord,
  type RrsigData,
  SOA,
} from '@scop/dns'
import { type DenialEvidence, denialEvidence, type EvidenceError } from '@scop/dnssec'
import type { ZoneKeys } from './key-cache.ts'
import type { Rrset } from './rrset.ts'
import { claimedSigners, type RrsetVerdict, verifyRrset } from './rrset-validation.ts'
import type { Task } from './task.ts'
import type { ValidationRun } from './validation-run.ts'

export type VerifiedDenials = {
  readonly evidence: DenialEvidence
  readonly refused: readonly EvidenceError[]
  /** Those that verified, with their signatures. */
  readonly rrsets: ReadonlyMap<Rrset, Rrset>
  readonly count: number
  /** Why the first that did not verify did not. */
  readonly fault: ExtendedError | undefined
}

/** Looks at the first so many that claim to be of this zone. */
export function* verifiedDenials(
  authority: readonly Rrset[],
  keys: ZoneKeys,
  run: ValidationRun,
): Task<VerifiedDenials> {
  const verified: { record: ResourceRecord; rrsig: RrsigData }[] = []
  const rrsets = new Map<Rrset, Rrset>()
  let fault: ExtendedError | undefined
  const mostSeconds = negativeSeconds(authority)
  let looked = 0
  for (const rrset of authority) {
    if (!isDenial(rrset)) continue
    if (!claimedSigners(rrset).some((signer) => equalNames(signer, keys.zone))) continue
    if (++looked > run.context.config.limits.denialRecords) break
    const verdict = yield* verifyRrset(rrset, keys, run)
    if (verdict.kind === 'bogus') {
      fault ??= verdict.ede
      continue
    }
    rrsets.set(rrset, verdict.rrset)
    keepDenial(verdict, mostSeconds, run)
    for (const rdata of rrset.rdatas) {
      const { name, type, class: klass, ttlSeconds } = verdict.rrset
      verified.push({ record: { name, type, class: klass, ttlSeconds, rdata }, rrsig: verdict.rrsig })
    }
  }
  const { evidence, refused } = denialEvidence(verified)
  return { evidence, refused, rrsets, count: verified.length, fault }
}

/** Keeps a denial, to speak of other names as well. */
export function keepDenial(
  { rrset, rrsig }: Extract<RrsetVerdict, { kind: 'secure' }>,
  mostSeconds: number,
  run: ValidationRun,
): void {
  run.state.denials.keep(rrset, rrsig, Math.min(rrset.ttlSeconds, mostSeconds), run.nowMs)
}

/** How long the SOA beside them lets denials be believed. RFC 2308 §5, RFC 9077 §3 */
export function negativeSeconds(authority: readonly Rrset[]): number {
  const soa = authority.find(({ type }) => type === SOA.code)
  const data = soa?.rdatas[0] === undefined ? undefined : decodeRdata(SOA, soa.rdatas[0])
  if (soa === undefined || data?.ok !== true) return Number.POSITIVE_INFINITY
  return Math.min(soa.ttlSeconds, data.value.negativeTtlSeconds)
}

export function isDenial({ type }: Rrset): boolean {
  return type === NSEC.code || type === NSEC3.code
}
