// What the core asks of the service: every decision is taken here, never in the session.

import type { ClientFacts, Hello, SessionFacts } from './facts.ts'
import type { ForwardPath, ReversePath } from './path.ts'
import type { Reply } from './reply.ts'
import type { Slots } from './slots.ts'

/** Yes, with the core's reply or one's own; or no. A refusal with 421, or with `close`, ends the connection. */
export type Verdict =
  | { readonly kind: 'accept'; readonly reply: Reply | undefined }
  | { readonly kind: 'refuse'; readonly reply: Reply; readonly close: boolean }

export function accept(reply?: Reply): Verdict {
  if (reply !== undefined && reply.code >= 300) throw new Error(`Cannot accept with ${reply.code}`)
  return { kind: 'accept', reply }
}

export function refuse(reply: Reply, options: { readonly close?: boolean } = {}): Verdict {
  if (reply.code < 400) throw new Error(`Cannot refuse with ${reply.code}`)
  return { kind: 'refuse', reply, close: options.close ?? reply.code === 421 }
}

export type Recipient = {
  readonly path: ForwardPath
  /** Read with the parameters of the extensions: `recipient.parameters.read(NOTIFY)`. */
  readonly parameters: Slots
}

export type Transaction = {
  readonly sender: ReversePath
  /** Parameters of MAIL, read with those of the extensions: `transaction.parameters.read(SIZE_PARAMETER)`. */
  readonly parameters: Slots
  /** Accepted so far, in order. */
  readonly recipients: readonly Recipient[]
}

export interface ServerPolicy {
  /** Before the greeting; an accepting reply is the greeting (220). */
  greeting(client: ClientFacts, facts: SessionFacts): Promise<Verdict>
  hello?(hello: Hello, facts: SessionFacts): Promise<Verdict>
  /** `transaction` has no recipients yet. */
  mail(transaction: Transaction, facts: SessionFacts): Promise<Verdict>
  recipient(recipient: Recipient, transaction: Transaction, facts: SessionFacts): Promise<Verdict>
  /**
   * `octets`: dots removed, every line ended by CRLF; a chunk may be kept. The iteration throws a `ContentRefused` where
   * the message turns out to be malformed or too large, or a `ContentAborted` where the connection was lost; the core
   * then answers by itself. Accept only after the iteration has ended; refuse at any time, the rest is thrown away.
   */
  message(transaction: Transaction, octets: AsyncIterable<Uint8Array>, facts: SessionFacts): Promise<Verdict>
}
