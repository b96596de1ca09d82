// The table of the server: every state that takes commands, every command of RFC 5321. A pair that is missing is a 503,
// and the state stays. DATA is in one row only, that of a transaction with an accepted recipient.
// RFC 5321 §4.1.1 (commands), §4.1.4 (order), §4.3.2 (replies)

import type { MailboxOptions } from '@scop/identifiers'
import {
  type CoreArguments,
  type CoreVerb,
  CORE_PARSERS,
  type CommandLine,
  isCoreVerb,
  type PathArgument,
} from './command.ts'
import type { SessionFacts } from './facts.ts'
import { parseForwardPath, parseReversePath } from './path.ts'
import type { Recipient, Transaction } from './policy.ts'
import { beginReception } from './receive-message.ts'
import { type Reply, reply } from './reply.ts'
import {
  commandErrorReply,
  NO_RECIPIENTS,
  OUT_OF_ORDER,
  recipientErrorReply,
  senderErrorReply,
  TOO_MANY_RECIPIENTS,
  UNKNOWN_COMMAND,
  unknownParameter,
} from './reply-codes.ts'
import type { ParameterEntry, ParameterValues, ServerExtension } from './server-extension.ts'
import {
  answer,
  answerAndClose,
  ask,
  type CommandState,
  type Context,
  type ExtensionRow,
  type ExtensionState,
  type FreshState,
  type MailState,
  type ReadyState,
  type RecipientsState,
  settle,
  type Step,
} from './server-state.ts'
import { Slots } from './slots.ts'

export type Cell<S extends CommandState, V extends CoreVerb> = (
  state: S,
  argument: CoreArguments[V],
  context: ServerContext,
) => Step
export type Row<S extends CommandState> = { readonly [V in CoreVerb]?: Cell<S, V> }
export type Table = {
  readonly fresh: Row<FreshState>
  readonly ready: Row<ReadyState>
  readonly mail: Row<MailState>
  readonly recipients: Row<RecipientsState>
  readonly extension: Row<ExtensionState>
}

export type ServerContext = Context & { readonly extensions: readonly ServerExtension[] }

const anywhere: Row<CommandState> = {
  NOOP: (state) => answer(state, DONE),
  QUIT: (state, _, { hostname }) => answerAndClose(state, reply(221, '2.0.0', `${hostname} closing`)),
  HELP: (state) => answer(state, HELP),
  VRFY: (state) => answer(state, CANNOT_VERIFY),
  EXPN: (state) => answer(state, NOT_IMPLEMENTED),
}
const greeting: Row<CommandState> = {
  HELO: (state, name, context) => hello(state, { extended: false, name }, context),
  EHLO: (state, name, context) => hello(state, { extended: true, name }, context),
}
const reset = ({ facts }: CommandState): Step => answer({ name: 'ready', facts }, DONE)

export const TRANSITIONS: Table = {
  fresh: { ...anywhere, ...greeting, RSET: (state) => answer(state, DONE) },
  ready: { ...anywhere, ...greeting, RSET: reset, MAIL: mail },
  mail: { ...anywhere, ...greeting, RSET: reset, RCPT: recipient, DATA: (state) => answer(state, NO_RECIPIENTS) },
  recipients: { ...anywhere, ...greeting, RSET: reset, RCPT: recipient, DATA: data },
  // A message that was begun is aborted by the session when its state is left for another.
  extension: { ...anywhere, ...greeting, RSET: reset },
}

/** What the server does next. */
export function step(state: CommandState, { verb, argument }: CommandLine, context: ServerContext): Step {
  if (isCoreVerb(verb)) {
    const found = coreCell(state, verb, argument, context)
    if (found !== undefined) return found
    return answer(state, OUT_OF_ORDER)
  }
  const cell = extensionCell(state, verb, argument, context)
  if (cell !== undefined) return cell
  const known = context.extensions.some(({ rows }) => rows !== undefined && ROWS.some((row) => rows[row]?.[verb]))
  return answer(state, known ? OUT_OF_ORDER : UNKNOWN_COMMAND)
}

function coreCell(state: CommandState, verb: CoreVerb, argument: string, context: ServerContext): Step | undefined {
  switch (state.name) {
    case 'fresh':
      return runCore(TRANSITIONS.fresh, state, verb, argument, context)
    case 'ready':
      return runCore(TRANSITIONS.ready, state, verb, argument, context)
    case 'mail':
      return runCore(TRANSITIONS.mail, state, verb, argument, context)
    case 'recipients':
      return runCore(TRANSITIONS.recipients, state, verb, argument, context)
    case 'extension':
      return runCore(TRANSITIONS.extension, state, verb, argument, context)
  }
}

function runCore<S extends CommandState, V extends CoreVerb>(
  row: Row<S>,
  state: S,
  verb: V,
  argument: string,
  context: ServerContext,
): Step | undefined {
  const cell: Cell<S, V> | undefined = row[verb]
  if (cell === undefined) return undefined
  const parsed = CORE_PARSERS[verb](argument)
  return parsed.ok ? cell(state, parsed.value, context) : answer(state, commandErrorReply(parsed.error))
}

function extensionCell(state: CommandState, verb: string, argument: string, context: ServerContext): Step | undefined {
  switch (state.name) {
    case 'fresh':
      return runRow(
        context.extensions.map(({ rows }) => rows?.fresh),
        state,
        verb,
        argument,
        context,
      )
    case 'ready':
      return runRow(
        context.extensions.map(({ rows }) => rows?.ready),
        state,
        verb,
        argument,
        context,
      )
    case 'mail':
      return runRow(
        context.extensions.map(({ rows }) => rows?.mail),
        state,
        verb,
        argument,
        context,
      )
    case 'recipients':
      return runRow(
        context.extensions.map(({ rows }) => rows?.recipients),
        state,
        verb,
        argument,
        context,
      )
    case 'extension':
      return runRow([state.row], state, verb, argument, context)
  }
}

