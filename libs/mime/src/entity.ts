// What a message means: an entity is its fields, read by their grammar and in their order, and a body without its transfer
// encoding. Nothing of how it was written is in it: no folds, no quotes, no choice of encoding within a field.
// RFC 2045 §2.4 (entity), RFC 5322 §3.6 (fields), RFC 2046 §5.1 (multipart), §5.2.1 (message)

import type { ContentDisposition } from './content-disposition.ts'
import type { ContentType } from './content-type.ts'
import type { ListCommand, ListId } from './list-fields.ts'
import type { ParsedAuthenticationResults } from './parse-authentication-results.ts'
import type { ParsedDate } from './parse-date.ts'
import type { ParsedReceived } from './parse-received.ts'
import type { ReadAddress, ReadMailbox } from './read-address-list.ts'
import type { MimeVersion } from './transfer-encoding.ts'

/** A message, or a part of a multipart. */
export type Entity = { readonly fields: readonly EntityField[]; readonly body: EntityBody }

/** A leaf's octets are decoded. What follows `Content-Type: multipart/…` or `message/rfc822` is not a leaf where it can be read. */
export type EntityBody =
  | { readonly kind: 'leaf'; readonly octets: Uint8Array }
  | { readonly kind: 'message'; readonly message: Entity }
  | {
      readonly kind: 'multipart'
      /** Empty where there is none. */
      readonly preamble: Uint8Array
      readonly parts: readonly Entity[]
      readonly epilogue: Uint8Array
    }

export type EntityDate = Pick<ParsedDate, 'epochMilliseconds' | 'offsetMinutes' | 'zoneUnknown'>
export type EntityReceived = Omit<ParsedReceived, 'defects' | 'date'> & { readonly date: EntityDate | undefined }

/** `name` is as written, in its letter case; it decides the kind (`fieldKindOf`). */
export type EntityField = { readonly name: string } & (
  | { readonly kind: 'addresses'; readonly addresses: readonly ReadAddress[] }
  /** Return-Path; undefined is the null path `<>`. RFC 5321 §4.4 */
  | { readonly kind: 'path'; readonly mailbox: ReadMailbox | undefined }
  | { readonly kind: 'date'; readonly date: EntityDate }
  | { readonly kind: 'message-ids'; readonly ids: readonly string[] }
  /** Keywords: RFC 5322 §3.6.5 */
  | { readonly kind: 'phrases'; readonly phrases: readonly string[] }
  | { readonly kind: 'received'; readonly received: EntityReceived }
  | { readonly kind: 'authentication-results'; readonly results: ParsedAuthenticationResults }
  | { readonly kind: 'list-command'; readonly command: ListCommand }
  | { readonly kind: 'list-id'; readonly listId: ListId }
  | { readonly kind: 'mime-version'; readonly version: MimeVersion }
  | { readonly kind: 'content-type'; readonly contentType: ContentType }
  | { readonly kind: 'content-disposition'; readonly disposition: ContentDisposition }
  /** The token in lower case. */
  | { readonly kind: 'content-transfer-encoding'; readonly token: string }
  /** Content-Language: RFC 3282 §2 */
  | { readonly kind: 'languages'; readonly tags: readonly string[] }
  /** Every other field, and one of those above whose value its grammar cannot read: decoded, on one line, trimmed. */
  | { readonly kind: 'unstructured'; readonly text: string }
)

export type FieldKind = EntityField['kind']

/** How the value of a field is read, by its name in any letter case. */
export function fieldKindOf(name: string): FieldKind {
  return KINDS.get(name.toLowerCase()) ?? 'unstructured'
}

const KINDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ['from', 'addresses'],
  ['sender', 'addresses'],
  ['reply-to', 'addresses'],
  ['to', 'addresses'],
  ['cc', 'addresses'],
  ['bcc', 'addresses'],
  ['resent-from', 'addresses'],
  ['resent-sender', 'addresses'],
  ['resent-reply-to', 'addresses'],
  ['resent-to', 'addresses'],
  ['resent-cc', 'addresses'],
  ['resent-bcc', 'addresses'],
  ['disposition-notification-to', 'addresses'],
  ['return-path', 'path'],
  ['date', 'date'],
  ['resent-date', 'date'],
  ['message-id', 'message-ids'],
  ['resent-message-id', 'message-ids'],
  ['in-reply-to', 'message-ids'],
  ['references', 'message-ids'],
  ['content-id', 'message-ids'],
  ['keywords', 'phrases'],
  ['received', 'received'],
  ['authentication-results', 'authentication-results'],
  ['list-help', 'list-command'],
  ['list-unsubscribe', 'list-command'],
  ['list-subscribe', 'list-command'],
  ['list-post', 'list-command'],
  ['list-owner', 'list-command'],
  ['list-archive', 'list-command'],
  ['list-id', 'list-id'],
  ['mime-version', 'mime-version'],
  ['content-type', 'content-type'],
  ['content-disposition', 'content-disposition'],
  ['content-transfer-encoding', 'content-transfer-encoding'],
  ['content-language', 'languages'],
])
