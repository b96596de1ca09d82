// An SMTP listener of a service: TLS from the service's secrets, limits from its settings, one session per connection.
// What submission and receiver have in common; they differ in extensions and policy.

import { createSecureContext } from 'node:tls'
import { type DomainName, type Mailbox, parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import {
  BODY_PARAMETER,
  CHUNKING,
  ContentAborted,
  ContentRefused,
  DEFAULT_LIMITS,
  EIGHT_BIT_MIME,
  ENHANCED_STATUS_CODES,
  type ForwardPath,
  PIPELINING,
  pathNeedsUtf8,
  type Reply,
  type ServerExtension,
  type ServerPolicy,
  SIZE,
  SMTP_UTF8,
  SMTP_UTF8_PARAMETER,
  STARTTLS,
  type Transaction,
} from '@scop/smtp'
import { serveConnection } from '@scop/smtp/node'
import type { Endpoint, Settings } from '../settings.ts'
import { type Listener, listenTcp } from './listener.ts'
import type { Context } from './run-service.ts'

export type SmtpListenerOptions = {
  readonly endpoint: Endpoint
  readonly implicitTls: boolean
  /** Asked for each session. */
  readonly session: (connection: SmtpConnection) => SmtpSession
}

export type SmtpConnection = {
  /** Whether the client has sent something. */
  readonly hasSpoken: () => boolean
}

export type SmtpSession = {
  readonly extensions: readonly ServerExtension[]
  readonly policy: ServerPolicy
  /** Each reply, as it is said. */
  readonly onReply?: (reply: Reply) => void
  /** Called once, when the session is over. */
  readonly onClosed?: () => void
}

type SmtpContext = Context<'submission'> | Context<'receiver'>

/** Rejects, in words, when the address cannot be had or no certificate was handed down. */
export async function listenSmtp(context: SmtpContext, options: SmtpListenerOptions): Promise<Listener> {
  const { settings, secrets, log, figures } = context
  if (secrets.tlsCertificate === undefined) throw new Error('Cannot offer TLS: no certificate was handed down')
  const { key, certificate } = secrets.tlsCertificate
  const secureContext = createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.2' })
  const limits = sessionLimits(settings)
  return listenTcp({
    endpoint: options.endpoint,
    sessions: settings.limits['sessions-per-listener'],
    sessionsPerAddress: settings.limits['sessions-per-address'],
    // Before a TLS handshake nothing can be said.
    turnedAway: options.implicitTls ? '' : '421 4.7.0 Too many sessions; try again later\r\n',
    onTurnedAway: (client) => {
      figures.add('sessions_turned_away_total')
      log.warn('session turned away', { client, port: options.endpoint.port })
    },
    serve: async (socket, _, draining) => {
      figures.add('sessions_total')
      const { extensions, policy, onReply, onClosed } = options.session({ hasSpoken: () => socket.bytesRead > 0 })
      await serveConnection(socket, {
        hostname: settings.hostname,
        extensions: [
          ...extensions,
          PIPELINING,
          SIZE,
          STARTTLS,
          EIGHT_BIT_MIME,
          SMTP_UTF8,
          ENHANCED_STATUS_CODES,
          CHUNKING,
        ],
        policy,
        limits,
        secureContext: () => secureContext,
        implicitTls: options.implicitTls,
        signal: draining,
        now: Date.now,
        onEvent: (event) => {
          if (event.kind === 'reply') onReply?.(event.reply)
          if (event.kind === 'tls-failed') figures.add('tls_failures_total')
          if (event.kind !== 'policy-failed') return
          log.error('policy failed', { error: event.error instanceof Error ? event.error : String(event.error) })
        },
      }).finally(onClosed)
    },
  })
}

/** Our own name, as it was checked when the configuration was read. */
export function ourHostname(settings: { readonly hostname: string }): DomainName {
  return expectOk(parseDomainName(settings.hostname), 'read our hostname')
}

/** `<Postmaster>` without a domain is ours. RFC 5321 §4.5.1 */
export function mailboxOf(path: ForwardPath, hostname: DomainName): Mailbox {
  return path.kind === 'mailbox' ? path.mailbox : { localPart: POSTMASTER, domain: hostname }
}

/** What the parameters of MAIL say of the message. RFC 6152, RFC 6531 */
export function transportOf(transaction: Transaction): {
  readonly smtpUtf8: boolean
  readonly body: '7bit' | '8bitmime'
} {
  const { parameters, sender, recipients } = transaction
  const asked = parameters.read(SMTP_UTF8_PARAMETER) ?? false
  return {
    smtpUtf8: asked || pathNeedsUtf8(sender) || recipients.some(({ path }) => pathNeedsUtf8(path)),
    body: parameters.read(BODY_PARAMETER) ?? '7bit',
  }
}

export type OwnedContent = {
  /** Copies: a session's pieces are valid for one turn of its loop, a pipe keeps them longer. */
  readonly octets: AsyncIterable<Uint8Array>
  /** Throws what the session threw while it was read: the session answers that by itself, whatever the next service says. */
  readonly rethrow: () => void
}

export function ownContent(octets: AsyncIterable<Uint8Array>): OwnedContent {
  let fault: ContentRefused | ContentAborted | undefined
  async function* copies(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of octets) yield new Uint8Array(chunk)
    } catch (error) {
      if (error instanceof ContentRefused || error instanceof ContentAborted) fault = error
      throw error
    }
  }
  return {
    octets: copies(),
    rethrow: () => {
      if (fault !== undefined) throw fault
    },
  }
}

function sessionLimits({ limits }: Settings<'submission'> | Settings<'receiver'>): typeof DEFAULT_LIMITS {
  return {
    ...DEFAULT_LIMITS,
    messageOctets: limits['message-octets'],
    recipients: limits.recipients,
    commandSeconds: limits['idle-seconds'],
  }
}

const POSTMASTER = 'postmaster' as Mailbox['localPart'] // as: a dot-string
