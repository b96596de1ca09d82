// The submission service's process: two listeners, each session with its own login and policy.

import { createSecureContext } from 'node:tls'
import { listenTcp, runService } from '@scop/bottle/node'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import {
  BODY_PARAMETER,
  CHUNKING,
  DEFAULT_LIMITS,
  EIGHT_BIT_MIME,
  ENHANCED_STATUS_CODES,
  PIPELINING,
  SIZE,
  SMTP_UTF8,
  SMTP_UTF8_PARAMETER,
  STARTTLS,
  type Transaction,
} from '@scop/smtp'
import { serveConnection } from '@scop/smtp/node'
import { privileges } from '../privileges.ts'
import { login } from './login.ts'
import { submissionPolicy } from './policy.ts'

await runService(
  { ...privileges, service: 'submission' },
  async ({ settings, secrets, calls, log, figures, signal }) => {
    if (secrets.tlsCertificate === undefined) throw new Error('Cannot offer TLS: no certificate was handed down')
    const { key, certificate } = secrets.tlsCertificate
    const secureContext = createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.2' })
    const hostname = expectOk(parseDomainName(settings.hostname), 'read our hostname')
    const limits = {
      ...DEFAULT_LIMITS,
      messageOctets: settings.limits['message-octets'],
      recipients: settings.limits.recipients,
      commandSeconds: settings.limits['idle-seconds'],
    }
    const facts = ({ parameters }: Transaction) => ({
      utf8: parameters.read(SMTP_UTF8_PARAMETER) ?? false,
      body: parameters.read(BODY_PARAMETER) ?? ('7bit' as const),
    })
    const listen = (name: 'submissions' | 'submission') =>
      listenTcp({
        endpoint: settings.listen[name],
        sessions: settings.limits['sessions-per-listener'],
        sessionsPerAddress: settings.limits['sessions-per-address'],
        turnedAway: name === 'submission' ? '421 4.7.0 Too many sessions; try again later\r\n' : '',
        onTurnedAway: (client) => {
          figures.add('sessions_turned_away_total')
          log.warn('session turned away', { client, listener: name })
        },
        serve: (socket, _, draining) => {
          figures.add('sessions_total')
          const { extension, mechanism } = login({ calls, log, figures })
          return serveConnection(socket, {
            hostname,
            extensions: [
              PIPELINING,
              SIZE,
              STARTTLS,
              extension,
              EIGHT_BIT_MIME,
              SMTP_UTF8,
              ENHANCED_STATUS_CODES,
              CHUNKING,
            ],
            policy: submissionPolicy({
              hostname,
              receivedFields: settings.limits['received-fields'],
              calls,
              now: Date.now,
              log,
              figures,
              facts,
              mechanism,
            }),
            limits,
            secureContext: () => secureContext,
            implicitTls: name === 'submissions',
            signal: draining,
            now: Date.now,
            onEvent: (event) => {
              if (event.kind === 'policy-failed')
                log.error('policy failed', { error: event.error instanceof Error ? event.error : String(event.error) })
              else if (event.kind === 'tls-failed') figures.add('tls_failures_total')
            },
          })
        },
      })
    const listeners = await Promise.all([listen('submissions'), listen('submission')])
    figures.observe('sessions', () => listeners.reduce((sum, { sessions }) => sum + sessions, 0))
    return {
      handlers: {},
      drain: async () => {
        await Promise.all(listeners.map((listener) => listener.drain(signal)))
      },
    }
  },
)
