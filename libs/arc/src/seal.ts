// The ARC-Seal field: who vouches for the sets so far, and how the chain stood when it came to him.
// RFC 8617 §4.1.3

import { parseTagList } from '@scop/dkim'
import { decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { ARC_LIMITS, type ArcLimits } from './limits.ts'
import { readSigner, type Signer, type SignerError } from './message-signature.ts'

/** How a chain stands. RFC 8617 §4.4 */
export type ChainStatus = 'none' | 'pass' | 'fail'

export type Seal = Signer & { readonly chainStatus: ChainStatus }

export type SealError = SignerError | { readonly kind: 'bad-chain-status' | 'fields-signed' }

/** Reads the value of the field, as it stands after the colon (folded). */
export function parseSeal(value: Uint8Array, limits: ArcLimits = ARC_LIMITS): Result<Seal, SealError> {
  const parsed = parseTagList(decodeLatin1(value), limits)
  if (!parsed.ok) return parsed
  const tags = new Map([...parsed.value].map(([name, tag]) => [name, tag.value]))
  const signer = readSigner(tags)
  if (!signer.ok) return signer
  if (tags.has('h') || tags.has('bh')) return err({ kind: 'fields-signed' }) // RFC 8617 §4.1.3: a seal covers sets, no other field
  const chainStatus = tags.get('cv')
  if (chainStatus === undefined) return err({ kind: 'missing-tag', tag: 'cv' })
  if (chainStatus !== 'none' && chainStatus !== 'pass' && chainStatus !== 'fail')
    return err({ kind: 'bad-chain-status' })
  return ok({ ...signer.value, chainStatus })
}
