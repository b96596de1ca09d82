// What the checks of one message say of its sender. Law: a domain is named only where its own signature holds, and then for
// good alone; a signature that does not hold counts for whoever sent the message, never for the domain it names.

import type { SignatureResult } from '@scop/dkim'
import type { Seen } from '@scop/reputation'

/** `unreadable`: why a signature that holds is no pass. */
export function seenInSignatures(
  found: readonly SignatureResult[],
  unreadable: string | undefined,
): Pick<Seen, 'provenDomains' | 'classes'> {
  if (unreadable !== undefined) return { provenDomains: [], classes: [] }
  const provenDomains = found.flatMap((one) => (one.result === 'pass' ? [one.proof.domain] : []))
  if (provenDomains.length > 0) return { provenDomains, classes: ['pass'] }
  // What the DNS did not answer, or what is only tried out, says nothing. RFC 6376 §3.6.1
  const failed = found.some(({ result, testing }) => result === 'fail' && !testing)
  return { provenDomains, classes: failed ? ['dkim-fail'] : [] }
}
