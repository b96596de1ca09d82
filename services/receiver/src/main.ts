// The receiver's process: one listener, each session with its own policy.

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
import { receiverPolicy } from './policy.ts'

await runService({ ...privileges, service: 'receiver' }, async ({ settings, secrets, calls, log, figures, signal }) => {
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
  const listener = await listenTcp({
    endpoint: settings.listen.smtp,
    sessions: settings.limits['sessions-per-listener'],
    sessionsPerAddress: settings.limits['sessions-per-address'],
    turnedAway: '421 4.7.0 Too many sessions; try again later\r\n',
    onTurnedAway: (client) => {
      figures.add('sessions_turned_away_total')
      log.warn('session turned away', { client })
    },
    serve: (socket, _, draining) => {
      figures.add('sessions_total')
      return serveConnection(socket, {
        hostname,
        extensions: [PIPELINING, SIZE, STARTTLS, EIGHT_BIT_MIME, SMTP_UTF8, ENHANCED_STATUS_CODES, CHUNKING],
        policy: receiverPolicy({ hostname, calls, now: Date.now, log, figures, facts }),
        limits,
        secureContext: () => secureContext,
        implicitTls: false,
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
  figures.observe('sessions', () => listener.sessions)
  return { handlers: {}, drain: () => listener.drain(signal) }
})
