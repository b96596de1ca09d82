// Why a client could not do its work. A reply to MAIL, RCPT or DATA is no error: it is in the outcome.

import type { ContentFault } from './content.ts'
import type { EnhancedCode, Reply } from './reply.ts'

export type ClientError =
  | { readonly kind: 'connect-failed'; readonly message: string }
  /** The limit of this name, of `ClientLimits`, ran out. */
  | { readonly kind: 'timeout'; readonly waitingFor: string }
  | { readonly kind: 'aborted' }
  /** The server closed, or the network broke. */
  | { readonly kind: 'connection-lost'; readonly message: string }
  | { readonly kind: 'bad-reply'; readonly reason: ReplySyntaxError }
  /** A reply that nothing had asked for. */
  | { readonly kind: 'unexpected-reply'; readonly reply: Reply }
  /** The greeting, EHLO or HELO. */
  | { readonly kind: 'refused'; readonly reply: Reply }
  | { readonly kind: 'tls-not-offered' }
  | { readonly kind: 'tls-refused'; readonly reply: Reply }
  /** Octets in clear behind the answer to STARTTLS: somebody in between speaks for the server. */
  | { readonly kind: 'tls-injection' }
  | { readonly kind: 'tls-failed'; readonly message: string }
  /** No mechanism that both sides have. */
  | { readonly kind: 'no-mechanism'; readonly offered: readonly string[] }
  | { readonly kind: 'authentication-refused'; readonly reply: Reply }
  /** The mechanism broke off: `reason` is its own. */
  | { readonly kind: 'authentication-failed'; readonly reason: unknown }
  /** The server lacks what the message needs; nothing was sent. */
  | { readonly kind: 'not-supported'; readonly extension: string; readonly enhanced: EnhancedCode }
  /** The message is no content for SMTP; the connection was broken before its end. */
  | { readonly kind: 'bad-content'; readonly fault: ContentFault }
  /** Reading the message failed; the connection was broken before its end. */
  | { readonly kind: 'source-failed'; readonly message: string }

export type ReplySyntaxError =
  | 'line-too-long'
  | 'too-many-lines'
  | 'bad-code'
  | 'code-changes'
  | 'bad-separator'
  | 'bare-lf'
