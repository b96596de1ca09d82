// Signatures that were found valid before, under the same key over the same octets, are not computed again: the SOA and the
// NSEC of each absence, and what a wildcard gives to each name below it, come with the very same ones.
// Law: a verdict is a function of key, data and signature, and all three are compared; only `valid` is kept, so that what
// is made up by whoever likes drives nothing out. RFC 4035 §5.3.3 (the times of a signature are judged elsewhere)

import { decodeLatin1, equalOctets } from '@scop/octets'
import type { AlgorithmTable } from './algorithms.ts'
import { DNSSEC_LIMITS, type DnssecLimits } from './limits.ts'

type Valid = { readonly algorithm: number; readonly publicKey: Uint8Array; readonly data: Uint8Array }

/** `algorithms`, with a memory of `rememberedSignatures` at most. */
export function rememberSignatures(
  algorithms: AlgorithmTable,
  { rememberedSignatures, rememberedOctets }: DnssecLimits = DNSSEC_LIMITS,
): AlgorithmTable {
  // Two generations: what is found moves to the young one; when that is half of all, the old one goes.
  let young = new Map<string, Valid>()
  let old = new Map<string, Valid>()
  const put = (key: string, valid: Valid): void => {
    young.set(key, valid)
    if (young.size * 2 <= rememberedSignatures) return
    old = young
    young = new Map()
  }
  return {
    supports: (algorithm) => algorithms.supports(algorithm),
    supportsDigest: (digestType) => algorithms.supportsDigest(digestType),
    checkDigest: (digestType, data, digest) => algorithms.checkDigest(digestType, data, digest),
    verify: (algorithm, publicKey, data, signature) => {
      const key = decodeLatin1(signature)
      const aged = young.has(key) ? undefined : old.get(key)
      const known = aged ?? young.get(key)
      if (
        known !== undefined &&
        known.algorithm === algorithm &&
        equalOctets(known.data, data) &&
        equalOctets(known.publicKey, publicKey)
      ) {
        if (aged !== undefined) put(key, aged)
        return 'valid'
      }
      const verdict = algorithms.verify(algorithm, publicKey, data, signature)
      if (verdict === 'valid' && data.length <= rememberedOctets) {
        put(key, { algorithm, publicKey: publicKey.slice(), data: data.slice() })
      }
      return verdict
    },
  }
}
