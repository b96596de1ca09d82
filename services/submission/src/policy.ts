// Submission's policy: who may submit, as whom, to whom, and what becomes of the message.
// RFC 6409 §4.3 (authentication required), §6.1 (sender address)

import { randomBytes } from 'node:crypto'
import { type Envelope, type Figures, formatEnvelope, formatTrace } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'
import { mailboxOf, ownContent, transportOf } from '@scop/bottle/smtp-listener'
import { type DomainName, formatMailbox, type Mailbox } from '@scop/identifiers'
import { withProtocol } from '@scop/mime'
import { accept, refuse, type ServerPolicy } from '@scop/smtp'
import type { FailedLogins } from './failed-logins.ts'
import type { KnownAddresses } from './known-addresses.ts'
import * as replies from './replies.ts'
import { acceptSubmission } from './submitted-message.ts'

export type PolicyOptions = {
  readonly hostname: DomainName
  readonly receivedFields: number
  readonly calls: Calls
  readonly addresses: KnownAddresses
  readonly failed: FailedLogins
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
  /** The one by which the session has authenticated. */
  readonly mechanism: () => string
}

/** One for each session. */
export function submissionPolicy(options: PolicyOptions): ServerPolicy {
  const { hostname, receivedFields, calls, addresses, failed, now, log, figures } = options
  const session = formatTrace(randomBytes(8))

  const owns = (account: string, mailbox: Mailbox): Promise<boolean | undefined> =>
    addresses.owns(account, formatMailbox(mailbox), session)
  return {
    greeting: async ({ address }) => {
      if (!failed.tooMany(address)) return accept()
      figures.add('guessers_turned_away_total')
      return refuse(replies.TOO_MANY_FAILURES)
    },
    mail: async ({ sender }, { identity, client }) => {
      if (identity === undefined) return refuse(replies.AUTHENTICATE_FIRST)
      if (sender.kind === 'null-path') return refuse(replies.NULL_SENDER)
      const owned = await owns(identity, sender.mailbox)
      if (owned === undefined) return refuse(replies.DIRECTORY_SILENT)
      if (owned) return accept()
      figures.add('senders_refused_total')
      log.warn('sender refused', { account: identity, sender: formatMailbox(sender.mailbox), client: client.address })
      return refuse(replies.NOT_YOUR_SENDER)
    },
    recipient: async ({ path }) => {
      const exists = await addresses.exists(formatMailbox(mailboxOf(path, hostname)), session)
      if (exists === undefined) return refuse(replies.DIRECTORY_SILENT)
      return exists ? accept() : refuse(replies.NO_SUCH_USER)
    },
    message: async (transaction, octets, facts) => {
      const { identity, tls, client } = facts
      const { sender } = transaction
      const [first, ...others] = transaction.recipients.map(({ path }) => mailboxOf(path, hostname))
      if (identity === undefined || sender.kind === 'null-path' || first === undefined) {
        throw new Error('Cannot take a message: MAIL and RCPT have let through what they refuse')
      }
      const trace = formatTrace(randomBytes(8))
      const transport = transportOf(transaction)
      const protocol = withProtocol({
        extended: facts.hello?.extended ?? false,
        utf8: transport.smtpUtf8,
        tls: tls !== undefined,
        authenticated: true,
      })
      const silent = new Set<Mailbox>()
      const content = ownContent(octets)
      const accepted = await acceptSubmission(content.octets, {
        hostname,
        protocol,
        trace,
        tlsCipher: tls?.cipher,
        recipient: others.length === 0 ? first : undefined,
        epochMilliseconds: now(),
        randomOctets: randomBytes,
        receivedFields,
        owns: async (mailbox) => {
          const owned = await owns(identity, mailbox)
          if (owned === undefined) silent.add(mailbox)
          return owned ?? false
        },
      })
      if (!accepted.ok) {
        if (silent.size > 0) return refuse(replies.DIRECTORY_SILENT)
        figures.add('messages_refused_total')
        log.warn('message refused', { trace, account: identity, reason: accepted.error.kind, client: client.address })
        return refuse(replies.refusedMessage(accepted.error))
      }
      const envelope: Envelope = {
        trace,
        sender: sender.mailbox,
        recipients: [first, ...others],
        ...transport,
        arrival: {
          receivedAtMs: now(),
          protocol,
          client: { address: client.address, helo: facts.hello?.name ?? '' },
          tls: tls && { version: tls.version, cipher: tls.cipher },
          authenticated: { account: identity, mechanism: options.mechanism() },
        },
      }
      const submitted = await calls.call('signer', 'submit', formatEnvelope(envelope), {
        trace,
        octets: accepted.value,
      })
      // The content's own fault comes first: the session answers by itself.
      content.rethrow()
      if (!submitted.ok) {
        log.warn('message not taken', { trace, account: identity, reason: submitted.error.reason })
        return refuse(replies.notTaken(submitted.error))
      }
      const { queueId } = submitted.value.response
      figures.add('messages_accepted_total')
      log.info('message accepted', {
        trace,
        queueId,
        account: identity,
        mechanism: options.mechanism(),
        client: client.address,
        ...(tls && { tls: tls.version }),
      })
      return accept(replies.queued(queueId))
    },
  }
}
