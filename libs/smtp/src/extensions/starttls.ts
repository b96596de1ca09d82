// STARTTLS: TLS on a connection that began in clear. Nothing said before the handshake counts after it.
// RFC 3207 §4 (command), §4.2 (state is forgotten)

import { encodeAscii } from '@scop/octets'
import { err, ok } from '@scop/result'
import type { ClientExtension } from '../client-extension.ts'
import type { TlsFacts } from '../facts.ts'
import { reply, severity } from '../reply.ts'
import type { ServerExtension } from '../server-extension.ts'
import { answer, type FreshState, type ReadyState, type Step, unknownClient } from '../server-state.ts'
import { Slots } from '../slots.ts'

export const STARTTLS: ServerExtension = {
  name: 'STARTTLS',
  offer: ({ tls }) => (tls === undefined ? 'STARTTLS' : undefined),
  rows: { ready: { STARTTLS: startTls } },
}

function startTls(state: ReadyState, argument: string): Step {
  const { client, tls } = state.facts
  if (argument !== '') return answer(state, reply(501, '5.5.4', 'STARTTLS takes no argument'))
  if (tls !== undefined) return answer(state, reply(503, '5.5.1', 'TLS is in use already'))
  const secured = (established: TlsFacts): Step => {
    const fresh: FreshState = { name: 'fresh', facts: unknownClient(client, established, Slots.none) }
    return { state: fresh, actions: [] }
  }
  return {
    state: { name: 'securing', facts: state.facts, secured },
    actions: [{ kind: 'reply', reply: reply(220, '2.0.0', 'Ready to start TLS') }, { kind: 'start-tls' }],
  }
}

/** `required`: without TLS there is no session. Otherwise a server that lacks or refuses it is spoken to in clear. */
export function startTlsClient(required: boolean): ClientExtension {
  return {
    keyword: 'STARTTLS',
    prepare({ offers, tls }) {
      if (tls !== undefined) return ok(undefined)
      if (!offers.has('STARTTLS')) return required ? err({ kind: 'tls-not-offered' }) : ok(undefined)
      return ok({
        line: encodeAscii('STARTTLS'),
        next: async (given) => {
          if (given.code === 220) return { kind: 'start-tls' }
          if (!required && severity(given) >= 4) return { kind: 'done' }
          return { kind: 'failed', error: { kind: 'tls-refused', reply: given } }
        },
      })
    },
  }
}
