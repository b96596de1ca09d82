// The states of a server session, the actions it asks for, and the few ways to make a step from one to the next.
// RFC 5321 §4.1.4 (order of commands)

import type { MailboxOptions } from '@scop/identifiers'
import type { ContentReader } from './content.ts'
import type { ClientFacts, SessionFacts, TlsFacts } from './facts.ts'
import type { Limits } from './limits.ts'
import type { Recipient, ServerPolicy, Transaction, Verdict } from './policy.ts'
import { type Reply, reply } from './reply.ts'

/** Greeted; no HELO yet, or forgotten. */
export type FreshState = { readonly name: 'fresh'; readonly facts: SessionFacts }
/** HELO or EHLO given; no transaction. */
export type ReadyState = { readonly name: 'ready'; readonly facts: SessionFacts }
/** MAIL accepted, no RCPT yet. */
export type MailState = {
  readonly name: 'mail'
  readonly facts: SessionFacts
  readonly transaction: Transaction
  readonly mailboxOptions: MailboxOptions
}
/** At least one RCPT accepted: the only state from which a message can be received. */
export type RecipientsState = {
  readonly name: 'recipients'
  readonly facts: SessionFacts
  readonly transaction: Transaction & { readonly recipients: readonly [Recipient, ...Recipient[]] }
  readonly mailboxOptions: MailboxOptions
}
/** An extension's own: it brings its row along; what is not in it is a 503. */
export type ExtensionState = {
  readonly name: 'extension'
  readonly facts: SessionFacts
  readonly row: ExtensionRow<ExtensionState>
  /** Whether a message is being received in pieces; a RSET or a lost connection aborts it. */
  readonly receiving: boolean
}
export type CommandState = FreshState | ReadyState | MailState | RecipientsState | ExtensionState

/** Lines go to an extension, not to the table. */
export type DialogueState = {
  readonly name: 'dialogue'
  readonly facts: SessionFacts
  readonly lineOctets: number
  /** The line without its CRLF. */
  readonly line: (octets: Uint8Array) => Step
}
/** Octets are content. */
export type ContentState = {
  readonly name: 'content'
  readonly facts: SessionFacts
  readonly reader: ContentReader
  /** Octets still to come; `undefined`: until the dot. */
  readonly count: number | undefined
  /** Whether the octets go to the message being received, or are thrown away. */
  readonly receiving: boolean
  /** What follows when the dot or the count is reached. */
  readonly ended: () => Step
}
/** Waiting for an answer; no octet is read. */
export type AskingState = { readonly name: 'asking'; readonly facts: SessionFacts }
/** Waiting for a TLS handshake. */
export type SecuringState = {
  readonly name: 'securing'
  readonly facts: SessionFacts
  readonly secured: (tls: TlsFacts) => Step
}
export type ClosedState = { readonly name: 'closed'; readonly facts: SessionFacts }

export type State = CommandState | DialogueState | ContentState | AskingState | SecuringState | ClosedState

/** A command of an extension, by verb, upper case. `argument`: what follows the verb and one space; `''` if nothing does. */
export type ExtensionRow<S extends State> = Readonly<
  Record<string, (state: S, argument: string, context: Context) => Step>
>

export type Context = {
  /** Our name. */
  readonly hostname: string
  readonly limits: Limits
}

export type Action =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Run it, and hand what it answers to `answer`. It never rejects. */
  | { readonly kind: 'ask'; readonly ask: (policy: ServerPolicy) => Promise<Answer> }
  /** A message begins: octets follow, then `end-message` or `abort-message`. */
  | { readonly kind: 'begin-message'; readonly transaction: Transaction; readonly facts: SessionFacts }
  | { readonly kind: 'message-octets'; readonly octets: Uint8Array }
  /** The message is whole: hand the verdict on it to `answer`. */
  | { readonly kind: 'end-message'; readonly answered: (verdict: Verdict) => Step }
  | { readonly kind: 'abort-message'; readonly error: Error }
  /** Drop what has arrived in clear, then hand the connection's facts to `secured`. */
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'close' }

/** The step that an answer leads to; `error`: why there was none (for the log). */
export type Answer = { readonly step: () => Step; readonly error?: unknown }

export type Step = { readonly state: State; readonly actions: readonly Action[] }

/** Replies, and is in `state`. */
export function answer(state: State, reply: Reply): Step {
  return { state, actions: [{ kind: 'reply', reply }] }
}

/** Replies and closes. */
export function answerAndClose({ facts }: State, reply: Reply): Step {
  return { state: { name: 'closed', facts }, actions: [{ kind: 'reply', reply }, { kind: 'close' }] }
}

/** Asks the policy (or the world) and goes on with `resume`. If asking fails: 451, and `state`. */
export function ask<T>(state: State, question: (policy: ServerPolicy) => Promise<T>, resume: (value: T) => Step): Step {
  const run = async (policy: ServerPolicy): Promise<Answer> => {
    try {
      const value = await question(policy)
      return { step: () => resume(value) }
    } catch (error) {
      return { step: () => answer(state, LOCAL_ERROR), error }
    }
  }
  return { state: { name: 'asking', facts: state.facts }, actions: [{ kind: 'ask', ask: run }] }
}

/** `accepted` with the policy's reply or `otherwise`; or `refused` with the policy's. */
export function settle(verdict: Verdict, accepted: State, otherwise: Reply, refused: State): Step {
  if (verdict.kind === 'accept') return answer(accepted, verdict.reply ?? otherwise)
  return verdict.close ? answerAndClose(refused, verdict.reply) : answer(refused, verdict.reply)
}

/** Nothing is known of the client but where it is. */
export function unknownClient(
  client: ClientFacts,
  tls: TlsFacts | undefined,
  memory: SessionFacts['memory'],
): SessionFacts {
  return { client, hello: undefined, tls, identity: undefined, memory }
}

export const LOCAL_ERROR: Reply = reply(451, '4.3.0', 'Local error, try again later')
