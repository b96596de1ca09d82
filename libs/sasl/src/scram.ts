// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS: the password is proven and never sent, and the server proves itself too.
// Both sides; one file, one difference: whether the proof covers the channel.
// RFC 5802 §3, §5, §6 (channel binding and the y flag); RFC 7677

import { timingSafeEqual } from 'node:crypto'
import { concatOctets, encodeUtf8 } from '@scop/octets'
import { err, ok } from '@scop/result'
import { actsAsItself } from './authorization-identity.ts'
import type { ChannelBinding } from './channel-binding.ts'
import type {
  ClientMechanism,
  ClientOptions,
  Mechanism,
  ServerFailure,
  ServerMechanism,
  ServerOptions,
  ServerStep,
} from './mechanism.ts'
import { preparePassword, prepareUsername } from './precis.ts'
import { proveScram } from './scram-credentials.ts'
import {
  type ClientFirst,
  clientFinalWithoutProof,
  clientFirstBare,
  formatClientFinal,
  formatClientFinalWithoutProof,
  formatClientFirst,
  formatGs2Header,
  formatServerFinal,
  formatServerFirst,
  type Gs2Header,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from './scram-message.ts'

export const SCRAM_SHA_256: Mechanism = {
  name: 'SCRAM-SHA-256',
  suits: () => true,
  server: (options) => scramServer(options, false),
  client: (options) => scramClient(options, false),
}

export const SCRAM_SHA_256_PLUS: Mechanism = {
  name: 'SCRAM-SHA-256-PLUS',
  suits: (channel) => channel.bindings.length > 0,
  server: (options) => scramServer(options, true),
  client: (options) => scramClient(options, true),
}

type ServerState =
  | { readonly name: 'first' }
  | {
      readonly name: 'final'
      readonly first: ClientFirst
      readonly username: string
      readonly nonce: string
      /** client-first-message-bare "," server-first-message "," */
      readonly signedSoFar: Uint8Array
      /** What `c=` must hold. */
      readonly channelBinding: Uint8Array
    }
  | { readonly name: 'ended' }

function scramServer(options: ServerOptions, plus: boolean): ServerMechanism {
  let state: ServerState = { name: 'first' }
  return {
    next: async (response) => {
      if (response === undefined) {
        return state.name === 'first'
          ? { kind: 'challenge', octets: NOTHING }
          : fail({ kind: 'malformed', reason: 'no response' })
      }
      const now = state
      state = { name: 'ended' } // until the next state is known: a failed exchange cannot be taken up again
      switch (now.name) {
        case 'first': {
          const step = await serverFirst(options, plus, response)
          if ('failure' in step) return fail(step.failure)
          state = step.state
          return { kind: 'challenge', octets: step.octets }
        }
        case 'final':
          return serverFinal(options, now, response)
        case 'ended':
          return fail({ kind: 'malformed', reason: 'the exchange has ended' })
      }
    },
  }
}

async function serverFirst(
  { authenticator, channel, limits, nonce }: ServerOptions,
  plus: boolean,
  octets: Uint8Array,
): Promise<{ state: ServerState & { name: 'final' }; octets: Uint8Array } | { failure: ServerFailure }> {
  const first = parseClientFirst(octets, limits)
  if (!first.ok) return { failure: first.error }
  const binding = bindingAskedFor(first.value.header, channel.bindings, plus)
  if ('failure' in binding) return binding
  const username = prepareUsername(first.value.username)
  if (!username.ok) return { failure: { kind: 'invalid-credentials' } }
  const parameters = await authenticator.scramParameters(username.value)
  if (!parameters.ok) return { failure: parameters.error }
  const combined = first.value.nonce + nonce
  const challenge = formatServerFirst({ nonce: combined, ...parameters.value, extensions: [] })
  return {
    octets: challenge,
    state: {
      name: 'final',
      first: first.value,
      username: username.value,
      nonce: combined,
      signedSoFar: concatOctets([clientFirstBare(octets), COMMA, challenge, COMMA]),
      channelBinding: concatOctets([encodeUtf8(formatGs2Header(first.value.header)), binding.octets]),
    },
  }
}

async function serverFinal(
  { authenticator, limits }: ServerOptions,
  state: ServerState & { name: 'final' },
  octets: Uint8Array,
): Promise<ServerStep> {
  const final = parseClientFinal(octets, limits)
  if (!final.ok) return fail(final.error)
  if (!equal(encodeUtf8(final.value.nonce), encodeUtf8(state.nonce)))
    return fail({ kind: 'malformed', reason: 'another nonce' })
  if (!equal(final.value.channelBinding, state.channelBinding)) return fail({ kind: 'channel-binding-mismatch' })
  const authMessage = concatOctets([state.signedSoFar, clientFinalWithoutProof(octets)])
  const verified = await authenticator.verifyScram(state.username, authMessage, final.value.proof)
  if (!verified.ok) return fail(verified.error)
  const { identity, serverSignature } = verified.value
  if (!actsAsItself(state.first.header.authorizationIdentity, state.username, identity)) {
    return fail({ kind: 'not-authorized' })
  }
  const outcome = formatServerFinal({ kind: 'verifier', signature: serverSignature, extensions: [] })
  return { kind: 'success', identity, octets: outcome }
}

/** The data that the client's flag calls for, or why the flag is refused. RFC 5802 §6 */
function bindingAskedFor(
  { binding }: Gs2Header,
  ours: readonly ChannelBinding[],
  plus: boolean,
): { readonly octets: Uint8Array } | { readonly failure: ServerFailure } {
  if (typeof binding === 'object') {
    const found = plus ? ours.find((one) => one.type === binding.type) : undefined
    return found === undefined ? { failure: { kind: 'channel-binding-mismatch' } } : { octets: found.octets }
  }
  if (plus) return { failure: { kind: 'channel-binding-mismatch' } }
  // The client could bind and saw no -PLUS, though we offer it on this channel: the offer was cut on its way.
  if (binding === 'y' && ours.length > 0) return { failure: { kind: 'downgrade' } }
  return { octets: NOTHING }
}

type ClientState =
  | { readonly name: 'start' }
  | { readonly name: 'first-sent'; readonly first: Uint8Array; readonly header: Gs2Header; readonly password: string }
  | { readonly name: 'proven'; readonly serverSignature: Uint8Array }
  | { readonly name: 'ended' }

function scramClient(options: ClientOptions, plus: boolean): ClientMechanism {
  let state: ClientState = { name: 'start' }
  return {
    next: async (challenge) => {
      const now = state
      state = { name: 'ended' }
      switch (now.name) {
        case 'start': {
          if (challenge !== undefined && challenge.length > 0) return err({ kind: 'unexpected-challenge' })
          const step = clientFirst(options, plus)
          if (!step.ok) return step
          state = step.value
          return ok({ octets: step.value.first, complete: false })
        }
        case 'first-sent': {
          const step = await clientFinal(options, plus, now, challenge ?? NOTHING)
          if (!step.ok) return step
          state = { name: 'proven', serverSignature: step.value.serverSignature }
          return ok({ octets: step.value.octets, complete: false })
        }
        case 'proven': {
          const final = parseServerFinal(challenge ?? NOTHING, options.limits)
          if (!final.ok) return final
          if (final.value.kind === 'error') return err({ kind: 'server-error', error: final.value.error })
          if (!equal(final.value.signature, now.serverSignature)) return err({ kind: 'wrong-server-signature' })
          return ok({ octets: NOTHING, complete: true })
        }
        case 'ended':
          return err({ kind: 'unexpected-challenge' })
      }
    },
  }
}

function clientFirst(options: ClientOptions, plus: boolean) {
  const { username, authorizationIdentity, channelBinding, nonce } = options
  if (plus && channelBinding === undefined) return err({ kind: 'no-channel-binding' } as const)
  const password = preparePassword(options.password)
  if (!password.ok) return err({ kind: 'bad-credentials', reason: 'password' } as const)
  if (username === '' || `${username}${authorizationIdentity ?? ''}`.includes('\0')) {
    return err({ kind: 'bad-credentials', reason: 'username' } as const)
  }
  const binding = plus && channelBinding ? { type: channelBinding.type } : channelBinding ? 'y' : 'n'
  const header: Gs2Header = { binding, ...(authorizationIdentity === undefined ? {} : { authorizationIdentity }) }
  const first = formatClientFirst({ header, username, nonce, extensions: [] })
  return ok({ name: 'first-sent', first, header, password: password.value } as const)
}

async function clientFinal(
  { limits, nonce, channelBinding }: ClientOptions,
  plus: boolean,
  { first, header, password }: ClientState & { name: 'first-sent' },
  challenge: Uint8Array,
) {
  const parsed = parseServerFirst(challenge, limits)
  if (!parsed.ok) return parsed
  const { nonce: combined, salt, iterations } = parsed.value
  if (!combined.startsWith(nonce) || combined.length === nonce.length) return err({ kind: 'wrong-nonce' } as const)
  if (iterations < limits.leastIterations) return err({ kind: 'too-few-iterations', iterations } as const)
  if (iterations > limits.mostIterations) return err({ kind: 'too-many-iterations', iterations } as const)
  const bound = plus && channelBinding ? channelBinding.octets : NOTHING
  const final = {
    channelBinding: concatOctets([encodeUtf8(formatGs2Header(header)), bound]),
    nonce: combined,
    extensions: [],
  }
  const withoutProof = encodeUtf8(formatClientFinalWithoutProof(final))
  const authMessage = concatOctets([clientFirstBare(first), COMMA, challenge, COMMA, withoutProof])
  const { clientProof, serverSignature } = await proveScram(password, salt, iterations, authMessage)
  return ok({ octets: formatClientFinal({ ...final, proof: clientProof }), serverSignature })
}

const fail = (reason: ServerFailure): ServerStep => ({ kind: 'failure', reason })

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

const NOTHING = new Uint8Array(0)
const COMMA = encodeUtf8(',')
