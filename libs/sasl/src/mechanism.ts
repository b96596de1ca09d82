// What a mechanism is: one row, in one file, with both sides. The registry knows nothing else of it.
// RFC 4422 §3 (the exchange), §5 (what a mechanism specifies)

import type { Result } from '@scop/result'
import type { Authenticator, Refusal } from './authenticator.ts'
import type { Channel, ChannelBinding } from './channel-binding.ts'
import type { Limits } from './limits.ts'
import type { SyntaxFailure } from './syntax-failure.ts'

export type Mechanism = {
  /** As IANA registers it, upper case. */
  readonly name: string
  /** Whether it may be used over this channel: a server offers it, and a client agrees to it, only then. */
  suits(channel: Channel): boolean
  server(options: ServerOptions): ServerMechanism
  client(options: ClientOptions): ClientMechanism
}

export type ServerOptions = {
  readonly channel: Channel
  readonly authenticator: Authenticator
  /** Fresh and unpredictable, made by `formatNonce`; never used twice. */
  readonly nonce: string
  readonly limits: Limits
}

/** One authentication at a server. After `success` or `failure` it must not be asked again. */
export interface ServerMechanism {
  /** `undefined`: the client sent no initial response. */
  next(response: Uint8Array | undefined): Promise<ServerStep>
}

export type ServerStep =
  | { readonly kind: 'challenge'; readonly octets: Uint8Array }
  /**
   * The client is `identity`. `octets` must still reach the client: with the outcome where the protocol can carry it,
   * or else as one more challenge that the client answers with nothing (RFC 4422 §3.6; RFC 4954 §4).
   */
  | { readonly kind: 'success'; readonly identity: string; readonly octets?: Uint8Array }
  | { readonly kind: 'failure'; readonly reason: ServerFailure }

export type ServerFailure =
  | Refusal
  | SyntaxFailure
  /** The client asked to act as somebody else. */
  | { readonly kind: 'not-authorized' }
  /** Other data or another type than this channel has: somebody stands in between, or the mechanism does not match. */
  | { readonly kind: 'channel-binding-mismatch' }
  /** The client could bind to the channel and believes that we cannot: our offer was changed on its way. RFC 5802 §6 */
  | { readonly kind: 'downgrade' }

export type ClientOptions = {
  readonly username: string
  readonly password: string
  /** Whom to act as; absent: as oneself. */
  readonly authorizationIdentity?: string
  /** What this side sees of the channel; absent: it cannot bind. */
  readonly channelBinding?: ChannelBinding
  /** Fresh and unpredictable, made by `formatNonce`; never used twice. */
  readonly nonce: string
  readonly limits: Limits
}

/** One authentication at a client. */
export interface ClientMechanism {
  /** The response to `challenge`; `undefined` asks for the initial response. */
  next(challenge: Uint8Array | undefined): Promise<Result<ClientStep, ClientFailure>>
}

export type ClientStep = {
  readonly octets: Uint8Array
  /**
   * Whether the server has shown all that the mechanism asks of it. A server that says "authenticated" before this is
   * true has not proven that it knows the account, and must not be believed.
   */
  readonly complete: boolean
}

export type ClientFailure =
  | SyntaxFailure
  /** The challenge does not begin with our nonce. */
  | { readonly kind: 'wrong-nonce' }
  | { readonly kind: 'too-few-iterations'; readonly iterations: number }
  | { readonly kind: 'too-many-iterations'; readonly iterations: number }
  /** The server does not know the account's keys. */
  | { readonly kind: 'wrong-server-signature' }
  /** `e=`: the server's own word. RFC 5802 §7 */
  | { readonly kind: 'server-error'; readonly error: string }
  /** The mechanism needs a channel binding and got none. */
  | { readonly kind: 'no-channel-binding' }
  /** The username or password cannot be sent: not allowed by RFC 8265. */
  | { readonly kind: 'bad-credentials'; readonly reason: string }
  /** More was asked than the mechanism has. */
  | { readonly kind: 'unexpected-challenge' }
