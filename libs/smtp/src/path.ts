// Paths: where a message comes from and goes to. Source routes are read and dropped.
// RFC 5321 §4.1.2 (grammar), §4.5.5 (null path), §4.1.1.3 (postmaster, source routes), Appendix C

import {
  formatMailbox,
  type Mailbox,
  type MailboxError,
  type MailboxOptions,
  needsUtf8,
  parseMailbox,
} from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'

export type NullPath = { readonly kind: 'null-path' }
/** `<Postmaster>` without a domain: whoever cares for this server. */
export type PostmasterPath = { readonly kind: 'postmaster' }
export type MailboxPath = { readonly kind: 'mailbox'; readonly mailbox: Mailbox }

export type ReversePath = MailboxPath | NullPath
export type ForwardPath = MailboxPath | PostmasterPath

export type PathError =
  | { readonly kind: 'no-angle-brackets' }
  | { readonly kind: 'bad-source-route' }
  | { readonly kind: 'path-too-long'; readonly octets: number }
  | MailboxError

export const NULL_PATH: NullPath = { kind: 'null-path' }
export const POSTMASTER: PostmasterPath = { kind: 'postmaster' }

export function mailboxPath(mailbox: Mailbox): MailboxPath {
  return { kind: 'mailbox', mailbox }
}

// Reverse-path = Path / "<>"      RFC 5321 §4.1.2
export function parseReversePath(text: string, options: MailboxOptions = {}): Result<ReversePath, PathError> {
  return text === '<>' ? ok(NULL_PATH) : parsePath(text, options)
}

// Forward-path = Path; "<Postmaster>" without regard to case      RFC 5321 §4.1.1.3
export function parseForwardPath(text: string, options: MailboxOptions = {}): Result<ForwardPath, PathError> {
  return text.length === 12 && text.toLowerCase() === '<postmaster>' ? ok(POSTMASTER) : parsePath(text, options)
}

/** With angle brackets; reads back to the same path. */
export function formatPath(path: ReversePath | ForwardPath): string {
  if (path.kind === 'null-path') return '<>'
  return path.kind === 'postmaster' ? '<Postmaster>' : `<${formatMailbox(path.mailbox)}>`
}

/** Whether SMTPUTF8 is needed to carry this path. RFC 6531 §3.2 */
export function pathNeedsUtf8(path: ReversePath | ForwardPath): boolean {
  return path.kind === 'mailbox' && needsUtf8(path.mailbox)
}

// Path = "<" [ A-d-l ":" ] Mailbox ">"      RFC 5321 §4.1.2
function parsePath(text: string, options: MailboxOptions): Result<MailboxPath, PathError> {
  if (text.length > MAX_ROUTED_PATH) return err({ kind: 'path-too-long', octets: text.length })
  if (text.length < 3 || !text.startsWith('<') || !text.endsWith('>')) return err({ kind: 'no-angle-brackets' })
  let inner = text.slice(1, -1)
  if (inner.startsWith('@')) {
    const colon = inner.indexOf(':')
    if (colon < 0 || !SOURCE_ROUTE.test(inner.slice(0, colon))) return err({ kind: 'bad-source-route' })
    inner = inner.slice(colon + 1)
  }
  if (inner.length + 2 > MAX_PATH) return err({ kind: 'path-too-long', octets: inner.length + 2 })
  const mailbox = parseMailbox(inner, options)
  return mailbox.ok ? ok({ kind: 'mailbox', mailbox: mailbox.value }) : mailbox
}

const MAX_PATH = 256 // octets with the brackets, RFC 5321 §4.5.3.1.3
const MAX_ROUTED_PATH = 1_024
// A-d-l = At-domain *( "," At-domain )      read loosely: it is dropped, never used
const SOURCE_ROUTE = /^@[A-Za-z0-9.-]+(?:,@[A-Za-z0-9.-]+)*$/
