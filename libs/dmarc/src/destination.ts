// Whether reports may be sent where a record wants them: within the organisation at once, elsewhere only where the
// destination says so. Without it a record could have a victim flooded with reports.
// RFC 9990 §4 (external destinations); RFC 9991 §5 (the same for ruf); RFC 7489 §7.1

import type { DomainName, Mailbox } from '@scop/identifiers'
import { Answers, type Asking, organizationalDomain, shareAName } from './discovery.ts'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'
import { parseRecord, type TextAnswer } from './record.ts'
import type { ReportUri } from './report-uri.ts'

export type DestinationRequest = {
  /** Where the policy record stands. */
  readonly policyDomain: DomainName
  readonly uri: ReportUri
  /** `rua`: aggregate reports; `ruf`: failure reports. */
  readonly tag: 'rua' | 'ruf'
  readonly limits?: DmarcLimits
}

export type DestinationVerdict =
  /** Where to send. `overridden`: the destination wants them at another address of its own. */
  | { readonly kind: 'allowed'; readonly mailboxes: readonly Mailbox[]; readonly overridden: boolean }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'no-mailto'
        | 'address-literal'
        | 'name-too-long'
        /** No record says that the destination wants reports of this domain. */
        | 'not-wanted'
        /** The destination's record points to another host: neither address may be used. */
        | 'override-elsewhere'
    }
  | { readonly kind: 'temporary-failure' }

/** Yields questions as `evaluateDmarc` does. */
export function* verifyDestination(request: DestinationRequest): Asking<DestinationVerdict> {
  const { policyDomain, uri, tag, limits = DMARC_LIMITS } = request
  const { mailbox } = uri
  if (mailbox === undefined) return { kind: 'refused', reason: 'no-mailto' }
  const { domain } = mailbox
  if (typeof domain !== 'string') return { kind: 'refused', reason: 'address-literal' }
  const same = domain === policyDomain || (yield* shareOrganization(domain, policyDomain, limits))
  if (same === 'temporary-failure') return { kind: same }
  if (same) return { kind: 'allowed', mailboxes: [mailbox], overridden: false }
  const name = `${policyDomain}._report._dmarc.${domain}`
  if (name.length > MAX_NAME) return { kind: 'refused', reason: 'name-too-long' }
  const [answer] = yield [{ kind: 'texts', name }]
  if (answer === undefined || answer.kind === 'temporary-failure') return { kind: 'temporary-failure' }
  const overrides = answer.kind === 'texts' ? overridesIn(answer, tag, limits) : undefined
  if (overrides === undefined) return { kind: 'refused', reason: 'not-wanted' }
  const mailboxes = overrides.flatMap((one) => (one.mailbox === undefined ? [] : [one.mailbox]))
  if (mailboxes.length === 0) return { kind: 'allowed', mailboxes: [mailbox], overridden: false }
  if (mailboxes.some((one) => one.domain !== domain)) return { kind: 'refused', reason: 'override-elsewhere' }
  return { kind: 'allowed', mailboxes, overridden: true }
}

function* shareOrganization(
  destination: DomainName,
  policyDomain: DomainName,
  limits: DmarcLimits,
): Asking<boolean | 'temporary-failure'> {
  if (!shareAName(destination, policyDomain)) return false
  const answers = new Answers(limits)
  const walks = yield* answers.walks([policyDomain, destination])
  const [ours, theirs] = walks.map(organizationalDomain)
  if (ours === undefined || theirs === undefined) return 'temporary-failure'
  return ours === theirs
}

/** The addresses of every record that is one; undefined where none is. RFC 9990 §4 steps 6 to 9 */
function overridesIn(
  answer: TextAnswer & { readonly kind: 'texts' },
  tag: 'rua' | 'ruf',
  limits: DmarcLimits,
): readonly ReportUri[] | undefined {
  const records = answer.texts.slice(0, limits.records).flatMap((text) => {
    const parsed = parseRecord(text, limits)
    return parsed.ok ? [parsed.value.record] : []
  })
  if (records.length === 0) return undefined
  return records.flatMap(({ aggregateUris, failureUris }) => (tag === 'rua' ? aggregateUris : failureUris))
}

const MAX_NAME = 253 // 255 octets on the wire
