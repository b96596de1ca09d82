// What a check says: the result, what decided it, and each step on the way.
// RFC 7208 §2.6 (results), §4.6.4 (limits), §5.2 (include's table)

import type { IpAddress } from '@scop/identifiers'
import type { SpfRecordError } from './record.ts'
import type { SpfIdentity, VerifiedSpf } from './verified-spf.ts'

export type SpfWord = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror'

/** Why there is no verdict of the domain's own. */
export type SpfProblem =
  | { readonly kind: 'not-a-policy-domain' | 'no-record' | 'several-records' | 'dns-unavailable' }
  | { readonly kind: 'too-many-lookups' | 'too-many-void-lookups' | 'too-many-mx-hosts'; readonly limit: number }
  /** An include or redirect to a domain without a record. */
  | { readonly kind: 'target-without-record' | 'target-not-a-domain'; readonly target: string }
  | { readonly kind: 'bad-record'; readonly error: SpfRecordError }

/** One term of one record. */
export type TermTrace = {
  readonly term: string
  /** The name asked for, macros expanded. */
  readonly target: string | undefined
  /** What DNS said, shortened. */
  readonly found: string | undefined
  readonly outcome: 'match' | 'no-match' | 'error'
  /** The record behind an include or redirect. */
  readonly nested: DomainTrace | undefined
}

/** One domain's record, term by term as far as the check went. */
export type DomainTrace = {
  readonly domain: string
  readonly record: string | undefined
  readonly terms: readonly TermTrace[]
  readonly result: SpfWord
  readonly problem: SpfProblem | undefined
}

export type SpfOutcome = {
  readonly result: SpfWord
  readonly identity: SpfIdentity
  /** As it was claimed: lower case where it is a name. */
  readonly domain: string
  readonly client: IpAddress
  /** The mechanism that matched, and the domain whose record it stands in; undefined: none did. */
  readonly decidedBy: { readonly domain: string; readonly term: string } | undefined
  readonly problem: SpfProblem | undefined
  /** The domain's own words to whoever it refuses; visible ASCII and spaces. */
  readonly explanation: string | undefined
  readonly lookups: number
  readonly voidLookups: number
  readonly trace: DomainTrace
  /** For `pass` of a domain that can be a host's. */
  readonly proof: VerifiedSpf | undefined
}

export function wordOf(problem: SpfProblem): 'none' | 'temperror' | 'permerror' {
  if (problem.kind === 'not-a-policy-domain' || problem.kind === 'no-record') return 'none'
  return problem.kind === 'dns-unavailable' ? 'temperror' : 'permerror'
}
