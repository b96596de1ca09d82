// PLAIN: the password itself, so only where TLS protects it.
// RFC 4616 §2

import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import { ok, type Result } from '@scop/result'
import { actsAsItself } from './authorization-identity.ts'
import type { Limits } from './limits.ts'
import type { ClientStep, Mechanism, ServerStep } from './mechanism.ts'
import { preparePassword, prepareUsername } from './precis.ts'
import { malformed, type SyntaxFailure, tooLong } from './syntax-failure.ts'

export type PlainMessage = {
  /** Absent: the client acts as itself. */
  readonly authorizationIdentity?: string
  readonly username: string
  readonly password: string
}

export const PLAIN: Mechanism = {
  name: 'PLAIN',
  suits: (channel) => channel.tls,
  server: ({ authenticator, limits }) => ({
    next: async (response): Promise<ServerStep> => {
      if (response === undefined) return { kind: 'challenge', octets: new Uint8Array(0) }
      const message = parsePlainMessage(response, limits)
      if (!message.ok) return { kind: 'failure', reason: message.error }
      const username = prepareUsername(message.value.username)
      const password = preparePassword(message.value.password)
      // No account has such a name or such a password (RFC 4616 §2: preparation fails, authentication fails).
      if (!username.ok || !password.ok) return { kind: 'failure', reason: { kind: 'invalid-credentials' } }
      const verified = await authenticator.verifyPassword(username.value, password.value)
      if (!verified.ok) return { kind: 'failure', reason: verified.error }
      // Looked at after the password, so that it tells nothing to those who do not have one.
      if (!actsAsItself(message.value.authorizationIdentity, username.value, verified.value)) {
        return { kind: 'failure', reason: { kind: 'not-authorized' } }
      }
      return { kind: 'success', identity: verified.value }
    },
  }),
  client: ({ username, password, authorizationIdentity }) => {
    let sent = false
    return {
      next: async (challenge) => {
        // RFC 4616 §2: the server has nothing to say. An empty challenge is how some protocols ask for the message.
        if (sent || (challenge !== undefined && challenge.length > 0)) {
          return { ok: false, error: { kind: 'unexpected-challenge' } }
        }
        const prepared = preparePassword(password)
        if (!prepared.ok) return { ok: false, error: { kind: 'bad-credentials', reason: 'password' } }
        if (username === '' || `${username}${authorizationIdentity ?? ''}`.includes('\0')) {
          return { ok: false, error: { kind: 'bad-credentials', reason: 'username' } }
        }
        sent = true
        const message = {
          username,
          password: prepared.value,
          ...(authorizationIdentity === undefined ? {} : { authorizationIdentity }),
        }
        return ok<ClientStep>({ octets: formatPlainMessage(message), complete: true })
      },
    }
  },
}

// message = [authzid] UTF8NUL authcid UTF8NUL passwd      RFC 4616 §2
export function parsePlainMessage(octets: Uint8Array, limits: Limits): Result<PlainMessage, SyntaxFailure> {
  if (octets.length > limits.messageOctets) return tooLong('message', octets.length, limits.messageOctets)
  const first = octets.indexOf(0)
  const second = octets.indexOf(0, first + 1)
  if (first < 0 || second < 0) return malformed('fewer than two NULs')
  if (octets.indexOf(0, second + 1) >= 0) return malformed('more than two NULs')
  const fields = [octets.subarray(0, first), octets.subarray(first + 1, second), octets.subarray(second + 1)] as const
  if (fields[1].length === 0) return malformed('no username')
  if (fields[2].length === 0) return malformed('no password')
  for (const [i, field] of fields.entries()) {
    const limit = i === 2 ? limits.passwordOctets : limits.nameOctets
    if (field.length > limit) return tooLong(FIELDS[i] ?? 'field', field.length, limit)
  }
  const [authorizationIdentity, username, password] = [
    decodeUtf8(fields[0]),
    decodeUtf8(fields[1]),
    decodeUtf8(fields[2]),
  ]
  if (!authorizationIdentity.ok || !username.ok || !password.ok) return malformed('not UTF-8')
  const message = { username: username.value, password: password.value }
  return ok(
    authorizationIdentity.value === '' ? message : { authorizationIdentity: authorizationIdentity.value, ...message },
  )
}

export function formatPlainMessage(message: PlainMessage): Uint8Array {
  const parts = [message.authorizationIdentity ?? '', message.username, message.password]
  return encodeUtf8(parts.join('\0'))
}

const FIELDS = ['authorization identity', 'username', 'password']
