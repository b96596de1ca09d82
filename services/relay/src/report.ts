// Reports to the sender: what could not be delivered, and what is late. The null sender is never reported to,
// so that two servers cannot bounce at each other.            RFC 5321 §4.5.5, §6.1; RFC 3464; RFC 3834 §4

import { randomBytes } from 'node:crypto'
import { BlobReadError } from '@scop/blobs'
import { type DomainName, formatMailbox, type Mailbox, parseMailbox } from '@scop/identifiers'
import { formatDeliveryStatus, formatMessageId, HeaderReader, type RecipientStatus } from '@scop/mime'
import { expectOk } from '@scop/result'
import { type Envelope, formatTrace } from '@scop/bottle'
import type { Status } from './attempt.ts'
import type { QueueEntry } from './queue.ts'

export type ReportedRecipient = {
  readonly mailbox: Mailbox
  readonly status: Status
  readonly reply: string
  readonly remote: string | undefined
}

export type Report = { readonly envelope: Envelope; readonly octets: Uint8Array }

/** The report to the sender of `entry`; `undefined` for the null sender. */
export async function makeReport(
  kind: 'failed' | 'delayed',
  entry: QueueEntry,
  original: AsyncIterable<Uint8Array>,
  recipients: readonly ReportedRecipient[],
  hostname: DomainName,
  nowMs: number,
): Promise<Report | undefined> {
  const to = entry.envelope.sender
  if (to === undefined) return undefined
  const from = expectOk(parseMailbox(`postmaster@${hostname}`), 'make the sender of a report')
  const octets = formatDeliveryStatus({
    from,
    fromName: 'Mail delivery',
    to,
    subject: kind === 'failed' ? 'Your message could not be delivered' : 'Your message is delayed',
    messageId: formatMessageId(randomBytes(16), hostname),
    epochMilliseconds: nowMs,
    reportingMta: hostname,
    arrivalEpochMilliseconds: entry.enqueuedAtMs,
    recipients: recipients.map((recipient): RecipientStatus => {
      return {
        finalRecipient: recipient.mailbox,
        action: kind,
        status: recipient.status,
        diagnostic: recipient.reply,
        lastAttemptEpochMilliseconds: nowMs,
        ...(kind === 'delayed' && { willRetryUntilEpochMilliseconds: entry.expiresAtMs }),
      }
    }),
    text: kind === 'failed' ? failedText(recipients, hostname) : delayedText(recipients, hostname, entry.expiresAtMs),
    originalHeader: await headerOf(entry.above, original),
    boundary: randomBytes(16).toString('hex'),
  })
  const trace = formatTrace(randomBytes(8))
  const arrival = {
    receivedAtMs: nowMs,
    protocol: 'LOCAL',
    client: undefined,
    tls: undefined,
    authenticated: undefined,
  }
  return {
    octets,
    envelope: {
      trace,
      sender: undefined,
      recipients: [to],
      smtpUtf8: entry.envelope.smtpUtf8,
      body: '8bitmime',
      arrival,
    },
  }
}

async function headerOf(above: Uint8Array, octets: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const reader = new HeaderReader()
  const begun = reader.feed(above)
  if (begun.ok && begun.value.kind === 'header') return begun.value.header.octets
  try {
    for await (const chunk of octets) {
      const read = reader.feed(chunk)
      if (!read.ok) return above // a header beyond the limits: our own fields must do
      if (read.value.kind === 'header') return read.value.header.octets
    }
  } catch (error) {
    if (error instanceof BlobReadError) return above // a report without the header is better than none
    throw error
  }
  const ended = reader.finish()
  return ended.ok ? ended.value.header.octets : above
}

const describe = ({ mailbox, reply }: ReportedRecipient): string => `  <${formatMailbox(mailbox)}>\n    ${reply}\n`

function failedText(recipients: readonly ReportedRecipient[], hostname: DomainName): string {
  return `This is the mail server ${hostname}.

Your message could not be delivered to the recipients below, and will not be tried again.
What stands under each of them is the reason as it was given.

${recipients.map(describe).join('\n')}`
}

function delayedText(recipients: readonly ReportedRecipient[], hostname: DomainName, expiresAtMs: number): string {
  return `This is the mail server ${hostname}.

Your message could not be delivered to the recipients below yet. You need not send it again:
it will be tried until ${new Date(expiresAtMs).toUTCString()}.

${recipients.map(describe).join('\n')}`
}
