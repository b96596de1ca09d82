// What the checks of one message say of its sender. Law: a domain is named only where the mail was proved to be its own, and
// then for good alone; what does not hold counts for whoever sent the message, never for the domain that it names.

import type { SignatureResult, VerifiedSignature } from '@scop/dkim'
import type { DomainName } from '@scop/identifiers'
import type { EventClass, Seen } from '@scop/reputation'
import type { SpfOutcome } from '@scop/spf'
import type { Decision, Findings } from './policy.ts'

export type Checked = {
  readonly signatures: readonly SignatureResult[]
  /** Those that count: none where readers may see another message than was signed. */
  readonly proofs: readonly VerifiedSignature[]
  readonly spf: SpfOutcome | undefined
  readonly dmarc: Findings['dmarc']
  readonly decision: Decision
}

export function seenInMessage({
  signatures,
  proofs,
  spf,
  dmarc,
  decision,
}: Checked): Pick<Seen, 'provenDomains' | 'classes'> {
  if (decision.kind === 'refuse')
    // Of a From that nobody can read no domain has said anything.
    return { provenDomains: [], classes: [decision.status === '5.7.1' ? 'dmarc-fail' : 'forged'] }
  if (decision.kind === 'accept' && decision.override === 'trusted_forwarder') return { provenDomains: [], classes: [] }
  if (dmarc?.result === 'fail') return { provenDomains: [], classes: ['dmarc-fail'] }
  const proven = new Set<DomainName>(proofs.map(({ domain }) => domain))
  if (spf?.proof !== undefined) proven.add(spf.proof.domain)
  if (proven.size > 0) return { provenDomains: [...proven], classes: ['pass'] }
  const classes: EventClass[] = []
  // What the DNS did not answer, or what is only tried out, says nothing. RFC 6376 §3.6.1
  if (signatures.some(({ result, testing }) => result === 'fail' && !testing)) classes.push('dkim-fail')
  if (spf?.result === 'fail') classes.push('spf-fail')
  if (spf?.result === 'softfail') classes.push('spf-softfail')
  return { provenDomains: [], classes }
}
