// What a lookup comes to: as fetched, and as told to whoever asked.
// RFC 4033 §5 (status), RFC 4035 §4.3, RFC 8914 §2 (why)

import type { ExtendedError, Name, Question } from '@scop/dns'
import type { Rrset, Security } from './rrset.ts'

/** What servers or the cache said to one question, before anybody has validated it. */
export type Fetched = {
  readonly question: Question
  readonly rcode: number
  /** Aliases first, in their order. */
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  readonly additional: readonly Rrset[]
  /** The zone whose servers were asked last; the root where that is not known. */
  readonly zone: Name
  /** Worst of its RRsets where it comes from the cache; `unchecked` when fresh. */
  readonly security: Security
  readonly ttlSeconds: number
  readonly ede: readonly ExtendedError[]
  /** What is told is past its time. RFC 8767 §4 */
  readonly stale: boolean
  /** Address of the server that gave all of it, where it was one. */
  readonly server?: string
}

/** What the caller is told. TTLs are counted down. */
export type Outcome = {
  readonly status: Exclude<Security, 'unchecked'>
  readonly rcode: number
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  readonly additional: readonly Rrset[]
  readonly ede: readonly ExtendedError[]
  readonly ttlSeconds: number
  readonly stale: boolean
  /** AA: only for what the resolver itself is the authority for, as `version.bind.`. */
  readonly authoritative: boolean
}

/** What validation makes of a `Fetched`: the same RRsets with their security, or others where it synthesised. */
export type Validated = {
  readonly security: Exclude<Security, 'unchecked'>
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  readonly additional: readonly Rrset[]
  /** Why, where it is not secure. */
  readonly ede: readonly ExtendedError[]
  /** What was proven, where the server said another, or of another server's answer. */
  readonly rcode: number
}
