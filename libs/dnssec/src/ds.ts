// DS: the digest of a key in the parent zone, made and compared.
// RFC 4034 §5.1.4, §5.2, RFC 4509 §2 (SHA-256), RFC 6605 §2 (SHA-384), RFC 9905 §2 (SHA-1 is read and never written)

import { DNSKEY, type DnskeyData, type DsData, encodeRdata, type Name } from '@scop/dns'
import { concatOctets, encodeLatin1 } from '@scop/octets'
import { type AlgorithmTable, computeDigest, type DIGEST } from './algorithms.ts'
import { isRevoked, isZoneKey, keyTag } from './key-tag.ts'

export type DsVerdict = 'match' | 'mismatch' | 'unsupported'

/** The DS of a key, for its parent zone. */
export function makeDs(
  owner: Name,
  key: DnskeyData,
  digestType: typeof DIGEST.SHA256 | typeof DIGEST.SHA384 = 2,
): DsData {
  const digest = computeDigest(digestType, digestedData(owner, key))
  if (digest === undefined) throw new Error(`No digest of type ${digestType}`)
  return { keyTag: keyTag(key), algorithm: key.algorithm, digestType, digest }
}

/**
 * Whether this DS is that of this key: same tag and algorithm, a key that may sign its zone and is not revoked, and the
 * digest. `unsupported` says that the table does not know the digest type, whatever the key is.
 */
export function matchDs(owner: Name, key: DnskeyData, ds: DsData, algorithms: AlgorithmTable): DsVerdict {
  if (!algorithms.supportsDigest(ds.digestType)) return 'unsupported'
  if (ds.algorithm !== key.algorithm || !isZoneKey(key) || isRevoked(key) || ds.keyTag !== keyTag(key))
    return 'mismatch'
  return algorithms.checkDigest(ds.digestType, digestedData(owner, key), ds.digest) === 'valid' ? 'match' : 'mismatch'
}

// digest = digest_algorithm( DNSKEY owner name | DNSKEY RDATA )      RFC 4034 §5.1.4
function digestedData(owner: Name, key: DnskeyData): Uint8Array {
  return concatOctets([encodeLatin1(owner.key), encodeRdata(DNSKEY, key)])
}
