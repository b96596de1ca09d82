// Aggregate reports: what a receiver saw of one domain's mail in a period, in counts.
// RFC 9990 §3.1 (content), App. A (schema); RFC 7489 App. C (first edition)

import type { IpAddress } from '@scop/identifiers'
import type { Alignment, Policy } from './record.ts'

/** `pass` since RFC 9990: the message passed, no policy was applied. */
export type Disposition = Policy | 'pass'
export type AlignedResult = 'pass' | 'fail'
export type DkimWord = 'none' | 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror'
export type SpfWord = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'policy' | 'temperror' | 'permerror'
/** Of RFC 9990 §3.1.6; `forwarded` and `sampled_out` are RFC 7489's. */
export type OverrideType =
  | 'local_policy'
  | 'mailing_list'
  | 'other'
  | 'policy_test_mode'
  | 'trusted_forwarder'
  | 'forwarded'
  | 'sampled_out'

export type OverrideReason = { readonly type: OverrideType; readonly comment: string | undefined }

/** Texts are foreign, trimmed, and at most `textCharacters` long. Domains are as written, in lower case. */
export type AggregateReport = {
  readonly version: string | undefined
  readonly organization: string
  readonly email: string
  readonly extraContact: string | undefined
  readonly reportId: string
  /** Seconds since 1970. */
  readonly beginSeconds: number
  readonly endSeconds: number
  readonly errors: readonly string[]
  readonly generator: string | undefined
  readonly policy: PublishedPolicy
  readonly records: readonly ReportRecord[]
  readonly extensions: readonly ReportExtension[]
}

export type PublishedPolicy = {
  readonly domain: string
  readonly policy: Policy | undefined
  readonly subdomainPolicy: Policy | undefined
  readonly nonexistentPolicy: Policy | undefined
  readonly dkimAlignment: Alignment | undefined
  readonly spfAlignment: Alignment | undefined
  readonly testing: boolean | undefined
  readonly discoveryMethod: 'psl' | 'treewalk' | undefined
  readonly failureOptions: string | undefined
  /** RFC 7489. */
  readonly percent: number | undefined
}

export type ReportRecord = {
  /** undefined where what is written is no address. */
  readonly sourceIp: IpAddress | undefined
  /** Messages. */
  readonly count: number
  readonly disposition: Disposition | undefined
  /** Aligned or not, as DMARC looked at it. */
  readonly dkim: AlignedResult | undefined
  readonly spf: AlignedResult | undefined
  readonly reasons: readonly OverrideReason[]
  readonly headerFrom: string
  /** '' is the null sender. */
  readonly envelopeFrom: string | undefined
  readonly envelopeTo: string | undefined
  readonly dkimResults: readonly DkimAuthResult[]
  readonly spfResults: readonly SpfAuthResult[]
  readonly extensions: readonly ReportExtension[]
}

export type DkimAuthResult = {
  readonly domain: string
  readonly selector: string | undefined
  readonly result: DkimWord | undefined
  readonly humanResult: string | undefined
}

export type SpfAuthResult = {
  readonly domain: string
  readonly scope: 'mfrom' | 'helo' | undefined
  readonly result: SpfWord | undefined
  readonly humanResult: string | undefined
}

/** That there is one; what it says is not kept. RFC 9990 §4 */
export type ReportExtension = { readonly name: string; readonly definition: string | undefined }

/** What the whole report counts. */
export function messageCount(report: AggregateReport): number {
  return report.records.reduce((sum, { count }) => sum + count, 0)
}
