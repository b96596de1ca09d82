// What verified NSEC records prove: that a name is not there, that it lacks a type, that a wildcard may stand for it, that no DS is there.
// RFC 4035 §5.4, RFC 4592 §4, RFC 6840 §4.1 (delegations and DNAME), §4.3 (CNAME), RFC 7129 §5; an NSEC of a wildcard's expansion is none

import {
  compareNames,
  decodeRdata,
  equalNames,
  isAtOrBelow,
  isWildcard,
  labelCount,
  type Name,
  NSEC,
  type ResourceRecord,
  type RrsigData,
  wildcardOf,
} from '@scop/dns'
import { err, ok, type Result } from '@scop/result'
import {
  ancestorGap,
  ancestorWithLabels,
  cutVerdict,
  type DelegationVerdict,
  type DenialGap,
  type DenialVerdict,
  notProven,
  sharedLabels,
  typesGap,
} from './denial-verdict.ts'

/** An NSEC record that was verified; made by `nsecEvidence`. */
export type NsecEvidence = {
  readonly owner: Name
  readonly next: Name
  readonly types: readonly number[]
  /** Its signer. */
  readonly zone: Name
}

export type EvidenceError = {
  readonly kind:
    | 'malformed'
    /** The signature is of a wildcard, the owner is its expansion. */
    | 'expanded'
    | 'owner-outside-zone'
    | 'next-outside-zone'
    | 'hash-algorithm-unknown'
    | 'flags-unknown'
}

/** What `record` says, if the signature that verified is one under which an NSEC can stand. */
export function nsecEvidence(record: ResourceRecord, rrsig: RrsigData): Result<NsecEvidence, EvidenceError> {
  const data = decodeRdata(NSEC, record.rdata)
  if (!data.ok) return err({ kind: 'malformed' })
  const [owner, zone] = [record.name, rrsig.signer]
  if (!isAtOrBelow(owner, zone)) return err({ kind: 'owner-outside-zone' })
  if (rrsig.labels !== labelCount(owner) - (isWildcard(owner) ? 1 : 0)) return err({ kind: 'expanded' })
  const { next, types } = data.value
  if (!isAtOrBelow(next, zone)) return err({ kind: 'next-outside-zone' })
  // Only the last name's next goes back, and it goes to the apex.
  if (compareNames(owner, next) >= 0 && !equalNames(next, zone)) return err({ kind: 'next-outside-zone' })
  return ok({ owner, next, types, zone })
}

/** That neither `name` nor a wildcard for it exists. */
export function nsecNameError(records: readonly NsecEvidence[], name: Name): DenialVerdict {
  const cover = covering(records, name)
  if (typeof cover === 'string') return notProven(cover)
  if (isAtOrBelow(cover.next, name)) return notProven('name-exists') // it is an empty non-terminal
  const encloser = nsecEncloser(cover, name)
  const wildcard = wildcardOf(encloser)
  if (wildcard === undefined) return { kind: 'proven', encloser } // it would be too long to exist
  const denial = covering(ofZone(records, cover.zone), wildcard)
  if (typeof denial === 'string' || isAtOrBelow(denial.next, wildcard)) return notProven('wildcard-not-denied')
  return { kind: 'proven', encloser }
}

/** That `name`, or the wildcard that stands for it, exists and has no `type`. */
export function nsecNoData(records: readonly NsecEvidence[], name: Name, type: number): DenialVerdict {
  const exact = records.filter(({ owner }) => equalNames(owner, name))
  let gap: DenialGap | undefined
  for (const { types } of exact) {
    gap = typesGap(types, name, type)
    if (gap === undefined) return { kind: 'proven', encloser: name }
  }
  if (gap !== undefined) return notProven(gap)
  const cover = covering(records, name)
  if (typeof cover === 'string') return notProven(cover)
  if (isAtOrBelow(cover.next, name)) return { kind: 'proven', encloser: name }
  const encloser = nsecEncloser(cover, name)
  const wildcard = wildcardOf(encloser)
  if (wildcard === undefined) return notProven('wildcard-not-denied')
  const sameZone = ofZone(records, cover.zone)
  const source = sameZone.find(({ owner }) => equalNames(owner, wildcard))
  if (source !== undefined) {
    const wrong = typesGap(source.types, wildcard, type)
    return wrong === undefined ? { kind: 'proven', encloser } : notProven(wrong)
  }
  const above = covering(sameZone, wildcard)
  if (typeof above === 'string' || !isAtOrBelow(above.next, wildcard)) return notProven('wildcard-not-denied')
  return { kind: 'proven', encloser } // the wildcard is an empty non-terminal
}

/** That nothing nearer to `name` exists than `encloser`, whose wildcard gave an answer signed by `zone`. RFC 4035 §5.3.4 */
export function nsecWildcardAnswer(
  records: readonly NsecEvidence[],
  name: Name,
  encloser: Name,
  zone: Name,
): DenialVerdict {
  const cover = covering(ofZone(records, zone), name)
  if (typeof cover === 'string') return notProven(cover)
  if (isAtOrBelow(cover.next, name)) return notProven('name-exists')
  if (!equalNames(nsecEncloser(cover, name), encloser)) return notProven('closer-name-exists')
  return { kind: 'proven', encloser }
}

/** What there is at `name` as its parent zone sees it, where no DS was found. RFC 4035 §5.2 */
export function nsecNoDs(records: readonly NsecEvidence[], name: Name): DelegationVerdict {
  const exact = records.filter(({ owner }) => equalNames(owner, name))
  let verdict: DelegationVerdict | undefined
  for (const { types } of exact) {
    verdict = cutVerdict(types, name)
    if (verdict.kind !== 'not-proven') return verdict
  }
  if (verdict !== undefined) return verdict
  const cover = covering(records, name)
  return typeof cover === 'string' ? notProven(cover) : { kind: 'no-delegation' }
}

/** The record in whose gap `name` lies and that may speak of it, or why there is none. */
function covering(records: readonly NsecEvidence[], name: Name): NsecEvidence | DenialGap {
  let gap: DenialGap = 'name-not-covered'
  for (const record of records) {
    if (equalNames(record.owner, name)) gap = 'name-exists'
    if (!isInGap(record, name)) continue
    const wrong = isAtOrBelow(name, record.owner) ? ancestorGap(record.types) : undefined
    if (wrong === undefined) return record
    gap = wrong
  }
  return gap
}

function isInGap({ owner, next, zone }: NsecEvidence, name: Name): boolean {
  if (!isAtOrBelow(name, zone) || compareNames(owner, name) >= 0) return false
  return equalNames(next, zone) || compareNames(name, next) < 0
}

/** The longest ancestor that `name` shares with either end of the gap. RFC 7129 §5.5 */
export function nsecEncloser({ owner, next }: NsecEvidence, name: Name): Name {
  const shared = Math.max(sharedLabels(owner, name), sharedLabels(next, name))
  return ancestorWithLabels(name, shared)
}

function ofZone(records: readonly NsecEvidence[], zone: Name): readonly NsecEvidence[] {
  return records.filter((record) => equalNames(record.zone, zone))
}
