// Delivery to another server: its receivers one after the other, until one has answered for every recipient.
// RFC 5321 §5.1 (order), §6.3 (loops), RFC 6152 and RFC 6531 (what the other side must be able to carry)

import { formatMailDomain } from '@scop/identifiers'
import {
  type ClientError,
  type Envelope,
  formatReplyText,
  mailboxPath,
  NULL_PATH,
  type Outcome,
  type Reply,
  reply,
  severity,
} from '@scop/smtp'
import { type Status, type Verdict, verdictOfReply } from './attempt.ts'
import type { Connections } from './connections.ts'
import { inCircles, inspect, wholeMessage } from './inspect.ts'
import type { Queue, QueuedRecipient, QueueEntry } from './queue.ts'
import { findReceivers, type MailNames, type Receiver, type ReceiverRules } from './receivers.ts'

export type RemoteOptions = {
  readonly queue: Queue
  readonly names: MailNames
  readonly connections: Connections
  readonly rules: ReceiverRules
  readonly verifiedTlsFor: (domain: string) => boolean
  readonly receivedFields: number
}

/** All `recipients` have the same domain. */
export async function deliverRemotely(
  options: RemoteOptions,
  entry: QueueEntry,
  recipients: readonly QueuedRecipient[],
): Promise<ReadonlyMap<number, Verdict>> {
  const all = (verdict: Verdict): ReadonlyMap<number, Verdict> =>
    new Map(recipients.map(({ position }) => [position, verdict]))
  const [first] = recipients
  if (first === undefined) return new Map()
  const message = await inspect(options.queue, entry)
  if (message.received > options.receivedFields) return all(inCircles(message.received))
  const { domain } = first.mailbox
  const found = await findReceivers(domain, options.names, entry.envelope.trace, options.rules)
  if (!found.ok) {
    const { when, status, reason } = found.error
    return all(when === 'never' ? never(status, reason) : later(status, reason))
  }
  const envelope: Envelope = {
    sender: entry.envelope.sender === undefined ? NULL_PATH : mailboxPath(entry.envelope.sender),
    recipients: recipients.map(({ mailbox }) => mailboxPath(mailbox)),
    size: entry.octets,
    body: message.eightBit ? '8bitmime' : '7bit',
    utf8: entry.envelope.smtpUtf8,
  }
  const verifiedTls = options.verifiedTlsFor(formatMailDomain(domain))
  let last: Verdict = later('4.4.1', 'no mail host answers')
  for (const receiver of found.value) {
    const attempt = await sendTo(options, receiver, verifiedTls, envelope, entry)
    if (attempt.kind === 'answered') return verdictsOf(attempt.outcome, recipients, attempt.remote)
    last = attempt.verdict
    if (attempt.kind === 'perhaps-taken') break // another host would surely make a second copy of it
    if (last.kind === 'never') break // it would be the same everywhere: the message itself is the trouble
  }
  return all(last)
}

type SendAttempt =
  | { readonly kind: 'answered'; readonly outcome: Outcome; readonly remote: string }
  | { readonly kind: 'try-next'; readonly verdict: Verdict }
  /** The whole message was sent, and the answer never came. RFC 1047 */
  | { readonly kind: 'perhaps-taken'; readonly verdict: Verdict }

async function sendTo(
  options: RemoteOptions,
  receiver: Receiver,
  verifiedTls: boolean,
  envelope: Envelope,
  entry: QueueEntry,
): Promise<SendAttempt> {
  const where = `${receiver.host ?? ''}[${receiver.address}]`
  for (;;) {
    const connection = await options.connections.take(receiver, verifiedTls)
    if (!connection.ok) return { kind: 'try-next', verdict: verdictOfError(connection.error, where) }
    const { client, kept } = connection.value
    const tls = client.facts.tls
    const remote =
      tls === undefined ? `${where} in clear` : `${where} ${tls.version}${tls.authorized ? ' verified' : ''}`
    const progress: { reached: 'envelope' | 'content' | 'end' } = { reached: 'envelope' }
    const sent = await client.send(envelope, async function* () {
      progress.reached = 'content'
      yield* wholeMessage(options.queue, entry)
      progress.reached = 'end'
    })
    if (!sent.ok) {
      connection.value.giveBack(false)
      const { reached } = progress
      if (kept && reached === 'envelope' && sent.error.kind === 'connection-lost') continue // it was closed while it was idle
      return { kind: reached === 'end' ? 'perhaps-taken' : 'try-next', verdict: verdictOfError(sent.error, remote) }
    }
    const outcome = sent.value
    const settled = outcome.data !== undefined && severity(outcome.data) === 2
    connection.value.giveBack(settled || (await client.reset()).ok)
    if (severity(outcome.mail) === 4) return { kind: 'try-next', verdict: ofReply(outcome.mail, remote) }
    return { kind: 'answered', outcome, remote }
  }
}

function verdictsOf(
  outcome: Outcome,
  recipients: readonly QueuedRecipient[],
  remote: string,
): ReadonlyMap<number, Verdict> {
  const verdicts = new Map<number, Verdict>()
  for (const [i, { position }] of recipients.entries()) {
    const recipient = outcome.recipients[i]
    const refused = recipient === undefined || severity(recipient) !== 2
    verdicts.set(position, ofReply(refused ? (recipient ?? outcome.mail) : (outcome.data ?? UNANSWERED), remote))
  }
  return verdicts
}

const UNANSWERED: Reply = reply(451, '4.5.0', 'no answer to the message itself')

const ofReply = (reply: Reply, remote: string): Verdict =>
  verdictOfReply({ code: reply.code, enhanced: reply.enhanced, text: reply.lines.join(' ') }, remote, '4.0.0', '5.0.0')

function verdictOfError(error: ClientError, remote: string): Verdict {
  switch (error.kind) {
    case 'not-supported':
      return never(statusOf(error.enhanced), `${remote} cannot carry this message: it lacks ${error.extension}`)
    case 'bad-content':
      return never('5.6.0', `this message is no content for SMTP: ${error.fault}`)
    case 'source-failed':
      return later('4.3.0', 'the queue cannot be read now')
    case 'refused':
    case 'tls-refused':
      // Also a 5yz greeting is a word about the connection, not about the message: other hosts and other hours may differ.
      return later('4.4.0', `${remote}: ${formatReplyText(error.reply)}`)
    case 'tls-not-offered':
    case 'tls-failed':
    case 'tls-injection':
      return later('4.7.0', `${remote}: TLS is demanded and not to be had: ${error.kind}`)
    case 'connect-failed':
    case 'connection-lost':
      return later('4.4.1', `${remote}: ${error.message}`)
    case 'timeout':
      return later('4.4.2', `${remote}: no answer in time to ${error.waitingFor}`)
    case 'bad-reply':
      return later('4.5.0', `${remote}: ${error.reason}`)
    case 'unexpected-reply':
      return later('4.5.0', `${remote}: ${formatReplyText(error.reply)}`)
    case 'aborted':
    case 'no-mechanism':
    case 'authentication-refused':
    case 'authentication-failed':
      return later('4.3.0', `${remote}: ${error.kind}`)
  }
}

const statusOf = (enhanced: string): Status => (enhanced.startsWith('5') ? (enhanced as Status) : '5.6.0') // as: an EnhancedCode of class 5
const never = (status: Status, reason: string): Verdict => ({
  kind: 'never',
  reply: `${status} ${reason}`,
  remote: undefined,
  status,
})
const later = (status: Status, reason: string): Verdict => ({
  kind: 'later',
  reply: `${status} ${reason}`,
  remote: undefined,
  status,
})
