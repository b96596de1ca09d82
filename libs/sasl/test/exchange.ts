// An authenticator that keeps SCRAM credentials in memory, and both sides of an exchange run against each other.

import { encodeAscii } from '@scop/octets'
import { err, ok } from '@scop/result'
import {
  type Authenticator,
  type ClientMechanism,
  deriveScramCredentials,
  fakeScramSalt,
  type ServerMechanism,
  type ServerStep,
  verifyScramProof,
} from '../src/index.ts'

export const SALT: Uint8Array = encodeAscii('sixteen octets..')

export async function authenticatorFor(username: string, password: string, iterations = 4096): Promise<Authenticator> {
  const credentials = await deriveScramCredentials(password, SALT, iterations)
  return {
    verifyPassword: async (name, given) =>
      name === username && given === password ? ok(`id:${name}`) : err({ kind: 'invalid-credentials' }),
    scramParameters: async (name) =>
      ok({ salt: name === username ? SALT : fakeScramSalt(encodeAscii('secret'), name, 16), iterations }),
    verifyScram: async (name, authMessage, proof) => {
      const serverSignature = verifyScramProof(credentials, authMessage, proof)
      if (name !== username || serverSignature === undefined) return err({ kind: 'invalid-credentials' })
      return ok({ identity: `id:${name}`, serverSignature })
    },
  }
}

/** Runs client and server against each other; the client's failure is thrown. */
export async function exchange(
  client: ClientMechanism,
  server: ServerMechanism,
): Promise<{ readonly outcome: ServerStep; readonly complete: boolean }> {
  let challenge: Uint8Array | undefined
  for (;;) {
    const response = await client.next(challenge)
    if (!response.ok) throw new Error(response.error.kind)
    const step = await server.next(response.value.octets)
    if (step.kind === 'success' && step.octets !== undefined) {
      const last = await client.next(step.octets)
      if (!last.ok) throw new Error(last.error.kind)
      return { outcome: step, complete: last.value.complete }
    }
    if (step.kind !== 'challenge') return { outcome: step, complete: response.value.complete }
    challenge = step.octets
  }
}
