// What a client session knows of its server.

import type { Reply } from './reply.ts'

/** Keyword to parameters, both upper case; from the last EHLO reply. Empty after HELO. */
export type Offers = ReadonlyMap<string, readonly string[]>

export type ClientTlsFacts = {
  /** As `TLSv1.3`. */
  readonly version: string
  readonly cipher: string
  /** Whether the peer's certificate chains to a trusted authority and matches its name. */
  readonly authorized: boolean
  /** Why it does not. */
  readonly authorizationError: string | undefined
  /** DER. */
  readonly peerCertificate: Uint8Array | undefined
  /** The same as `peerCertificate`, under the name that `@scop/sasl`'s `tlsChannel` asks for. */
  readonly serverCertificate?: Uint8Array
  readonly exportKeyingMaterial: (octets: number, label: string) => Uint8Array
}

export type ServerFacts = {
  readonly greeting: Reply
  /** Answer to the last EHLO or HELO. */
  readonly hello: Reply
  /** Whether the server speaks ESMTP. */
  readonly extended: boolean
  readonly offers: Offers
  readonly tls: ClientTlsFacts | undefined
  readonly identity: string | undefined
}
