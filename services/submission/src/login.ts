// AUTH for submission: the mechanisms of SASL, the questions answered by the directory.
// RFC 4954; RFC 5802 §6 and RFC 9266 (channel binding); RFC 8314 §3.3 (no password in clear)

import { randomBytes } from 'node:crypto'
import { type Figures, formatTrace } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'
import { expectOk } from '@scop/result'
import { type Channel, formatNonce, offerMechanisms, serverMechanism, tlsChannel } from '@scop/sasl'
import { auth, type ServerExtension, type SessionFacts } from '@scop/smtp'
import { directoryAuthenticator } from './directory-authenticator.ts'
import type { FailedLogins } from './failed-logins.ts'

export type Login = {
  readonly extension: ServerExtension
  /** The mechanism of the session's last attempt: of its success, once there is an identity. */
  readonly mechanism: () => string
}

/** One for each session. */
export function login(options: {
  readonly calls: Calls
  readonly failed: FailedLogins
  readonly log: Log
  readonly figures: Figures
}): Login {
  const { calls, failed, log, figures } = options
  let channel: Channel | undefined
  let last = ''
  const channelOf = ({ tls }: SessionFacts): Channel => {
    channel ??= tls && tlsChannel(tls)
    return channel ?? CLEAR
  }
  return {
    mechanism: () => last,
    extension: auth({
      // Nothing at all in clear: SCRAM would not show the password, but the mail that follows would go in clear.
      offered: (facts) => (facts.tls === undefined ? [] : offerMechanisms(channelOf(facts))),
      start: (name, facts) => {
        last = name
        const trace = formatTrace(randomBytes(8))
        const authenticator = directoryAuthenticator(calls, trace)
        const nonce = formatNonce(randomBytes(NONCE_OCTETS))
        return expectOk(serverMechanism({ name, channel: channelOf(facts), authenticator, nonce }), `start ${name}`)
      },
      isTemporary: (reason) => kindOf(reason) === TEMPORARY,
      onFailure: (mechanism, reason, { client }) => {
        figures.add('authentication_failures_total')
        const kind = kindOf(reason)
        if (kind !== TEMPORARY) failed.note(client.address)
        log.warn('authentication failed', { mechanism, reason: kind, client: client.address })
      },
    }),
  }
}

const kindOf = (reason: unknown): string =>
  typeof reason === 'object' && reason !== null && 'kind' in reason ? String(reason.kind) : 'unknown'

const TEMPORARY = 'temporary-failure' // the directory's, not the user's
const CLEAR: Channel = { tls: false, bindings: [] }
const NONCE_OCTETS = 18
