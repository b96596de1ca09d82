// Nonces: printable, without a comma. RFC 5802 §5.1 (r=)

import { encodeBase64 } from '@scop/octets'

/** From at least 16 random octets. */
export function formatNonce(random: Uint8Array): string {
  if (random.length < LEAST_OCTETS) throw new Error(`Cannot make a nonce of ${random.length} octets: too few`)
  return encodeBase64(random)
}

const LEAST_OCTETS = 16
