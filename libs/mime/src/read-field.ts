// One field by its kind. What its grammar cannot read is kept as unstructured text: reading never fails.
// RFC 5322 §3.6 (fields), §2.2.1 (unstructured); RFC 2045 §3 (MIME fields)

import { parseContentDisposition } from './content-disposition.ts'
import { parseContentLanguage } from './content-language.ts'
import { parseContentType } from './content-type.ts'
import { decodeUnstructured } from './encoded-word.ts'
import { type EntityDate, type EntityField, fieldKindOf } from './entity.ts'
import type { Field } from './field.ts'
import { parseKeywords } from './keywords.ts'
import { parseListCommand, parseListId } from './list-fields.ts'
import { parseAuthenticationResults } from './parse-authentication-results.ts'
import { type ParsedDate, parseDate } from './parse-date.ts'
import { parseMessageIds } from './parse-message-ids.ts'
import { parseReceived } from './parse-received.ts'
import { readAddressList } from './read-address-list.ts'
import { parseReturnPath } from './return-path.ts'
import { parseMimeVersion, parseTransferEncoding } from './transfer-encoding.ts'

export function readField(field: Field): EntityField {
  const { name } = field
  const value = field.text
  return readTyped(name, value) ?? { name, kind: 'unstructured', text: decodeUnstructured(value) }
}

function readTyped(name: string, value: string): EntityField | undefined {
  const kind = fieldKindOf(name)
  switch (kind) {
    case 'addresses':
      return { name, kind, addresses: readAddressList(value).addresses }
    case 'path': {
      const path = parseReturnPath(value)
      return path.ok ? { name, kind, mailbox: path.value } : undefined
    }
    case 'phrases':
      return { name, kind, phrases: parseKeywords(value) }
    case 'languages': {
      const languages = parseContentLanguage(value)
      return languages.ok ? { name, kind, tags: languages.value } : undefined
    }
    case 'date': {
      const date = parseDate(value)
      return date.ok ? { name, kind, date: readDate(date.value) } : undefined
    }
    case 'message-ids':
      return { name, kind, ids: parseMessageIds(value).ids }
    case 'received': {
      const { defects: _, date, ...received } = parseReceived(value)
      return { name, kind, received: { ...received, date: date === undefined ? undefined : readDate(date) } }
    }
    case 'authentication-results': {
      const results = parseAuthenticationResults(value)
      return results.ok ? { name, kind, results: results.value } : undefined
    }
    case 'list-command': {
      const command = parseListCommand(value)
      return command.ok ? { name, kind, command: command.value } : undefined
    }
    case 'list-id': {
      const listId = parseListId(value)
      return listId.ok ? { name, kind, listId: listId.value } : undefined
    }
    case 'mime-version': {
      const version = parseMimeVersion(value)
      return version.ok ? { name, kind, version: version.value } : undefined
    }
    case 'content-type': {
      const parsed = parseContentType(value)
      if (!parsed.ok) return undefined
      const { type, subtype, parameters } = parsed.value
      return { name, kind, contentType: { type, subtype, parameters } }
    }
    case 'content-disposition': {
      const parsed = parseContentDisposition(value)
      if (!parsed.ok) return undefined
      const { disposition, parameters } = parsed.value
      return { name, kind, disposition: { disposition, parameters } }
    }
    case 'content-transfer-encoding': {
      const encoding = parseTransferEncoding(value)
      return encoding.ok ? { name, kind, token: encoding.value.token } : undefined
    }
    case 'unstructured':
      return undefined
  }
}

const readDate = ({ epochMilliseconds, offsetMinutes, zoneUnknown }: ParsedDate): EntityDate => ({
  epochMilliseconds,
  offsetMinutes,
  zoneUnknown,
})
