// The mechanisms there are, strongest first. One more is one more row; nothing here knows what a row does.
// RFC 4422 §3.3 (negotiation); RFC 5802 §6 (when -PLUS is offered)

import { err, ok, type Result } from '@scop/result'
import type { Authenticator } from './authenticator.ts'
import type { Channel, ChannelBinding } from './channel-binding.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { ClientMechanism, Mechanism, ServerMechanism } from './mechanism.ts'
import { PLAIN } from './plain.ts'
import { SCRAM_SHA_256, SCRAM_SHA_256_PLUS } from './scram.ts'

export const MECHANISMS: readonly Mechanism[] = [SCRAM_SHA_256_PLUS, SCRAM_SHA_256, PLAIN]

export type MechanismError =
  | { readonly kind: 'unknown-mechanism'; readonly name: string }
  /** Known, and not for this channel: PLAIN without TLS, -PLUS without channel binding. */
  | { readonly kind: 'not-offered'; readonly name: string }

/** The names to offer over `channel`, strongest first. */
export function offerMechanisms(channel: Channel, mechanisms: readonly Mechanism[] = MECHANISMS): readonly string[] {
  return mechanisms.filter((mechanism) => mechanism.suits(channel)).map(({ name }) => name)
}

export type ServerRequest = {
  /** As the client wrote it, in any case. */
  readonly name: string
  readonly channel: Channel
  readonly authenticator: Authenticator
  /** See `formatNonce`. */
  readonly nonce: string
  readonly limits?: Limits
  readonly mechanisms?: readonly Mechanism[]
}

/** The server's side of the mechanism that a client has named. */
export function serverMechanism(request: ServerRequest): Result<ServerMechanism, MechanismError> {
  const { name, channel, authenticator, nonce, limits = DEFAULT_LIMITS, mechanisms = MECHANISMS } = request
  const found = find(name, mechanisms)
  if (found === undefined) return err({ kind: 'unknown-mechanism', name })
  if (!found.suits(channel)) return err({ kind: 'not-offered', name })
  return ok(found.server({ channel, authenticator, nonce, limits }))
}

/** The strongest of the `offered` names that we know and would use over `channel`. */
export function chooseMechanism(
  offered: readonly string[],
  channel: Channel,
  mechanisms: readonly Mechanism[] = MECHANISMS,
): string | undefined {
  const names = new Set(offered.map((name) => name.toUpperCase()))
  return mechanisms.find((mechanism) => names.has(mechanism.name) && mechanism.suits(channel))?.name
}

export type ClientRequest = {
  readonly name: string
  readonly username: string
  readonly password: string
  readonly authorizationIdentity?: string
  /** Given wherever this side can bind, also for a mechanism without -PLUS: so a server notices a downgrade. */
  readonly channelBinding?: ChannelBinding
  /** See `formatNonce`. */
  readonly nonce: string
  readonly limits?: Limits
  readonly mechanisms?: readonly Mechanism[]
}

/** The client's side. Whether the mechanism suits the channel is `chooseMechanism`'s to say. */
export function clientMechanism(request: ClientRequest): Result<ClientMechanism, MechanismError> {
  const { name, limits = DEFAULT_LIMITS, mechanisms = MECHANISMS, ...options } = request
  const found = find(name, mechanisms)
  return found === undefined ? err({ kind: 'unknown-mechanism', name }) : ok(found.client({ ...options, limits }))
}

function find(name: string, mechanisms: readonly Mechanism[]): Mechanism | undefined {
  const upper = name.toUpperCase()
  return mechanisms.find((mechanism) => mechanism.name === upper)
}
