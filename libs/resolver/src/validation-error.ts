// Why validation fails, as the extended errors that tell it.
// RFC 8914 §4 (codes), RFC 9276 §3.2 (27)

import type { ExtendedError } from '@scop/dns'
import type { DenialGap, EvidenceError, SignatureRefusal } from '@scop/dnssec'

export const VALIDATION_ERROR = {
  ALGORITHM_UNSUPPORTED: 1,
  DIGEST_UNSUPPORTED: 2,
  INDETERMINATE: 5,
  BOGUS: 6,
  EXPIRED: 7,
  NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NO_ZONE_KEY_BIT: 11,
  NSEC_MISSING: 12,
  NSEC3_ITERATIONS: 27,
} as const

/** What one signature is told as. */
export function signatureError(kind: SignatureRefusal['kind']): number {
  switch (kind) {
    case 'expired':
      return VALIDATION_ERROR.EXPIRED
    case 'not-yet-valid':
      return VALIDATION_ERROR.NOT_YET_VALID
    case 'key-tag-differs':
    case 'algorithm-differs':
      return VALIDATION_ERROR.DNSKEY_MISSING
    case 'key-not-for-zones':
    case 'key-protocol-wrong':
      return VALIDATION_ERROR.NO_ZONE_KEY_BIT
    case 'algorithm-unsupported':
      return VALIDATION_ERROR.ALGORITHM_UNSUPPORTED
    case 'key-of-another-zone':
      return VALIDATION_ERROR.RRSIGS_MISSING
    case 'type-differs':
    case 'labels-more-than-owner':
    case 'labels-fewer-than-signer':
    case 'signer-not-above-owner':
    case 'denial-expanded':
    case 'validity-backwards':
    case 'key-revoked':
    case 'key-malformed':
    case 'signature-wrong':
      return VALIDATION_ERROR.BOGUS
  }
}

/** What a proof that fails is told as: that there is none, or that it is wrong. */
export function denialError(gap: DenialGap, refused: readonly EvidenceError[], records: number): ExtendedError {
  if (records === 0 && refused.length === 0) return { code: VALIDATION_ERROR.NSEC_MISSING, text: 'no proof of absence' }
  const what = refused[0] === undefined ? gap : `${gap}, ${refused[0].kind}`
  return { code: records === 0 ? VALIDATION_ERROR.NSEC_MISSING : VALIDATION_ERROR.BOGUS, text: `absence: ${what}` }
}

export function bogus(text: string): ExtendedError {
  return { code: VALIDATION_ERROR.BOGUS, text }
}
