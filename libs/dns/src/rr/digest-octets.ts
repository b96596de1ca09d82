// How long digests are: in text another length is refused, octets may have it, and match nothing.
// RFC 4034 §5.1.4, RFC 4509 §2.2, RFC 5933 §2.2, RFC 6605 §2 (DS); RFC 4255 §3.1, RFC 6594 §4 (SSHFP); RFC 8976 §2.2.4 (ZONEMD)

/** Whether a digest has the length that is asked for, if any is. */
export function fitsDigest(digest: Uint8Array, octets: number | undefined): boolean {
  return octets === undefined || digest.length === octets
}

/** By the type of a digest of a key. */
export const DS_DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
  [3, 32],
  [4, 48],
])

/** By the type of a fingerprint. */
export const FINGERPRINT_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
])

/** Of a digest of a zone; schemes other than SIMPLE have what they like. */
export function zonemdOctets(scheme: number, hashAlgorithm: number): number | undefined {
  return scheme === 1 ? ZONEMD_OCTETS.get(hashAlgorithm) : undefined
}

const ZONEMD_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 48],
  [2, 64],
])
