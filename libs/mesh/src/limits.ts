// Limits: every bound of a pipe, by name, with the reason for its default.

export type PipeLimits = {
  /** Octets of the JSON at the head of a message. */
  readonly headOctets: number
  /** Octets of the JSON at its end: header fields in base64, 64 KiB of them. */
  readonly tailOctets: number
  /** Octets of one frame of a body. */
  readonly frameOctets: number
  /** Octets of a body: a message of 1 GiB, and what was added to it on the way. */
  readonly messageOctets: number
  /** Calls open at once on one connection; more wait at the caller. */
  readonly concurrentStreams: number
  /** Connections open at once to one server. */
  readonly connections: number
  /** What a sender may have under way that its receiver has not taken, per call: the bound of a call's memory. */
  readonly windowOctets: number
  /** How long a TLS handshake and the first HTTP/2 settings may take. */
  readonly handshakeMs: number
  /** How long a body may stand still: longer than the five minutes that SMTP gives a client. */
  readonly idleMs: number
  /** How long a call waits for a connection before it is `unreachable`. */
  readonly connectWaitMs: number
  /** A call without `timeoutMs`. */
  readonly callMs: number
  readonly backOffFirstMs: number
  readonly backOffLongestMs: number
  /** Between questions whether a TCP peer is still there. */
  readonly pingMs: number
  /** How long `drain` and `close` wait for open calls. */
  readonly drainMs: number
}

export const DEFAULT_PIPE_LIMITS: PipeLimits = {
  headOctets: 1024 * 1024,
  tailOctets: 128 * 1024,
  frameOctets: 1024 * 1024,
  messageOctets: 1040 * 1024 * 1024,
  concurrentStreams: 128,
  connections: 64,
  windowOctets: 256 * 1024,
  handshakeMs: 5_000,
  idleMs: 330_000,
  connectWaitMs: 5_000,
  callMs: 60_000,
  backOffFirstMs: 20,
  backOffLongestMs: 2_000,
  pingMs: 30_000,
  drainMs: 10_000,
}

/** How long to wait before attempt `attempt` (0 is the first repetition). `random` is in [0, 1). */
export function backOffMs(attempt: number, random: number, limits: PipeLimits): number {
  const whole = Math.min(limits.backOffFirstMs * 2 ** Math.min(attempt, 30), limits.backOffLongestMs)
  return whole / 2 + (whole / 2) * random
}
