// Every bound of this library, as named numbers. Each has a test that trips it.

export type Limits = {
  /** Octets that names and record data may grow to when they are decompressed, as a multiple of the message. */
  readonly expansionFactor: number
  /** Options in one OPT record; more is a malformed message. */
  readonly ednsOptions: number
  /** Entries of the compression table while one message is written. */
  readonly compressionTargets: number
  /** Octets of a UDP reply, whatever the client says that it can take. */
  readonly udpOctets: number
  /** CNAMEs followed inside one answer, and by the stub for one question. */
  readonly aliasHops: number
  /** Names whose addresses are added to the additional section of one answer. */
  readonly additionalNames: number
  /** Of a zone's NSEC3; with more, its denials are not proved. RFC 9276 §3.2 */
  readonly nsec3Iterations: number
  /** Records of one name and type. */
  readonly recordsPerRrset: number
  /** Types at one name. */
  readonly typesPerName: number
  /** Records of one zone. */
  readonly zoneRecords: number
  /** Prerequisites and updates of one UPDATE, together. */
  readonly updateRecords: number
  /** Octets of the records of one message of a transfer, before names are compressed. */
  readonly transferMessageOctets: number
  /** As `compressionTargets`, in messages of a transfer. */
  readonly transferCompressionTargets: number
  /** Octets of one transfer that we take. */
  readonly transferOctets: number
  /** Messages of one transfer that we take. Of its records: twice `zoneRecords`, for changes that replace all. */
  readonly transferMessages: number
  /** Octets of one zone file, with all that it includes. */
  readonly zoneFileOctets: number
  /** Mistakes of one zone file that are told; what comes behind them is not read. */
  readonly zoneFileErrors: number
  /** Tokens of one zone-file entry, with all its lines in parentheses. */
  readonly zoneFileTokens: number
  /** Files that `$INCLUDE` opens inside each other. */
  readonly includeDepth: number
  /** Records of one `$GENERATE`. */
  readonly generatedRecords: number
}

export const DEFAULT_LIMITS: Limits = {
  expansionFactor: 8,
  ednsOptions: 100,
  compressionTargets: 120,
  udpOctets: 1232,
  aliasHops: 8,
  additionalNames: 13,
  nsec3Iterations: 50,
  recordsPerRrset: 100,
  typesPerName: 100,
  zoneRecords: 1_000_000,
  updateRecords: 1000,
  transferMessageOctets: 48 * 1024,
  transferCompressionTargets: 2048,
  transferOctets: 1024 * 1024 * 1024,
  transferMessages: 1_000_000,
  zoneFileOctets: 64 * 1024 * 1024,
  zoneFileErrors: 100,
  zoneFileTokens: 4096,
  includeDepth: 10,
  generatedRecords: 65_536,
}
