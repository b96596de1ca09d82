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

export type ReportLimits = {
  /** Octets of a report, unfolded. */
  readonly reportOctets: number
  readonly records: number
  /** Elements within one record, or within what stands before the records. */
  readonly recordElements: number
  /** Characters kept of one text; what is longer is cut. */
  readonly textCharacters: number
  /** DKIM results, SPF results, reasons of one record, each. RFC 9990 §3.1.4 says 100 signatures. */
  readonly results: number
  /** Messages of one record. */
  readonly count: number
  /** Defects named; the rest is not. */
  readonly defects: number
  /** Attachments of one mail that are looked into. */
  readonly attachments: number
  /** Octets of a mail, or of an archive. */
  readonly mailOctets: number
  /** Files of one zip archive. */
  readonly zipEntries: number
  /** Archives within archives. */
  readonly folds: number
  /** Octets kept of the message that a failure report is about. */
  readonly originalOctets: number
}

export const REPORT_LIMITS: ReportLimits = {
  reportOctets: 25 * 1024 * 1024,
  records: 100_000,
  recordElements: 2000,
  textCharacters: 2000,
  results: 100,
  count: 1e12,
  defects: 100,
  attachments: 10,
  mailOctets: 50 * 1024 * 1024,
  zipEntries: 32,
  folds: 3,
  originalOctets: 1024 * 1024,
}
