// RRsets as a resolver holds them: with their signatures, with how far they are trusted, and with what validation said.
// RFC 2181 §5 (RRsets), §5.4.1 (ranking), RFC 4033 §5 (security status)

import {
  canonicalRdata,
  CLASS,
  equalNames,
  equalRdata,
  type Name,
  type ResourceRecord,
  RRSIG,
  typeCoveredBy,
} from '@scop/dns'
import { decodeLatin1 } from '@scop/octets'

/** RFC 4033 §5; `unchecked` is what nobody has validated yet. */
export type Security = 'unchecked' | 'bogus' | 'indeterminate' | 'insecure' | 'secure'

export type Rrset = {
  readonly name: Name
  readonly type: number
  readonly class: number
  readonly ttlSeconds: number
  readonly rdatas: readonly Uint8Array[]
  /** Data of the RRSIG records that cover it. */
  readonly signatures: readonly Uint8Array[]
  readonly trust: Trust
  readonly security: Security
}

/** From little to much. RFC 2181 §5.4.1 */
export const TRUST = {
  none: 0,
  /** Additional data of an answer without AA, glue, a delegation. */
  additional: 1,
  /** Authority data of an answer without AA: the NS records of a referral. */
  authority: 2,
  additionalAuthoritative: 3,
  /** Answer data without AA. */
  answer: 4,
  /** Answer data of a server that is asked by configuration for what it is not authoritative for. */
  answerForwarded: 5,
  authorityAuthoritative: 6,
  answerAuthoritative: 7,
  validated: 8,
  /** Of the configuration. */
  ultimate: 9,
} as const
export type Trust = (typeof TRUST)[keyof typeof TRUST]

/**
 * The records of a section as RRsets, each with its signatures, in the order in which each first stands. `elsewhere`: of
 * other sections of the message, where signatures may stand too.
 */
export function groupRecords(
  records: readonly ResourceRecord[],
  trust: Trust,
  elsewhere: readonly ResourceRecord[] = [],
): readonly Rrset[] {
  const sets = new Map<string, Growing>()
  for (const record of records) {
    if (record.type === RRSIG.code) continue
    const key = rrsetKey(record.name, record.type, record.class)
    const known = sets.get(key)
    if (known === undefined) sets.set(key, beginRrset(record))
    else if (known.rdatas.add(record.rdata)) {
      known.ttl = Math.min(known.ttl, record.ttlSeconds)
    }
  }
  for (const [i, record] of [...records, ...elsewhere].entries()) {
    if (record.type !== RRSIG.code || record.rdata.length < 2) continue
    const known = sets.get(rrsetKey(record.name, typeCoveredBy(record.rdata), record.class))
    if (known !== undefined) {
      if (!known.signatures.add(record.rdata)) continue
      known.ttl = Math.min(known.ttl, record.ttlSeconds)
    } else if (i < records.length) {
      // Signatures alone: what an explicit question for RRSIG gets.
      const alone = rrsetKey(record.name, RRSIG.code, record.class)
      const other = sets.get(alone)
      if (other !== undefined) other.rdatas.add(record.rdata)
      else sets.set(alone, beginRrset(record))
    }
  }
  return [...sets.values()].map(({ first, ttl, rdatas, signatures }) => ({
    name: first.name,
    type: first.type,
    class: first.class,
    ttlSeconds: ttl,
    rdatas: rdatas.members,
    signatures: signatures.members,
    trust,
    security: 'unchecked',
  }))
}

/** As records; the signatures after the data, or none. */
export function rrsetToRecords(rrset: Rrset, withSignatures: boolean): readonly ResourceRecord[] {
  const { name, type, class: klass, ttlSeconds } = rrset
  const records = rrset.rdatas.map((rdata): ResourceRecord => ({ name, type, class: klass, ttlSeconds, rdata }))
  if (withSignatures) {
    for (const rdata of rrset.signatures) records.push({ name, type: RRSIG.code, class: klass, ttlSeconds, rdata })
  }
  return records
}

/** Equal for the same owner, type and class, and for nothing else. */
export function rrsetKey(name: Name, type: number, klass: number = CLASS.IN): string {
  return `${name.key}${String.fromCharCode(type, klass)}`
}

/** Same data and same signatures, in any order. */
export function sameData(a: Rrset, b: Rrset): boolean {
  return (
    equalNames(a.name, b.name) &&
    sameMembers(a.rdatas, b.rdatas, a.type) &&
    sameMembers(a.signatures, b.signatures, RRSIG.code)
  )
}

function sameMembers(a: readonly Uint8Array[], b: readonly Uint8Array[], type: number): boolean {
  if (a.length !== b.length) return false
  if (a.length <= FEW) return a.every((rdata) => b.some((other) => equalRdata(type, rdata, other)))
  const all = new Set(b.map((rdata) => rdataKey(type, rdata)))
  return a.every((rdata) => all.has(rdataKey(type, rdata)))
}

/** Each data once. Few are compared, many are looked up, so that thousands cost thousands and not millions. RFC 2181 §5.5 */
class DistinctRdatas {
  readonly members: Uint8Array[] = []
  readonly #type: number
  #keys: Set<string> | undefined

  constructor(type: number) {
    this.#type = type
  }

  /** False if it was there. */
  add(rdata: Uint8Array): boolean {
    if (this.members.length < FEW) {
      if (this.members.some((known) => equalRdata(this.#type, known, rdata))) return false
    } else {
      this.#keys ??= new Set(this.members.map((known) => rdataKey(this.#type, known)))
      const key = rdataKey(this.#type, rdata)
      if (this.#keys.has(key)) return false
      this.#keys.add(key)
    }
    this.members.push(rdata)
    return true
  }
}

function rdataKey(type: number, rdata: Uint8Array): string {
  return decodeLatin1(canonicalRdata(type, rdata))
}

function beginRrset(first: ResourceRecord): Growing {
  const rdatas = new DistinctRdatas(first.type)
  rdatas.add(first.rdata)
  return { first, ttl: first.ttlSeconds, rdatas, signatures: new DistinctRdatas(RRSIG.code) }
}

type Growing = {
  readonly first: ResourceRecord
  ttl: number
  readonly rdatas: DistinctRdatas
  readonly signatures: DistinctRdatas
}

const FEW = 8
