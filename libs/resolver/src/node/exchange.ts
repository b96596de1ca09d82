// One question on its way to a server: what the core asks for, and what may come of it.

import type { FailureReason, ServerAddress } from '../event.ts'

export type SentQuestion = {
  readonly exchange: number
  /** By TLS without `tlsName`, any certificate is taken. RFC 7858 §4.1, RFC 8310 §5 */
  readonly server: ServerAddress
  readonly octets: Uint8Array
  readonly timeoutMs: number
}

/**
 * What an exchange comes to. Octets are handed on as they come, whoever sent them: the core says which are the reply,
 * and ends the exchange by cancelling it. Never called before `send` has returned.
 */
export type Reports = {
  readonly reply: (exchange: number, octets: Uint8Array) => void
  readonly failed: (exchange: number, reason: FailureReason) => void
}

/** One way to send. */
export type Exchanges = {
  send(question: SentQuestion): void
  /** Nothing more is reported of it. */
  cancel(exchange: number): void
  /** Exchanges that have not ended. */
  readonly size: number
  close(): void
}

/** The failure that a system error comes to. */
export function failureOf(code: string | undefined): FailureReason {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'closed'
    case 'ETIMEDOUT':
      return 'timeout'
    default:
      return 'unreachable'
  }
}
