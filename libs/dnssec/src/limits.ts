// Every bound of this library, as named numbers. Each has a test that trips it.

export type DnssecLimits = {
  /** Bits of an RSA modulus; a key outside is bad. RFC 5702 §2 lets 512 pass, which anybody can factor. */
  readonly rsaMinimumBits: number
  readonly rsaMaximumBits: number
  /** Bits of an RSA exponent: what a verification costs grows with it. */
  readonly rsaExponentBits: number
  /** Findings about one zone that are told; the rest is counted. */
  readonly zoneFindings: number
  /** Iterations with which the NSEC3 of a zone are checked; more are a finding, and cost nothing. RFC 9276 §3.2 */
  readonly checkedIterations: number
  /** Valid signatures that are remembered, and octets of signed data beyond which one is not. */
  readonly rememberedSignatures: number
  readonly rememberedOctets: number
}

export const DNSSEC_LIMITS: DnssecLimits = {
  rsaMinimumBits: 1024,
  rsaMaximumBits: 4096,
  rsaExponentBits: 64,
  zoneFindings: 1000,
  checkedIterations: 150,
  rememberedSignatures: 8192,
  rememberedOctets: 1024,
}
