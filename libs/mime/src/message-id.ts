// Message identifiers made by us.
// RFC 5322 §3.6.4

import type { DomainName } from '@scop/identifiers'
import { encodeHex } from '@scop/octets'

/** `<hex@domain>`. `random` is at least 8 octets from a good source: two messages must never share one. */
export function formatMessageId(random: Uint8Array, domain: DomainName): string {
  if (random.length < 8) throw new RangeError(`Cannot make a message identifier of ${random.length} random octets`)
  return `<${encodeHex(random)}@${domain}>`
}
