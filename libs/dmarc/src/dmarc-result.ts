// DMARC's result as Authentication-Results writes it.
// RFC 9989 §9.1 (header.from, policy.dmarc), §9.2 (words); RFC 8601 §2.7

import type { AuthenticationProperty, MethodResult } from '@scop/mime'
import { unreachable } from '@scop/result'
import type { AuthorError } from './author-domain.ts'
import type { DmarcVerdict } from './verdict.ts'

/** `policy.dmarc` is what the domain asks for if the message fails: whether it was done is not said here. */
export function dmarcResult(verdict: DmarcVerdict): MethodResult {
  const { outcome, author, policy, steps } = verdict
  const properties: AuthenticationProperty[] = [{ type: 'header', name: 'from', value: author }]
  if (policy !== undefined) properties.push({ type: 'policy', name: 'dmarc', value: policy.requested })
  const reason = outcome === 'temperror' || outcome === 'permerror' ? steps.at(-1) : undefined
  return { method: 'dmarc', result: outcome, ...(reason !== undefined && { reason }), properties }
}

/** Of a message without one author domain: `permerror`, which never is a pass. RFC 9989 §11.5 */
export function authorErrorResult(error: AuthorError): MethodResult {
  return { method: 'dmarc', result: 'permerror', reason: describeAuthorError(error) }
}

/** For people; no foreign text. */
export function describeAuthorError(error: AuthorError): string {
  switch (error.kind) {
    case 'no-from':
      return 'no From field'
    case 'several-from-fields':
      return `${error.count} From fields`
    case 'no-mailbox':
      return 'no address in From'
    case 'group':
      return 'a group in From'
    case 'encoded-word-in-address':
      return 'an encoded word in the address of From'
    case 'source-route':
      return 'a source route in From'
    case 'address-literal':
      return 'no domain name in From, but an address literal'
    case 'bad-mailbox':
      return 'an address in From that mail cannot have'
    case 'several-domains':
      return 'several author domains'
    case 'unreadable':
      return `From cannot be read in one way: ${error.why.replaceAll('-', ' ')} at ${error.at}`
    default:
      return unreachable(error)
  }
}
