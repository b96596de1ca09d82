// What verified NSEC3 records prove, by the closest encloser, the next closer name and the wildcard; opt-out makes it insecure.
// RFC 5155 §8.1–§8.9 (and errata 3441), RFC 6840 §4.1, §4.3, RFC 7129 §5, RFC 9276 §3.2 (iterations)

import {
  decodeBase32Hex,
  decodeRdata,
  equalNames,
  isAtOrBelow,
  labelCount,
  labels,
  type Name,
  NSEC3,
  NSEC3_SHA1,
  parentName,
  type ResourceRecord,
  type RrsigData,
  wildcardOf,
} from '@scop/dns'
import { decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import {
  ancestorGap,
  ancestorWithLabels,
  cutVerdict,
  type DelegationVerdict,
  type DenialVerdict,
  type InsecureDenial,
  type NotProven,
  notProven,
  typesGap,
} from './denial-verdict.ts'
import type { EvidenceError } from './nsec-proof.ts'
import type { Nsec3Hasher } from './nsec3-hasher.ts'

/** An NSEC3 record that was verified; made by `nsec3Evidence`. Hashes have one character for each octet. */
export type Nsec3Evidence = {
  readonly zone: Name
  readonly hash: string
  readonly next: string
  readonly iterations: number
  readonly salt: Uint8Array
  readonly optOut: boolean
  readonly types: readonly number[]
}

/** What `record` says; records with unknown hash algorithms or flags say nothing. RFC 5155 §8.1, §8.2 */
export function nsec3Evidence(record: ResourceRecord, rrsig: RrsigData): Result<Nsec3Evidence, EvidenceError> {
  const data = decodeRdata(NSEC3, record.rdata)
  const [first] = labels(record.name)
  const zone = parentName(record.name)
  if (!data.ok || first === undefined || zone === undefined) return err({ kind: 'malformed' })
  if (!equalNames(zone, rrsig.signer)) return err({ kind: 'owner-outside-zone' })
  if (rrsig.labels !== labelCount(record.name)) return err({ kind: 'expanded' })
  const { hashAlgorithm, flags, iterations, salt, nextHash, types } = data.value
  if (hashAlgorithm !== NSEC3_SHA1) return err({ kind: 'hash-algorithm-unknown' })
  if (flags > 1) return err({ kind: 'flags-unknown' })
  const hash = decodeBase32Hex(decodeLatin1(first))
  if (!hash.ok || hash.value.length !== SHA1_OCTETS || nextHash.length !== SHA1_OCTETS)
    return err({ kind: 'malformed' })
  const ends = { hash: decodeLatin1(hash.value), next: decodeLatin1(nextHash) }
  return ok({ zone, ...ends, iterations, salt, optOut: flags === 1, types })
}

/** That neither `name` nor a wildcard for it exists. RFC 5155 §8.4 */
export function nsec3NameError(records: readonly Nsec3Evidence[], name: Name, hasher: Nsec3Hasher): DenialVerdict {
  return byChain<DenialVerdict>(records, name, hasher, (chain) => {
    if (chain.matching(name) !== undefined) return notProven('name-exists')
    const found = closestEncloser(chain, name)
    if (found.kind !== 'found') return found
    const wildcard = wildcardOf(found.encloser)
    if (wildcard !== undefined && chain.covering(wildcard) === undefined) return notProven('wildcard-not-denied')
    return found.optOut ? OPT_OUT : { kind: 'proven', encloser: found.encloser }
  })
}

/** That `name`, or the wildcard that stands for it, exists and has no `type`. RFC 5155 §8.5, §8.6, §8.7 */
export function nsec3NoData(
  records: readonly Nsec3Evidence[],
  name: Name,
  type: number,
  hasher: Nsec3Hasher,
): DenialVerdict {
  return byChain<DenialVerdict>(records, name, hasher, (chain) => {
    const exact = chain.matching(name)
    if (exact !== undefined) {
      const gap = typesGap(exact.types, name, type)
      return gap === undefined ? { kind: 'proven', encloser: name } : notProven(gap)
    }
    const found = closestEncloser(chain, name)
    if (found.kind !== 'found') return found
    // Also where no DS was asked for: empty names above unsigned delegations have no record either (errata 3441).
    if (found.optOut) return OPT_OUT
    const wildcard = wildcardOf(found.encloser)
    const source = wildcard === undefined ? undefined : chain.matching(wildcard)
    if (wildcard === undefined || source === undefined) return notProven('wildcard-not-denied')
    const gap = typesGap(source.types, wildcard, type)
    return gap === undefined ? { kind: 'proven', encloser: found.encloser } : notProven(gap)
  })
}

/** That nothing nearer to `name` exists than `encloser`, whose wildcard gave an answer signed by `zone`. RFC 5155 §8.8 */
export function nsec3WildcardAnswer(
  records: readonly Nsec3Evidence[],
  name: Name,
  encloser: Name,
  zone: Name,
  hasher: Nsec3Hasher,
): DenialVerdict {
  const ofZone = records.filter((record) => equalNames(record.zone, zone))
  return byChain<DenialVerdict>(ofZone, name, hasher, (chain) => {
    const nextCloser = ancestorWithLabels(name, labelCount(encloser) + 1)
    const cover = chain.covering(nextCloser)
    if (cover === undefined) return notProven('next-closer-not-covered')
    return cover.optOut ? OPT_OUT : { kind: 'proven', encloser }
  })
}

/** What there is at `name` as its parent zone sees it, where no DS was found. RFC 5155 §8.6, §8.9 */
export function nsec3NoDs(records: readonly Nsec3Evidence[], name: Name, hasher: Nsec3Hasher): DelegationVerdict {
  // Records below the name are the child's own, and say nothing of its DS.
  const ofParents = records.filter(({ zone }) => labelCount(name) === 0 || !equalNames(zone, name))
  if (ofParents.length === 0 && records.length > 0) return notProven('child-side')
  return byChain<DelegationVerdict>(ofParents, name, hasher, (chain) => {
    const exact = chain.matching(name)
    if (exact !== undefined) return cutVerdict(exact.types, name)
    const found = closestEncloser(chain, name)
    if (found.kind !== 'found') return found
    return found.optOut ? OPT_OUT : { kind: 'no-delegation' }
  })
}

/** The records of one zone with one set of parameters: hashes under different ones cannot be compared. RFC 5155 §8.2 */
class Chain {
  readonly zone: Name
  readonly #records: readonly Nsec3Evidence[]
  readonly #hasher: Nsec3Hasher
  /** A name could not be hashed any more, so what was not found means nothing. */
  exhausted = false

  constructor(records: readonly Nsec3Evidence[], zone: Name, hasher: Nsec3Hasher) {
    this.zone = zone
    this.#records = records
    this.#hasher = hasher
  }

  matching(name: Name): Nsec3Evidence | undefined {
    const hash = this.#hash(name)
    return this.#records.find((record) => record.hash === hash)
  }

  covering(name: Name): Nsec3Evidence | undefined {
    const hash = this.#hash(name)
    return hash === undefined ? undefined : this.#records.find((record) => isInGap(record, hash))
  }

  #hash(name: Name): string | undefined {
    const [any] = this.#records
    const hash = any === undefined ? undefined : this.#hasher.hash(name, any.iterations, any.salt)
    if (hash === undefined) this.exhausted = true
    return hash
  }
}

