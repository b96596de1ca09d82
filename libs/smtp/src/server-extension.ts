// What an extension of the server is: rows for the table, parameters, an EHLO keyword, a hand on replies. One value, one file.
// RFC 5321 §2.2 (service extensions), §4.1.1.1 (EHLO keywords), §4.1.2 (esmtp-param)

import type { MailboxOptions } from '@scop/identifiers'
import type { Result } from '@scop/result'
import type { SessionFacts } from './facts.ts'
import type { Limits } from './limits.ts'
import type { Transaction } from './policy.ts'
import type { Reply } from './reply.ts'
import type { ExtensionRow, FreshState, MailState, ReadyState, RecipientsState } from './server-state.ts'
import type { Slot, Slots } from './slots.ts'

/** What a parser of parameters may look at. */
export type ParameterContext = { readonly facts: SessionFacts; readonly limits: Limits }

/** A parameter of MAIL or RCPT: also the slot that its value is read back with. */
export type Parameter<T> = Slot<T> & {
  /** Upper case. */
  readonly name: string
  /** `undefined`: no `=value`. Answers the value, or the reply that refuses the command. */
  readonly parse: (value: string | undefined, context: ParameterContext) => Result<T, Reply>
  /** What the value changes in how addresses of this transaction are read. */
  readonly mailboxOptions?: (value: T) => MailboxOptions
}

export interface ServerExtension {
  readonly name: string
  /** The line of the EHLO reply: keyword and parameters. `undefined`: not offered now. Absent: never listed. */
  readonly offer?: (facts: SessionFacts, limits: Limits) => string | undefined
  readonly mailParameters?: readonly ParameterEntry[]
  readonly recipientParameters?: readonly ParameterEntry[]
  /** Looks at the whole transaction once MAIL is read; answers the reply that refuses it. */
  readonly checkMail?: (transaction: Transaction, context: ParameterContext) => Reply | undefined
  /** Octets added to the longest line of a command, by verb. */
  readonly lineOctets?: Readonly<Record<string, number>>
  /** Commands by state. A verb of the core keeps the core's row. */
  readonly rows?: {
    readonly fresh?: ExtensionRow<FreshState>
    readonly ready?: ExtensionRow<ReadyState>
    readonly mail?: ExtensionRow<MailState>
    readonly recipients?: ExtensionRow<RecipientsState>
  }
  /** The last hand on every reply but the greeting. */
  readonly decorateReply?: (reply: Reply, facts: SessionFacts) => Reply
  /** Whether replies may wait for others and leave together. RFC 2920 §3.2 */
  readonly groupsReplies?: boolean
}

/** A parameter with its type closed over. Made by `parameterEntry`. */
export type ParameterEntry = {
  readonly name: string
  readonly read: (
    value: string | undefined,
    context: ParameterContext,
    into: ParameterValues,
  ) => Result<ParameterValues, Reply>
}

export type ParameterValues = {
  readonly slots: Slots
  readonly mailboxOptions: MailboxOptions
}

export function parameterEntry<T>(parameter: Parameter<T>): ParameterEntry {
  return {
    name: parameter.name,
    read(text, context, into) {
      const value = parameter.parse(text, context)
      if (!value.ok) return value
      const options = parameter.mailboxOptions?.(value.value)
      return {
        ok: true,
        value: {
          slots: into.slots.with(parameter, value.value),
          mailboxOptions: options === undefined ? into.mailboxOptions : { ...into.mailboxOptions, ...options },
        },
      }
    },
  }
}
