// Signatures made: the canonical form is computed once for all keys that sign the RRset.
// RFC 4034 §3.1, RFC 4035 §2.2, RFC 6605 §4 (r and s side by side)

import { sign } from 'node:crypto'
import { encodeRdata, type Name, type RRset, RRSIG, type RrsigData } from '@scop/dns'
import { algorithmRow } from './algorithms.ts'
import { canonicalRrset, signedLabels, withRrsigHead } from './signed-data.ts'
import type { SigningKey } from './signing-key.ts'

export type Validity = {
  /** The zone. */
  readonly signer: Name
  readonly inceptionSeconds: number
  readonly expirationSeconds: number
}

/** One signature for each key. */
export function signRrset(
  owner: Name,
  rrset: RRset,
  keys: readonly SigningKey[],
  { signer, inceptionSeconds, expirationSeconds }: Validity,
): readonly RrsigData[] {
  const records = canonicalRrset(owner.key, rrset, rrset.ttlSeconds)
  const labels = signedLabels(owner)
  return keys.map((key) => {
    const head = {
      typeCovered: rrset.type,
      algorithm: key.dnskey.algorithm,
      labels,
      originalTtlSeconds: rrset.ttlSeconds,
      expiration: expirationSeconds >>> 0,
      inception: inceptionSeconds >>> 0,
      keyTag: key.keyTag,
      signer,
    }
    return { ...head, signature: signOctets(key, withRrsigHead(head, records)) }
  })
}

/** The RRset of those signatures, with the TTL of what they cover. RFC 4034 §3 */
export function signatureRrset(owner: Name, rrset: RRset, keys: readonly SigningKey[], validity: Validity): RRset {
  const rdatas = signRrset(owner, rrset, keys, validity).map((rrsig) => encodeRdata(RRSIG, rrsig))
  return { type: RRSIG.code, ttlSeconds: rrset.ttlSeconds, rdatas }
}

function signOctets({ dnskey, privateKey }: SigningKey, octets: Uint8Array): Uint8Array {
  const row = algorithmRow(dnskey.algorithm)
  if (row === undefined) throw new Error(`No signatures are made of algorithm ${dnskey.algorithm}`)
  return new Uint8Array(sign(row.hash, octets, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}
