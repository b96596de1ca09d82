// The mail store: accounts hold mailboxes, mailboxes hold messages, messages never change.
// Laws: `ok` means durable; a delivery reaches all its recipients or none, and once however often it is tried.
// RFC 9051 §2.3.1 (unique identifiers), §2.3.3 (internal date); RFC 7162 §3.1 (mod-sequences)

import type { Result } from '@scop/result'
import type { MailboxName } from './mailbox-name.ts'

export type MailStoreLimits = {
  /** Octets of one message as it arrived. */
  readonly messageOctets: number
  /** Octets of the header fields that are put above it. */
  readonly traceFieldsOctets: number
  readonly recipients: number
  /** Messages that `list` gives at once, whatever was asked for. */
  readonly listMessages: number
  /** Octets of all messages of an account; 0: no quota. */
  readonly quotaOctets: number
  /** How long a delivery id is known. Whoever delivers gives up earlier. */
  readonly deliveryMemoryMs: number
}

export const MAIL_STORE_LIMITS: MailStoreLimits = {
  messageOctets: 1024 ** 3,
  traceFieldsOctets: 256 * 1024,
  recipients: 1000,
  listMessages: 1000,
  quotaOctets: 0,
  deliveryMemoryMs: 45 * 86_400_000,
}

export type StoreError =
  | { readonly kind: 'no-space' }
  | { readonly kind: 'too-many-open-files' }
  | { readonly kind: 'too-large'; readonly what: 'message' | 'trace fields' | 'recipients'; readonly limit: number }
  | { readonly kind: 'over-quota'; readonly account: string; readonly quotaOctets: number }
  | { readonly kind: 'no-such-mailbox' }
  | { readonly kind: 'no-such-message' }
  /** The disk or the database failed; `doing` is for the log. */
  | { readonly kind: 'storage-failed'; readonly doing: string }

/** What the stream of a message throws: `error.reason` says why. */
export class MessageReadError extends Error {
  readonly reason: StoreError
  constructor(reason: StoreError) {
    super(`Cannot read a message: ${JSON.stringify(reason)}`)
    this.reason = reason
  }
}

/** What is known of a message besides its octets. */
export type Description = {
  /** The reverse-path without angle brackets; empty for `<>`. */
  readonly sender: string
  readonly trace: string
  /** For lists, as people read them. */
  readonly from: string
  readonly subject: string
}

export type Delivery = {
  /** The same id again delivers nothing more, and is answered as the first time. */
  readonly deliveryId: string
  readonly recipients: readonly { readonly account: string; readonly mailbox: MailboxName }[]
  readonly receivedAtMs: number
  /** Complete header fields, each with its CRLF. They become the first octets of the stored message. */
  readonly traceFields: Uint8Array
  readonly description: Description
}

export type Delivered = { readonly account: string; readonly mailbox: MailboxName; readonly uid: number }

export type MessageFacts = Description & {
  readonly uid: number
  readonly modSeq: number
  readonly flags: readonly string[]
  /** Of the message as stored: trace fields and octets. */
  readonly octets: number
  readonly internalDateMs: number
}

export type MailboxFacts = {
  readonly name: MailboxName
  readonly uidValidity: number
  readonly uidNext: number
  readonly highestModSeq: number
  readonly messages: number
  readonly octets: number
}

export type MailStore = {
  /**
   * Takes all octets, then asks for the delivery, so that it can say what only the last octet showed. Mailboxes are
   * made when mail first arrives. Rejects only with what `octets` or `delivery` rejects with; nothing is kept then.
   */
  deliver(
    octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    delivery: () => Delivery | Promise<Delivery>,
  ): Promise<Result<readonly Delivered[], StoreError>>
  /** Names of accounts that have mailboxes and begin with `prefix`, in order. */
  accounts(prefix?: string): Promise<Result<readonly string[], StoreError>>
  /** In order of name; none for an account that never had mail. */
  mailboxes(account: string): Promise<Result<readonly MailboxFacts[], StoreError>>
  /** Newest first, those with a uid below `beforeUid`. */
  list(
    account: string,
    mailbox: MailboxName,
    range: { readonly limit: number; readonly beforeUid?: number },
  ): Promise<Result<readonly MessageFacts[], StoreError>>
  /** The message as stored: trace fields, then the octets as they arrived. The stream throws `MessageReadError`. */
  read(
    account: string,
    mailbox: MailboxName,
    uid: number,
  ): Promise<Result<{ readonly facts: MessageFacts; readonly octets: AsyncIterable<Uint8Array> }, StoreError>>
  /** Whether there was such a message. Its uid is never given again. */
  delete(account: string, mailbox: MailboxName, uid: number): Promise<Result<boolean, StoreError>>
  /** How many messages went. Mailboxes made later under the same names have a greater uidValidity. */
  removeAccount(account: string): Promise<Result<number, StoreError>>
  /** Over all accounts. */
  size(): { readonly messages: number; readonly octets: number }
  /** After what is under way. */
  close(): Promise<void>
}
