// AUTH at the server: any SASL mechanism over SMTP lines; the mechanisms come from outside.
// RFC 4954 §4 (exchange), §6 (codes), §5 (AUTH= of MAIL)

import type { SessionFacts } from '../facts.ts'

/** One authentication; `@scop/sasl`'s `ServerMechanism` is one. */
export interface ServerMechanism {
  next(
    response: Uint8Array | undefined,
  ): Promise<
    | { readonly kind: 'challenge'; readonly octets: Uint8Array }
    | { readonly kind: 'success'; readonly identity: string; readonly octets?: Uint8Array }
    | { readonly kind: 'failure'; readonly reason: unknown }
  >
}

export type Mechanisms = {
  /** Upper case, best first; empty: none over this connection, so AUTH is not offered. */
  readonly offered: (facts: SessionFacts) => readonly string[]
  readonly start: (name: string, facts: SessionFacts) => ServerMechanism
}