function runRow<S extends CommandState>(
  rows: readonly (ExtensionRow<S> | undefined)[],
  state: S,
  verb: string,
  argument: string,
  context: ServerContext,
): Step | undefined {
  for (const row of rows) {
    if (row !== undefined && Object.hasOwn(row, verb)) return row[verb]?.(state, argument, context)
  }
  return undefined
}

// RFC 5321 §4.1.1.1; a second EHLO also resets (§4.1.4)
function hello(state: CommandState, given: NonNullable<SessionFacts['hello']>, context: ServerContext): Step {
  const facts: SessionFacts = { ...state.facts, hello: given }
  const ready: ReadyState = { name: 'ready', facts }
  const welcome = reply(250, undefined, `${context.hostname} greets ${given.name}`)
  const offers = given.extended ? context.extensions.flatMap((one) => one.offer?.(facts, context.limits) ?? []) : []
  const response: Reply = { ...welcome, lines: [...welcome.lines, ...reply(250, undefined, ...offers).lines] }
  const answered = offers.length === 0 ? welcome : response
  return ask(
    state,
    async (policy) => policy.hello?.(given, facts),
    (verdict) => (verdict === undefined ? answer(ready, answered) : settle(verdict, ready, answered, state)),
  )
}

// RFC 5321 §4.1.1.2
function mail(state: ReadyState, argument: PathArgument, context: ServerContext): Step {
  const values = readParameters(
    argument,
    context.extensions.flatMap((one) => one.mailParameters ?? []),
    state,
    {},
    context,
  )
  if (!values.ok) return answer(state, values.error)
  const { slots, mailboxOptions } = values.value
  const sender = parseReversePath(argument.path, mailboxOptions)
  if (!sender.ok) return answer(state, senderErrorReply(sender.error))
  const transaction: Transaction = { sender: sender.value, parameters: slots, recipients: [] }
  for (const extension of context.extensions) {
    const refusal = extension.checkMail?.(transaction, { facts: state.facts, limits: context.limits })
    if (refusal !== undefined) return answer(state, refusal)
  }
  const { facts } = state
  const accepted: MailState = { name: 'mail', facts, transaction, mailboxOptions }
  return ask(
    state,
    (policy) => policy.mail(transaction, facts),
    (verdict) => settle(verdict, accepted, SENDER_OK, state),
  )
}

// RFC 5321 §4.1.1.3
function recipient(state: MailState | RecipientsState, argument: PathArgument, context: ServerContext): Step {
  const { facts, transaction, mailboxOptions } = state
  if (transaction.recipients.length >= context.limits.recipients) return answer(state, TOO_MANY_RECIPIENTS)
  const values = readParameters(
    argument,
    context.extensions.flatMap((one) => one.recipientParameters ?? []),
    state,
    mailboxOptions,
    context,
  )
  if (!values.ok) return answer(state, values.error)
  const path = parseForwardPath(argument.path, mailboxOptions)
  if (!path.ok) return answer(state, recipientErrorReply(path.error))
  const added: Recipient = { path: path.value, parameters: values.value.slots }
  const [first = added, ...rest] = transaction.recipients
  const recipients: RecipientsState['transaction']['recipients'] =
    transaction.recipients.length === 0 ? [added] : [first, ...rest, added]
  const accepted: RecipientsState = {
    name: 'recipients',
    facts,
    transaction: { ...transaction, recipients },
    mailboxOptions,
  }
  return ask(
    state,
    (policy) => policy.recipient(added, transaction, facts),
    (verdict) => settle(verdict, accepted, RECIPIENT_OK, state),
  )
}

// RFC 5321 §4.1.1.4
function data(state: RecipientsState, _: undefined, context: ServerContext): Step {
  const { begin, reader, end } = beginReception(state, context, 'dot')
  return {
    state: { name: 'content', facts: state.facts, reader, count: undefined, receiving: true, ended: end },
    actions: [begin, { kind: 'reply', reply: GO_ON }],
  }
}

function readParameters(
  { parameters }: PathArgument,
  entries: readonly ParameterEntry[],
  { facts }: CommandState,
  mailboxOptions: MailboxOptions,
  { limits }: Context,
): { readonly ok: true; readonly value: ParameterValues } | { readonly ok: false; readonly error: Reply } {
  let values: ParameterValues = { slots: Slots.none, mailboxOptions }
  for (const { name, value } of parameters) {
    const entry = facts.hello?.extended === true ? entries.find((one) => one.name === name) : undefined
    if (entry === undefined) return { ok: false, error: unknownParameter(name) }
    const read = entry.read(value, { facts, limits }, values)
    if (!read.ok) return read
    values = read.value
  }
  return { ok: true, value: values }
}

const ROWS = ['fresh', 'ready', 'mail', 'recipients'] as const
const DONE = reply(250, '2.0.0', 'OK')
const SENDER_OK = reply(250, '2.1.0', 'Sender OK')
const RECIPIENT_OK = reply(250, '2.1.5', 'Recipient OK')
const GO_ON = reply(354, undefined, 'End with a dot on a line of its own')
const HELP = reply(214, '2.0.0', 'RFC 5321')
const CANNOT_VERIFY = reply(252, '2.5.0', 'Cannot verify, send mail and see')
const NOT_IMPLEMENTED = reply(502, '5.5.1', 'Not implemented')
