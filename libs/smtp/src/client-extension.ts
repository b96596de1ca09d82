// What an extension of the client is: what it does after EHLO, what it adds to MAIL and RCPT, what it refuses to send.
// RFC 5321 §2.2 (service extensions), §3.2 (session initiation)

import type { Result } from '@scop/result'
import type { ClientError } from './client-error.ts'
import type { ClientTlsFacts, Offers } from './client-facts.ts'
import type { Envelope } from './envelope.ts'
import type { Reply } from './reply.ts'

export type ClientContext = {
  readonly offers: Offers
  readonly tls: ClientTlsFacts | undefined
  /** Who we have authenticated as. */
  readonly identity: string | undefined
}

export interface ClientExtension {
  /** Upper case, as the server lists it. */
  readonly keyword: string
  /** After each EHLO, in order: an exchange to hold before the session is ready, or nothing to do. */
  readonly prepare?: (context: ClientContext) => Result<Exchange | Beginning | undefined, ClientError>
  /** Parameters for MAIL, as `SIZE=100`; or why this envelope cannot be sent to this server. Asked also where the server does not offer the keyword. */
  readonly mailParameters?: (
    envelope: Envelope,
    offered: readonly string[] | undefined,
  ) => Result<readonly string[], ClientError>
  /** Whether commands may be sent before earlier replies are read. RFC 2920 §3.1 */
  readonly groupsCommands?: boolean
}

/** An exchange that must be worked out first. */
export type Beginning = { readonly begin: () => Promise<ExchangeStep> }

/** Lines we say and replies we get, beside the table. */
export type Exchange = {
  /** Without CRLF. */
  readonly line: Uint8Array
  readonly next: (reply: Reply) => Promise<ExchangeStep>
}

export type ExchangeStep =
  | { readonly kind: 'say'; readonly exchange: Exchange }
  /** Done; go on to the next extension. */
  | { readonly kind: 'done'; readonly identity?: string }
  /** Shake hands; everything known is forgotten, and EHLO is said again. */
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'failed'; readonly error: ClientError }
