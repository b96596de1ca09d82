// AUTH at the client: any SASL mechanism over SMTP lines; the mechanism comes from outside.
// RFC 4954 §4

import type { Result } from '@scop/result'
import type { ClientTlsFacts } from '../client-facts.ts'

/** One authentication; `@scop/sasl`'s `ClientMechanism` is one. */
export interface ClientMechanism {
  /** `undefined` asks for the initial response. */
  next(
    challenge: Uint8Array | undefined,
  ): Promise<Result<{ readonly octets: Uint8Array; readonly complete: boolean }, unknown>>
}

export type Credentials = {
  /** Who authenticates, for `facts`. */
  readonly identity: string
  /** The mechanism to use of those offered (upper case), or none. `tls`: as `tlsChannel` of `@scop/sasl` takes it. */
  readonly choose: (
    offered: readonly string[],
    tls: ClientTlsFacts | undefined,
  ) => { readonly name: string; readonly mechanism: ClientMechanism } | undefined
}
