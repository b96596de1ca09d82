// Mailbox names: UTF-8 without controls, INBOX in any case one name.
// RFC 9051 §5.1 (INBOX), RFC 5198 §2 (Net-Unicode: NFC)

import { err, ok, type Result } from '@scop/result'

declare const brand: unique symbol

/** NFC, no control characters, at most 255 octets of UTF-8; `INBOX` in capitals. Levels are parted by `/`. */
export type MailboxName = string & { readonly [brand]: 'MailboxName' }

export type MailboxNameError = { readonly kind: 'bad-mailbox-name'; readonly text: string }

export function parseMailboxName(text: string): Result<MailboxName, MailboxNameError> {
  const name = text.normalize('NFC')
  const wellFormed = name.isWellFormed() && !REFUSED.test(name) && UTF8.encode(name).length <= MAILBOX_NAME_OCTETS
  if (!wellFormed || name.split('/').includes('')) return err({ kind: 'bad-mailbox-name', text })
  return ok((name.toUpperCase() === INBOX ? INBOX : name) as MailboxName) // as: the parser makes the brand
}

/** Where mail arrives. */
export const INBOX: MailboxName = 'INBOX' as MailboxName // as: parseMailboxName accepts it
/** Where unwanted mail is kept apart. RFC 6154 §2 */
export const JUNK: MailboxName = 'Junk' as MailboxName // as: parseMailboxName accepts it
export const MAILBOX_NAME_OCTETS = 255

const UTF8 = new TextEncoder()
const REFUSED = /[\p{Cc}\u2028\u2029*%]/u // controls, line ends, and the two wildcards of LIST
