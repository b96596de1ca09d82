// The value of a field of the model as text, not yet folded: for `formatField`. What the grammar has no words for is refused.
// Whether it reads back as the same value is for `formatEntity` to see. RFC 5322 §3.3, §3.6; RFC 2045 §4 to §7

import { err, ok, type Result } from '@scop/result'
import { type FormatContentDispositionError, formatContentDisposition } from './content-disposition.ts'
import { type ContentLanguageError, formatContentLanguage } from './content-language.ts'
import { type FormatContentTypeError, formatContentType } from './content-type.ts'
import { type FormatDateTimeError, formatDateTime } from './date.ts'
import { encodeUnstructured } from './encode-words.ts'
import type { EntityField } from './entity.ts'
import { type FormatAddressError, formatAddressList } from './format-address-list.ts'
import {
  type FormatAuthenticationResultsError,
  formatAuthenticationResultsValue,
} from './format-authentication-results-value.ts'
import { type FormatListFieldError, formatListCommand, formatListId } from './format-list-fields.ts'
import { type FormatReceivedError, formatReceivedValue } from './format-received-value.ts'
import { type FormatKeywordsError, formatKeywords } from './keywords.ts'
import { canWriteMessageId, formatMessageIds } from './parse-message-ids.ts'
import { type FormatReturnPathError, formatReturnPath } from './return-path.ts'
import { formatMimeVersion } from './transfer-encoding.ts'

export type FieldValueError =
  | FormatAddressError
  | FormatAuthenticationResultsError
  | FormatContentTypeError
  | FormatContentDispositionError
  | ContentLanguageError
  | FormatDateTimeError
  | FormatKeywordsError
  | FormatListFieldError
  | FormatReceivedError
  | FormatReturnPathError
  | { readonly kind: 'bad-message-id'; readonly id: string }

export function formatFieldValue(field: EntityField): Result<string, FieldValueError> {
  switch (field.kind) {
    case 'addresses':
      return formatAddressList(field.addresses)
    case 'date':
      return formatDateTime(field.date)
    case 'message-ids': {
      const bad = field.ids.find((id) => !canWriteMessageId(id))
      return bad === undefined ? ok(formatMessageIds(field.ids)) : err({ kind: 'bad-message-id', id: bad })
    }
    case 'mime-version':
      return ok(formatMimeVersion(field.version))
    case 'content-type':
      return formatContentType(field.contentType)
    case 'content-disposition':
      return formatContentDisposition(field.disposition)
    case 'content-transfer-encoding':
      return ok(field.token)
    case 'unstructured':
      return ok(encodeUnstructured(field.text, field.name.length + 2))
    case 'path':
      return formatReturnPath(field.mailbox)
    case 'phrases':
      return formatKeywords(field.phrases)
    case 'languages':
      return formatContentLanguage(field.tags)
    case 'received':
      return formatReceivedValue(field.received)
    case 'authentication-results':
      return formatAuthenticationResultsValue(field.results)
    case 'list-command':
      return formatListCommand(field.command)
    case 'list-id':
      return formatListId(field.listId)
  }
}