type ClosestEncloser = { readonly kind: 'found'; readonly encloser: Name; readonly optOut: boolean }

/** The longest ancestor that has a record, with the record that covers the name below it. RFC 5155 §8.3 */
function closestEncloser(chain: Chain, name: Name): ClosestEncloser | NotProven {
  let nextCloser = name
  for (let left = labelCount(name) - labelCount(chain.zone); left > 0 && !chain.exhausted; left--) {
    const encloser = parentName(nextCloser) ?? chain.zone
    const match = chain.matching(encloser)
    if (match !== undefined) {
      const gap = ancestorGap(match.types)
      if (gap !== undefined) return notProven(gap)
      const cover = chain.covering(nextCloser)
      if (cover === undefined) return notProven('next-closer-not-covered')
      return { kind: 'found', encloser, optOut: cover.optOut }
    }
    nextCloser = encloser
  }
  return notProven('no-closest-encloser')
}

/** Judges each chain that may speak of `name`, the nearest zone's first, until one decides. */
function byChain<Verdict extends DenialVerdict | DelegationVerdict>(
  records: readonly Nsec3Evidence[],
  name: Name,
  hasher: Nsec3Hasher,
  judge: (chain: Chain) => Verdict | NotProven | InsecureDenial,
): Verdict | NotProven | InsecureDenial {
  const usable = records.filter(({ zone }) => isAtOrBelow(name, zone))
  if (usable.length > hasher.limits.records) return notProven('too-many-records')
  if (usable.length === 0) return notProven('name-not-covered')
  // A zone has one number of iterations. Where only some records have too many, something is wrong with them all.
  if (usable.every(({ iterations }) => iterations > hasher.limits.iterations)) return ITERATIONS
  const chains = new Map<string, Nsec3Evidence[]>()
  for (const record of usable.toSorted((a, b) => labelCount(b.zone) - labelCount(a.zone))) {
    if (record.iterations > hasher.limits.iterations) continue
    const key = `${record.iterations} ${record.salt.length} ${decodeLatin1(record.salt)}${record.zone.key}`
    const chain = chains.get(key)
    if (chain === undefined) chains.set(key, [record])
    else chain.push(record)
  }
  let gap: NotProven | undefined
  for (const chain of chains.values()) {
    const [first] = chain
    if (first === undefined) continue
    const judged = new Chain(chain, first.zone, hasher)
    const verdict = judge(judged)
    if (judged.exhausted) return notProven('hash-budget-spent')
    if (verdict.kind !== 'not-proven') return verdict
    gap ??= notProven(verdict.because)
  }
  return gap ?? notProven('name-not-covered')
}

/** Between the record's own hash and the next; the last one's next is the first. */
function isInGap({ hash, next }: Nsec3Evidence, sought: string): boolean {
  if (hash < next) return hash < sought && sought < next
  return sought !== hash && (hash < sought || sought < next)
}

const OPT_OUT: InsecureDenial = { kind: 'insecure', because: 'opt-out' }
const ITERATIONS: InsecureDenial = { kind: 'insecure', because: 'iterations' }
const SHA1_OCTETS = 20
