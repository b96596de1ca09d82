// What an evaluation says: the word, the policy that was asked for, what aligned, and every step of the reasoning.
// RFC 9989 §5.3.5, §9.2 (result words); RFC 7489 §6.6.4 (sampling)

import type { DomainName } from '@scop/identifiers'
import type { Alignment, DmarcRecord, Policy } from './record.ts'
import type { VerifiedAuthor } from './verified-author.ts'

/**
 * `none`: no policy stands anywhere. `permerror`: one stands that cannot be read. `temperror`: DNS did not answer what the
 * result rests on; neither pass nor fail. RFC 9989 §5.3.6
 */
export type DmarcOutcome = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror'

export type AppliedPolicy = {
  /** What the domain asks to be done if this message fails: after t= and pct=. */
  readonly requested: Policy
  /** As the tag has it. */
  readonly published: Policy
  readonly tag: 'p' | 'sp' | 'np'
  /** Where the record stands. */
  readonly domain: DomainName
  readonly record: DmarcRecord
  /** Why `requested` is less than `published`. */
  readonly eased: 'testing' | 'not-sampled' | undefined
}

export type IdentifierAlignment = {
  readonly mechanism: 'spf' | 'dkim'
  readonly domain: DomainName
  readonly selector: string | undefined
  readonly mode: Alignment
  readonly aligned: boolean
  /** Where it had to be found. */
  readonly organizationalDomain: DomainName | undefined
}

export type DmarcVerdict = {
  readonly outcome: DmarcOutcome
  readonly author: DomainName
  /** undefined where none was found, could be read, or DNS failed. */
  readonly policy: AppliedPolicy | undefined
  /** Of the author, where it had to be found. */
  readonly organizationalDomain: DomainName | undefined
  readonly identifiers: readonly IdentifierAlignment[]
  /** A sentence each, in order; no foreign text but domain names in A-labels. */
  readonly steps: readonly string[]
  /** Questions that were asked of DNS. */
  readonly queries: number
  /** Of a pass. */
  readonly proof: VerifiedAuthor | undefined
}

/** One level less. RFC 9989 §4.7 t, RFC 7489 §6.6.4 */
export function easedPolicy(policy: Policy): Policy {
  return policy === 'reject' ? 'quarantine' : 'none'
}

/**
 * Of a From with several domains, each evaluated: the failure whose domain asks for most. undefined where none fails.
 * RFC 9989 §11.5
 */
export function strictestFailure(verdicts: readonly DmarcVerdict[]): DmarcVerdict | undefined {
  let strictest: DmarcVerdict | undefined
  for (const verdict of verdicts) {
    if (verdict.outcome === 'fail' && strictness(verdict) > strictness(strictest)) strictest = verdict
  }
  return strictest
}

const strictness = (verdict: DmarcVerdict | undefined): number =>
  verdict?.policy === undefined ? -1 : POLICIES.indexOf(verdict.policy.requested)

const POLICIES: readonly Policy[] = ['none', 'quarantine', 'reject']
