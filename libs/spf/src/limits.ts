// Every bound of this library, in one place.
// RFC 7208 §4.6.4 (lookups, void lookups, hosts and names of one term), §3.3, §3.4 (size of a record)

export type SpfLimits = {
  /** Terms that ask DNS (include, a, mx, ptr, exists, redirect), over all records of one check. */
  readonly lookups: number
  /** Of those, such as are answered by nothing at all. */
  readonly voidLookups: number
  /** Hosts of one mx; more is an error. */
  readonly mxHosts: number
  /** Names of one ptr or %{p}; the rest is not looked at. */
  readonly ptrNames: number
  /** Octets of one record or explanation. */
  readonly recordOctets: number
  /** Terms of one record. */
  readonly terms: number
  /** Octets of an expanded explanation. */
  readonly explanationOctets: number
  /** For whoever asks DNS: seconds for the whole check, after which it is `temperror`. RFC 7208 §4.6.4 wants at least 20. */
  readonly totalSeconds: number
}

export const SPF_LIMITS: SpfLimits = {
  lookups: 10,
  voidLookups: 2,
  mxHosts: 10,
  ptrNames: 10,
  recordOctets: 16 * 1024,
  terms: 1024,
  explanationOctets: 1024,
  totalSeconds: 20,
}
