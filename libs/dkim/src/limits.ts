// Every bound of this library, in one place.
// RFC 6376 §8.3 (signatures that cost), RFC 8301 §3.2 (key sizes)

export type DkimLimits = {
  /** DKIM-Signature fields looked at, top first; the rest is counted and ignored. */
  readonly signatures: number
  /** Octets of one tag list: a signature or a key record. */
  readonly tagListOctets: number
  readonly tags: number
  /** Names in h=. */
  readonly signedFields: number
  /** TXT records under one name. */
  readonly keyRecords: number
  readonly minRsaBits: number
  readonly maxRsaBits: number
  /** How far another clock may be from ours, for t= and x=. */
  readonly clockSkewSeconds: number
}

export const DKIM_LIMITS: DkimLimits = {
  signatures: 10,
  tagListOctets: 16 * 1024,
  tags: 64,
  signedFields: 256,
  keyRecords: 10,
  minRsaBits: 1024,
  maxRsaBits: 4096,
  clockSkewSeconds: 300,
}
