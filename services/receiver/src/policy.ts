// The receiver's policy: mail for our own users from anybody, and for nobody else. The message itself is passed on
// unread, with what is known of the connection above it.            RFC 5321 §3.3, §3.4, §4.4, §7.1

import { randomBytes } from 'node:crypto'
import { type Envelope, type Figures, formatEnvelope, formatTrace } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'
import { mailboxOf, ownContent, transportOf } from '@scop/bottle/smtp-listener'
import { type DomainName, formatMailbox } from '@scop/identifiers'
import { formatReceived, withProtocol } from '@scop/mime'
import { accept, refuse, type ServerPolicy } from '@scop/smtp'
import * as replies from './replies.ts'

export type PolicyOptions = {
  readonly hostname: DomainName
  readonly calls: Calls
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}

/** One for each session. */
export function receiverPolicy({ hostname, calls, now, log, figures }: PolicyOptions): ServerPolicy {
  const session = formatTrace(randomBytes(8))
  return {
    greeting: async () => accept(),
    mail: async () => accept(),
    recipient: async ({ path }, _, { client }) => {
      const mailbox = formatMailbox(mailboxOf(path, hostname))
      const answer = await calls.call('directory', 'resolve', { mailbox }, { trace: session })
      if (!answer.ok) return refuse(replies.DIRECTORY_SILENT)
      const { kind } = answer.value.response
      if (kind === 'ours') return accept()
      figures.add('recipients_refused_total')
      log.info('recipient refused', { recipient: mailbox, reason: kind, client: client.address })
      return refuse(kind === 'unknown' ? replies.NO_SUCH_USER : replies.NOT_OURS)
    },
    message: async (transaction, octets, { client, hello, tls }) => {
      const [first, ...others] = transaction.recipients.map(({ path }) => mailboxOf(path, hostname))
      if (first === undefined) throw new Error('Cannot take a message: RCPT has let through what it refuses')
      const trace = formatTrace(randomBytes(8))
      const transport = transportOf(transaction)
      const protocol = withProtocol({
        extended: hello?.extended ?? false,
        utf8: transport.smtpUtf8,
        tls: tls !== undefined,
        authenticated: false,
      })
      const receivedAtMs = now()
      const envelope: Envelope = {
        trace,
        sender: transaction.sender.kind === 'null-path' ? undefined : transaction.sender.mailbox,
        recipients: [first, ...others],
        ...transport,
        arrival: {
          receivedAtMs,
          protocol,
          client: { address: client.address, helo: hello?.name ?? '' },
          tls: tls && { version: tls.version, cipher: tls.cipher },
          authenticated: undefined,
        },
      }
      const received = formatReceived({
        from: { helo: hello?.name ?? '', address: client.address },
        by: hostname,
        with: protocol,
        id: trace,
        epochMilliseconds: receivedAtMs,
        ...(others.length === 0 && { for: first }),
        ...(tls && { tlsCipher: tls.cipher }),
      })
      const content = ownContent(octets)
      const verified = await calls.call('verifier', 'verify', formatEnvelope(envelope), {
        trace,
        octets: content.octets,
        tail: () => ({ above: received.toBase64() }),
      })
      // The content's own fault comes first: the session answers by itself.
      content.rethrow()
      if (!verified.ok) {
        log.warn('message not taken', { trace, client: client.address, reason: verified.error.reason })
        return refuse(replies.notTaken(verified.error))
      }
      const { response } = verified.value
      if (response.outcome !== 'delivered') {
        figures.add('messages_refused_total')
        const { outcome, results, status, reason } = response
        log.info(`message ${outcome}`, {
          trace,
          client: client.address,
          helo: hello?.name ?? '',
          results,
          status,
          reason,
        })
        return refuse(replies.judged(response))
      }
      const { results, recipients } = response
      const unknown = recipients.filter(({ outcome }) => outcome === 'unknown')
      // They were known at RCPT and are gone: said of all only when it is true of all.
      if (unknown.length === recipients.length) return refuse(replies.NO_SUCH_USER)
      figures.add('messages_accepted_total')
      log.info('message accepted', {
        trace,
        client: client.address,
        helo: hello?.name ?? '',
        results,
        ...(unknown.length > 0 && { gone: unknown.map(({ mailbox }) => mailbox) }),
        ...(tls && { tls: tls.version }),
      })
      return accept(replies.stored(trace))
    },
  }
}
