// One judgement of verified NSEC and NSEC3 records together: whichever of the two proves it, proves it.
// RFC 4035 §5.4, RFC 5155 §8, RFC 9077 §3 (how long it may be believed)

import type { Name, ResourceRecord, RrsigData } from '@scop/dns'
import { NSEC, NSEC3 } from '@scop/dns'
import { err, ok, type Result } from '@scop/result'
import type { DelegationVerdict, DenialVerdict } from './denial-verdict.ts'
import {
  type EvidenceError,
  type NsecEvidence,
  nsecEvidence,
  nsecNameError,
  nsecNoData,
  nsecNoDs,
  nsecWildcardAnswer,
} from './nsec-proof.ts'
import type { Nsec3Hasher } from './nsec3-hasher.ts'
import {
  type Nsec3Evidence,
  nsec3Evidence,
  nsec3NameError,
  nsec3NoData,
  nsec3NoDs,
  nsec3WildcardAnswer,
} from './nsec3-proof.ts'

export type DenialEvidence = { readonly nsec: readonly NsecEvidence[]; readonly nsec3: readonly Nsec3Evidence[] }

/** Verified records, each with the signature that verified. What is no evidence is told beside it. */
export function denialEvidence(verified: readonly { readonly record: ResourceRecord; readonly rrsig: RrsigData }[]): {
  readonly evidence: DenialEvidence
  readonly refused: readonly EvidenceError[]
} {
  const nsec: NsecEvidence[] = []
  const nsec3: Nsec3Evidence[] = []
  const refused: EvidenceError[] = []
  for (const { record, rrsig } of verified) {
    const kept = keep(record, rrsig, nsec, nsec3)
    if (!kept.ok) refused.push(kept.error)
  }
  return { evidence: { nsec, nsec3 }, refused }
}

/** That neither `name` nor a wildcard for it exists. */
export function proveNameError(evidence: DenialEvidence, name: Name, hasher: Nsec3Hasher): DenialVerdict {
  return either(evidence, nsecNameError(evidence.nsec, name), () => nsec3NameError(evidence.nsec3, name, hasher))
}

/** That `name`, or the wildcard that stands for it, exists and has no `type`. */
export function proveNoData(evidence: DenialEvidence, name: Name, type: number, hasher: Nsec3Hasher): DenialVerdict {
  const byNsec = nsecNoData(evidence.nsec, name, type)
  return either(evidence, byNsec, () => nsec3NoData(evidence.nsec3, name, type, hasher))
}

/** That the wildcard below `encloser`, signed by `zone`, may stand for `name`. */
export function proveWildcardAnswer(
  evidence: DenialEvidence,
  answer: { readonly name: Name; readonly encloser: Name; readonly zone: Name },
  hasher: Nsec3Hasher,
): DenialVerdict {
  const { name, encloser, zone } = answer
  const byNsec = nsecWildcardAnswer(evidence.nsec, name, encloser, zone)
  return either(evidence, byNsec, () => nsec3WildcardAnswer(evidence.nsec3, name, encloser, zone, hasher))
}

/** What kind of zone cut is at `name`, where no DS was found. */
export function proveNoDs(evidence: DenialEvidence, name: Name, hasher: Nsec3Hasher): DelegationVerdict {
  return either(evidence, nsecNoDs(evidence.nsec, name), () => nsec3NoDs(evidence.nsec3, name, hasher))
}

/** NSEC3 is asked only where NSEC does not prove it, for it costs hashes. */
function either<Verdict extends DenialVerdict | DelegationVerdict>(
  { nsec3 }: DenialEvidence,
  byNsec: Verdict,
  byNsec3: () => Verdict,
): Verdict {
  return byNsec.kind !== 'not-proven' || nsec3.length === 0 ? byNsec : byNsec3()
}

function keep(
  record: ResourceRecord,
  rrsig: RrsigData,
  nsec: NsecEvidence[],
  nsec3: Nsec3Evidence[],
): Result<undefined, EvidenceError> {
  if (record.type === NSEC.code) {
    const one = nsecEvidence(record, rrsig)
    if (!one.ok) return one
    nsec.push(one.value)
    return ok(undefined)
  }
  if (record.type !== NSEC3.code) return err({ kind: 'malformed' })
  const one = nsec3Evidence(record, rrsig)
  if (!one.ok) return one
  nsec3.push(one.value)
  return ok(undefined)
}
