// What a server session knows of its client: grows with HELO, TLS and authentication, and is given to every question.

import type { IpAddress } from '@scop/identifiers'
import type { Slots } from './slots.ts'

export type ClientFacts = { readonly address: IpAddress; readonly port: number }

/** What a TLS connection shows of itself; `@scop/sasl`'s `tlsChannel` takes this value as it is. */
export type TlsFacts = {
  /** As `TLSv1.3`. */
  readonly version: string
  /** The standard name of the cipher suite. */
  readonly cipher: string
  /** SNI, as the client sent it. */
  readonly serverName: string | undefined
  /** The exporter (RFC 8446 §7.5) with an empty context, for channel bindings (RFC 9266). */
  readonly exportKeyingMaterial: (octets: number, label: string) => Uint8Array
  /** The server's certificate, DER. */
  readonly serverCertificate?: Uint8Array
}

/** HELO or EHLO, and the name the client gave: printable, without spaces, at most 255 octets, not verified. */
export type Hello = { readonly extended: boolean; readonly name: string }

export type SessionFacts = {
  readonly client: ClientFacts
  readonly hello: Hello | undefined
  readonly tls: TlsFacts | undefined
  /** Who authenticated: set by an extension. */
  readonly identity: string | undefined
  /** What extensions remember for the session. Forgotten when TLS begins. */
  readonly memory: Slots
}
