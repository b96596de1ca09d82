// What becomes of a message, of all that was found out about its sender. Order and policy stand here and nowhere else.
// Law: what DNS did not answer defers where the verdict hangs on it, and never passes; nothing that a sender can write or
// sign opens a way around a policy of reject, only a forwarder that the operator trusts.
// RFC 7208 §8 (SPF), RFC 9989 §5.4, §7 (DMARC), RFC 8617 §7.2 (ARC), RFC 7372 §3 (status codes)

import type { SpfWord } from '@scop/spf'

/** What an operator may want of a message that fails. */
export type Action = 'accept' | 'junk' | 'refuse'

export type Policy = {
  /** From cannot be read in one way only. */
  readonly author: Action
  /** DMARC fails, and the domain asks for it to be refused, or put aside. */
  readonly dmarcReject: Action
  readonly dmarcQuarantine: Action
  /** SPF fails, and the author's domain has no DMARC policy. */
  readonly spfFail: Action
}

export type DmarcFinding = {
  readonly result: 'pass' | 'fail' | 'none' | 'temperror' | 'permerror'
  /** The author's domain. */
  readonly domain: string
  /** What the domain asks for where it fails. */
  readonly requested: 'none' | 'quarantine' | 'reject'
}

export type Findings = {
  readonly author: { readonly kind: 'readable' } | { readonly kind: 'unreadable'; readonly reason: string }
  /** undefined: there is no author to ask about. */
  readonly dmarc: DmarcFinding | undefined
  /** undefined: the mail came from nobody outside. */
  readonly spf: { readonly result: SpfWord; readonly domain: string } | undefined
  /** Whether the key of a signature that could still count was not to be had. */
  readonly signatureUndecided: boolean
  /** A sealer that the operator trusts, of a chain that holds and says that the message passed before. */
  readonly trustedSealer: string | undefined
}

/** Why less was done than the author's domain asks for. RFC 9990 §3.1.4 */
export type Override = 'trusted_forwarder' | 'local_policy'

export type Decision =
  | { readonly kind: 'accept'; readonly into: 'inbox' | 'junk'; readonly override: Override | undefined }
  | { readonly kind: 'refuse'; readonly status: '5.7.1' | '5.7.23' | '5.7.26'; readonly reason: string }
  | { readonly kind: 'defer'; readonly status: '4.7.24' | '4.7.26'; readonly reason: string }

export function decide(findings: Findings, policy: Policy): Decision {
  const { author, dmarc, spf } = findings
  if (author.kind === 'unreadable')
    return take(policy.author, { status: '5.7.1', reason: `Cannot tell who wrote this: ${author.reason}` })
  if (dmarc?.result === 'pass') return ACCEPT
  if (dmarc?.result === 'temperror')
    return {
      kind: 'defer',
      status: '4.7.26',
      reason: `The DMARC policy of ${dmarc.domain} cannot be had now; try again later`,
    }
  if (dmarc?.result === 'fail') return decideFailed(dmarc, findings, policy)
  // No policy of the author's domain: that of the envelope's.
  if (spf?.result === 'temperror')
    return {
      kind: 'defer',
      status: '4.7.24',
      reason: `The SPF policy of ${spf.domain} cannot be had now; try again later`,
    }
  if (spf?.result === 'fail')
    return take(policy.spfFail, { status: '5.7.23', reason: `SPF of ${spf.domain} does not let this address send` })
  return ACCEPT
}

function decideFailed(dmarc: DmarcFinding, findings: Findings, policy: Policy): Decision {
  if (findings.trustedSealer !== undefined) return { ...ACCEPT, override: 'trusted_forwarder' }
  if (dmarc.requested === 'none') return ACCEPT
  if (findings.spf?.result === 'temperror' || findings.signatureUndecided)
    return {
      kind: 'defer',
      status: '4.7.26',
      reason: `Whether ${dmarc.domain} sent this cannot be told now; try again later`,
    }
  const status = '5.7.26'
  const reason = `DMARC of ${dmarc.domain} asks to ${dmarc.requested} what it did not send (p=${dmarc.requested})`
  if (dmarc.requested === 'quarantine') return take(policy.dmarcQuarantine, { status, reason }, 'local_policy')
  return take(policy.dmarcReject, { status, reason }, 'local_policy')
}

/** `override`: where the mail is accepted although the domain asks for something else. */
function take(
  action: Action,
  refusal: { readonly status: '5.7.1' | '5.7.23' | '5.7.26'; readonly reason: string },
  override?: Override,
): Decision {
  if (action === 'refuse') return { kind: 'refuse', ...refusal }
  if (action === 'junk') return { kind: 'accept', into: 'junk', override: undefined }
  return { ...ACCEPT, override }
}

const ACCEPT = { kind: 'accept', into: 'inbox', override: undefined } as const
