// Why validation fails, as the extended errors that tell it.
// RFC 8914 §4, RFC 9276 §3.2

import { EXTENDED_ERROR, type ExtendedError, NSEC, NSEC3 } from '@scop/dns'
import type { DenialGap, EvidenceError, SignatureRefusal } from '@scop/dnssec'
import type { Rrset } from './rrset.ts'

/** What one signature is told as. */
export function signatureError(kind: SignatureRefusal['kind']): number {
  switch (kind) {
    case 'expired':
      return EXTENDED_ERROR.SIGNATURE_EXPIRED
    case 'not-yet-valid':
      return EXTENDED_ERROR.SIGNATURE_NOT_YET_VALID
    case 'key-tag-differs':
    case 'algorithm-differs':
      return EXTENDED_ERROR.DNSKEY_MISSING
    case 'key-not-for-zones':
    case 'key-protocol-wrong':
      return EXTENDED_ERROR.NO_ZONE_KEY_BIT_SET
    case 'algorithm-unsupported':
      return EXTENDED_ERROR.UNSUPPORTED_DNSKEY_ALGORITHM
    case 'key-of-another-zone':
      return EXTENDED_ERROR.RRSIGS_MISSING
    case 'type-differs':
    case 'labels-more-than-owner':
    case 'labels-fewer-than-signer':
    case 'signer-not-above-owner':
    case 'denial-expanded':
    case 'validity-backwards':
    case 'key-revoked':
    case 'key-malformed':
    case 'signature-wrong':
      return EXTENDED_ERROR.DNSSEC_BOGUS
  }
}

/** What a proof that fails is told as: nothing was signed, there is none, or it is wrong. */
export function denialErrors(
  gap: DenialGap,
  refused: readonly EvidenceError[],
  authority: readonly Rrset[],
): readonly ExtendedError[] {
  const signed = authority.some(({ signatures }) => signatures.length > 0)
  if (!signed) return [{ code: EXTENDED_ERROR.RRSIGS_MISSING, text: 'nothing signed says that it is absent' }]
  const wrong = bogus(refused[0] === undefined ? gap : `${gap}, ${refused[0].kind}`)
  if (authority.some(({ type }) => type === NSEC.code || type === NSEC3.code)) return [wrong]
  return [wrong, { code: EXTENDED_ERROR.NSEC_MISSING, text: 'no proof of absence' }]
}

export function bogus(text: string): ExtendedError {
  return { code: EXTENDED_ERROR.DNSSEC_BOGUS, text }
}
