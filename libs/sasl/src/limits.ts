// Every bound on what a peer may send, in one record.

export type Limits = {
  /** One decoded SASL message. */
  readonly messageOctets: number
  /** Username and authorization identity, each. RFC 4616 §2 asks for at least 255. */
  readonly nameOctets: number
  /** RFC 4616 §2 asks for at least 255. */
  readonly passwordOctets: number
  /** One party's part of a SCRAM nonce. */
  readonly nonceCharacters: number
  readonly saltOctets: number
  /** What a client accepts at the least. RFC 7677 §4 asks for 4096. */
  readonly leastIterations: number
  /** What a client accepts at the most: a server could otherwise make it work for minutes. */
  readonly mostIterations: number
}

export const DEFAULT_LIMITS: Limits = {
  messageOctets: 2048,
  nameOctets: 255,
  passwordOctets: 1024,
  nonceCharacters: 128,
  saltOctets: 256,
  leastIterations: 4096,
  mostIterations: 1_000_000,
}
