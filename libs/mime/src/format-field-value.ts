// The value of a field of the model as text, not yet folded: for `formatField`. What the grammar has no words for is refused.
// Whether it reads back as the same value is for `formatEntity` to see. RFC 5322 §3.3, §3.6; RFC 2045 §4 to §7

import { err, ok, type Result } from '@scop/result'
import { type FormatContentDispositionError, formatContentDisposition } from './content-disposition.ts'
import { type FormatContentTypeError, formatContentType } from './content-type.ts'
import { formatDate } from './date.ts'
import { encodeUnstructured } from './encode-words.ts'
import type { EntityDate, EntityField } from './entity.ts'
import { type FormatAddressError, formatAddressList } from './format-address-list.ts'
import { canWriteMessageId, formatMessageIds } from './parse-message-ids.ts'
import { formatMimeVersion } from './transfer-encoding.ts'

export type FieldValueError =
  | FormatAddressError
  | FormatContentTypeError
  | FormatContentDispositionError
  /** No whole second of the years 1900 to 9999, or no zone of less than 100 hours. */
  | { readonly kind: 'bad-date' }
  | { readonly kind: 'bad-message-id'; readonly id: string }
  | { readonly kind: 'no-writer' }

export function formatFieldValue(field: EntityField): Result<string, FieldValueError> {
  switch (field.kind) {
    case 'addresses':
      return formatAddressList(field.addresses)
    case 'date':
      return formatEntityDate(field.date)
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
    case 'phrases':
    case 'languages':
    case 'received':
    case 'authentication-results':
    case 'list-command':
    case 'list-id':
      return err({ kind: 'no-writer' })
  }
}

function formatEntityDate(date: EntityDate): Result<string, FieldValueError> {
  const { epochMilliseconds, offsetMinutes, zoneUnknown } = date
  const year = new Date(epochMilliseconds + offsetMinutes * 60_000).getUTCFullYear()
  const writable =
    epochMilliseconds % 1000 === 0 &&
    Number.isInteger(offsetMinutes) &&
    Math.abs(offsetMinutes) < 100 * 60 &&
    year >= 1900 &&
    year <= 9999 &&
    (!zoneUnknown || offsetMinutes === 0)
  if (!writable) return err({ kind: 'bad-date' })
  const text = formatDate(epochMilliseconds, offsetMinutes)
  // RFC 5322 §3.3: "-0000" says nothing of the local time zone
  return ok(zoneUnknown ? `${text.slice(0, -'+0000'.length)}-0000` : text)
}
