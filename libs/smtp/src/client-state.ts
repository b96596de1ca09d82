// The states of a client session, and what it asks of whoever drives it.
// RFC 5321 §3.2 to §3.3 (sessions, transactions), RFC 2920 §3.1 (groups)

import type { ClientError } from './client-error.ts'
import type { Exchange, ExchangeStep } from './client-extension.ts'
import type { ServerFacts } from './client-facts.ts'
import type { Reply } from './reply.ts'

export type Outcome = {
  readonly mail: Reply
  /** In the order of the envelope; empty where MAIL was refused. */
  readonly recipients: readonly Reply[]
  /** To the end of the message, or the refusal of DATA; `undefined` where nothing was left to send it for. */
  readonly data: Reply | undefined
}

/** What has been learned before the session is ready. */
export type Learned = Pick<ServerFacts, 'tls' | 'identity'> & { readonly greeting: Reply | undefined }

export type ClientStates = {
  readonly greeting: { readonly name: 'greeting'; readonly learned: Learned }
  readonly ehlo: { readonly name: 'ehlo'; readonly learned: Learned & { readonly greeting: Reply } }
  readonly helo: { readonly name: 'helo'; readonly learned: Learned & { readonly greeting: Reply } }
  /** An extension talks; `index` is its place. */
  readonly exchange: {
    readonly name: 'exchange'
    readonly facts: ServerFacts
    readonly index: number
    readonly exchange: Exchange
  }
  /** Nothing is under way: a reply now was not asked for. */
  readonly ready: { readonly name: 'ready'; readonly facts: ServerFacts }
  readonly envelope: {
    readonly name: 'envelope'
    readonly facts: ServerFacts
    /** MAIL, each RCPT, DATA: without CRLF. */
    readonly lines: readonly string[]
    readonly sent: number
    /** To the first of `lines`. */
    readonly replies: readonly Reply[]
  }
  /** The content is being written. A reply now is the server's last word. */
  readonly content: { readonly name: 'content'; readonly facts: ServerFacts; readonly replies: readonly Reply[] }
  /** The content and its end are written. */
  readonly result: {
    readonly name: 'result'
    readonly facts: ServerFacts
    readonly replies: readonly Reply[]
    /** Nobody was left to receive it, and DATA was on its way already. RFC 2920 §3.1 */
    readonly empty: boolean
  }
  /** RSET after a transaction that did not reach its end. */
  readonly cleaning: { readonly name: 'cleaning'; readonly facts: ServerFacts; readonly outcome: Outcome }
  readonly resetting: { readonly name: 'resetting'; readonly facts: ServerFacts }
  readonly quitting: { readonly name: 'quitting' }
}
export type TalkingState = ClientStates[keyof ClientStates]
export type ClientState =
  | TalkingState
  /** Waiting for what an extension works out. */
  | { readonly name: 'performing'; readonly facts: ServerFacts; readonly index: number }
  | { readonly name: 'securing'; readonly facts: ServerFacts }
  | { readonly name: 'closed' }

export type ClientAction =
  | { readonly kind: 'write'; readonly octets: Uint8Array }
  /** Run it and hand the answer to `performed`. */
  | { readonly kind: 'perform'; readonly run: () => Promise<ExchangeStep> }
  /** Shake hands, then `secured`. */
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'ready'; readonly facts: ServerFacts }
  /** Write the message, stuffed, and its end; then `contentSent`. Break off the connection if that fails. */
  | { readonly kind: 'send-content' }
  | { readonly kind: 'sent'; readonly outcome: Outcome }
  /** To RSET. */
  | { readonly kind: 'replied'; readonly reply: Reply }
  /** To any command, as it arrives: for logs. */
  | { readonly kind: 'observed'; readonly reply: Reply }
  /** The session is over; close. */
  | { readonly kind: 'failed'; readonly error: ClientError }
  /** QUIT was answered; close. */
  | { readonly kind: 'closed' }
  /** Nothing to do before octets arrive, or so many seconds pass. */
  | { readonly kind: 'read'; readonly seconds: number; readonly waitingFor: string }

export type ClientStep = { readonly state: ClientState; readonly actions: readonly ClientAction[] }
