export type { ClientError, ReplySyntaxError } from './client-error.ts'
export type { ClientContext, ClientExtension, Exchange, ExchangeStep, Offers } from './client-extension.ts'
export type { ClientTlsFacts, ServerFacts } from './client-facts.ts'
export { ContentReader } from './content.ts'
export type { ContentFault, ContentLimits, ContentReading } from './content.ts'
export { ContentAborted, ContentRefused } from './content-error.ts'
export type { Envelope } from './envelope.ts'
export type { ClientMechanism, Credentials } from './extensions/auth-client.ts'
export type { Mechanisms, ServerMechanism } from './extensions/auth-server.ts'
export type { ClientFacts, Hello, SessionFacts, TlsFacts } from './facts.ts'
export { DEFAULT_CLIENT_LIMITS, DEFAULT_LIMITS } from './limits.ts'
export type { ClientLimits, Limits } from './limits.ts'
export {
  formatPath,
  mailboxPath,
  NULL_PATH,
  parseForwardPath,
  parseReversePath,
  pathNeedsUtf8,
  POSTMASTER,
} from './path.ts'
export type { ForwardPath, MailboxPath, NullPath, PathError, PostmasterPath, ReversePath } from './path.ts'
export { accept, refuse } from './policy.ts'
export type { Recipient, ServerPolicy, Transaction, Verdict } from './policy.ts'
export { encodeReply, formatReplyText, reply, replyLines, severity } from './reply.ts'
export type { EnhancedCode, Reply, ReplyLine, Severity } from './reply.ts'
export { parameterEntry } from './server-extension.ts'
export type {
  Parameter,
  ParameterContext,
  ParameterEntry,
  ParameterValues,
  ServerExtension,
} from './server-extension.ts'
export { answer, answerAndClose, ask } from './server-state.ts'
export type {
  Action,
  Answer,
  CommandState,
  Context,
  ExtensionRow,
  ExtensionState,
  FreshState,
  MailState,
  ReadyState,
  RecipientsState,
  State,
  Step,
} from './server-state.ts'
export { Slots } from './slots.ts'
export type { Slot } from './slots.ts'
