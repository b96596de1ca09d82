// Delivery: whom the recipients reach, the fields above the message, one durable delivery for all of them.
// RFC 5321 §3.9.1 (aliases), §4.4 (Return-Path)

import { type Envelope, formatEnvelope } from '@scop/bottle'
import { formatMailbox } from '@scop/identifiers'
import { type Delivery, INBOX, type MailboxName, type MailStore, type StoreError } from '@scop/mail-store'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DescribedMessage } from './describe-message.ts'
import { forwardAccount, isForwardAccount } from './forward.ts'
import { formatReturnPath } from './return-path.ts'

/** What the directory knows of a mailbox. */
export type Resolution =
  | { readonly kind: 'ours'; readonly accounts: readonly string[]; readonly forwards: readonly string[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-ours' }

export type Incoming = {
  readonly envelope: Envelope
  readonly deliveryId: string
  readonly octets: AsyncIterable<Uint8Array>
  /** After the last octet. */
  readonly tail: () => Promise<IncomingTail>
}

export type IncomingTail = {
  /** Fields that the services before us put above the octets. */
  readonly above: Uint8Array
  readonly into: MailboxName
}

export type Outcome = { readonly mailbox: string; readonly outcome: 'delivered' | 'unknown' }

export type DeliverError = StoreError | { readonly kind: 'no-directory' }

/** Stores the message for all recipients that are ours, or for none. `forwards`: some of it now waits for the relay. */
export async function deliver(
  store: MailStore,
  resolve: (mailbox: string) => Promise<Resolution | undefined>,
  { envelope, deliveryId, octets, tail }: Incoming,
): Promise<Result<{ readonly outcomes: readonly Outcome[]; readonly forwards: boolean }, DeliverError>> {
  const names = envelope.recipients.map(formatMailbox)
  const resolutions = await Promise.all(names.map(resolve))
  const accounts = new Set<string>()
  const outcomes: Outcome[] = []
  for (const [i, mailbox] of names.entries()) {
    const found = resolutions[i]
    if (found === undefined) return err({ kind: 'no-directory' })
    if (found.kind === 'ours') {
      for (const account of found.accounts) accounts.add(account)
      for (const address of found.forwards) accounts.add(forwardAccount(address))
    }
    outcomes.push({ mailbox, outcome: found.kind === 'ours' ? 'delivered' : 'unknown' })
  }
  if (accounts.size === 0) return ok({ outcomes, forwards: false })
  const message = new DescribedMessage(octets)
  const delivered = await store.deliver(message.octets, async (): Promise<Delivery> => {
    const { above, into } = await tail()
    return {
      deliveryId,
      recipients: [...accounts].map((account) => ({
        account,
        mailbox: isForwardAccount(account) ? INBOX : into, // where what is to be forwarded waits
      })),
      receivedAtMs: envelope.arrival.receivedAtMs,
      traceFields: concatOctets([formatReturnPath(envelope.sender), above]),
      description: { sender: formatEnvelope(envelope).sender, trace: envelope.trace, ...message.described() },
    }
  })
  if (!delivered.ok) return delivered
  return ok({ outcomes, forwards: delivered.value.some(({ account }) => isForwardAccount(account)) })
}
