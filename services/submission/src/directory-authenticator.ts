// The questions of SASL, asked over the pipe: no verifier ever lies in this process.

import type { Calls } from '@scop/bottle/node'
import { err, ok } from '@scop/result'
import type { Authenticator } from '@scop/sasl'

export function directoryAuthenticator(calls: Calls, trace: string): Authenticator {
  const unavailable = err({ kind: 'temporary-failure' } as const)
  const refused = err({ kind: 'invalid-credentials' } as const)
  return {
    verifyPassword: async (username, password) => {
      const answer = await calls.call('directory', 'verify-password', { username, password }, { trace })
      if (!answer.ok) return unavailable
      const { response } = answer.value
      return response.kind === 'verified' ? ok(response.account) : refused
    },
    scramParameters: async (username) => {
      const answer = await calls.call('directory', 'scram-parameters', { username }, { trace })
      if (!answer.ok) return unavailable
      const { salt, iterations } = answer.value.response
      return ok({ salt: Uint8Array.fromBase64(salt), iterations })
    },
    verifyScram: async (username, authMessage, clientProof) => {
      const request = { username, authMessage: authMessage.toBase64(), clientProof: clientProof.toBase64() }
      const answer = await calls.call('directory', 'verify-scram', request, { trace })
      if (!answer.ok) return unavailable
      const { response } = answer.value
      if (response.kind !== 'verified') return refused
      return ok({ identity: response.account, serverSignature: Uint8Array.fromBase64(response.serverSignature) })
    },
  }
}
