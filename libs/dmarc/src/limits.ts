// Every bound of this library, in one place.
// RFC 9989 §4.10 (eight queries), §11.5 (author domains); RFC 9990 §7 (reports that cost)

export type DmarcLimits = {
  /** Domains named in an error about From. */
  readonly authorDomains: number
  /** Characters of one policy record. */
  readonly recordCharacters: number
  readonly recordTags: number
  /** Addresses kept of rua= and of ruf=. */
  readonly reportUris: number
  /** TXT records looked at under one name. */
  readonly records: number
  /** Names asked in one walk; no other value is the RFC's. RFC 9989 §4.10 */
  readonly walkQueries: number
  /** DKIM signatures whose alignment is looked at. */
  readonly signatures: number
}

export const DMARC_LIMITS: DmarcLimits = {
  authorDomains: 10,
  recordCharacters: 4 * 1024,
  recordTags: 64,
  reportUris: 16,
  records: 16,
  walkQueries: 8,
  signatures: 16,
}
