export type { ClientError, ReplySyntaxError } from './client-error.ts'
export type { Beginning, ClientContext, ClientExtension, Exchange, ExchangeStep } from './client-extension.ts'
export type { ClientTlsFacts, Offers, ServerFacts } from './client-facts.ts'
export { ClientSession } from './client-session.ts'
export type { ClientAction, ClientSessionOptions, Outcome } from './client-session.ts'
export { DotStuffer } from './dot-stuffer.ts'
export { ContentReader } from './content.ts'
export type { ContentFault, ContentLimits, ContentReading } from './content.ts'
export { parseCommandLine, parsePathArgument, formatCommandLine, formatPathArgument } from './command.ts'
export type { CommandError, CommandLine, PathArgument, RawParameter } from './command.ts'
export { ContentAborted, ContentRefused } from './content-error.ts'
export type { Envelope } from './envelope.ts'
export { authClient } from './extensions/auth-client.ts'
export type { ClientMechanism, Credentials } from './extensions/auth-client.ts'
export { auth, AUTH_PARAMETER } from './extensions/auth-server.ts'
export type { Mechanisms, MechanismStep, ServerMechanism } from './extensions/auth-server.ts'
export { CHUNKING } from './extensions/chunking.ts'
export { BODY_PARAMETER, EIGHT_BIT_MIME, EIGHT_BIT_MIME_CLIENT } from './extensions/eight-bit-mime.ts'
export { ENHANCED_STATUS_CODES } from './extensions/enhanced-status-codes.ts'
export { PIPELINING, PIPELINING_CLIENT } from './extensions/pipelining.ts'
export { SIZE, SIZE_CLIENT, SIZE_PARAMETER } from './extensions/size.ts'
export { SMTP_UTF8, SMTP_UTF8_CLIENT, SMTP_UTF8_PARAMETER } from './extensions/smtp-utf8.ts'
export { STARTTLS, startTlsClient } from './extensions/starttls.ts'
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
export { beginReception } from './receive-message.ts'
export type { Reception } from './receive-message.ts'
export { ReplyReader } from './reply-reader.ts'
export type { ReplyLimits } from './reply-reader.ts'
export { challengeReply, encodeReply, formatReplyText, reply, replyLines, severity } from './reply.ts'
export type { EnhancedCode, Reply, ReplyLine, Severity } from './reply.ts'
export { parameterEntry } from './server-extension.ts'
export type {
  Parameter,
  ParameterContext,
  ParameterEntry,
  ParameterValues,
  ServerExtension,
} from './server-extension.ts'
export { ServerSession } from './server-session.ts'
export type { ServerSessionOptions, SessionAction } from './server-session.ts'
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
