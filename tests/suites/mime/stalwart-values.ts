// Header fields in the form in which mail-parser (Rust) writes them as JSON, made from what our library reads.
// The rules of that form that are not about meaning are functions here, each with what it levels.

import {
  decodeComment,
  decodeUnstructured,
  type Field,
  type Parameter,
  type ParsedDate,
  parseContentDisposition,
  parseContentType,
  parseDate,
  parseListCommand,
  parseListId,
  parseMessageIds,
  parseReceived,
  type ReadMailbox,
  readAddressList,
  type ReceivedHost,
  unfold,
} from '@scop/mime'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import type { Json } from './compare.ts'

/** How the form writes the value of a field. */
export type ValueKind =
  | 'address'
  | 'list-command'
  | 'list-id'
  | 'id'
  | 'date'
  | 'content-type'
  | 'disposition'
  | 'received'
  | 'text'
  | 'list'
  | 'raw'

/** The name as the form has it: in snake case where it knows the field, else as written. */
export function fieldName(name: string): Json {
  const lower = name.toLowerCase()
  return KINDS.has(lower) ? lower.replaceAll('-', '_') : { other: name }
}

export function fieldJson(field: Field): Json {
  const kind = KINDS.get(field.name.toLowerCase()) ?? 'raw'
  const value = field.value
  if (kind === 'raw') return wrap('Text', rawText(value))
  return valueJson(kind, kind === 'text' ? foldedText(value) : unfold(value))
}

/** The value of a field of that kind, with its tag. */
export function valueJson(kind: Exclude<ValueKind, 'raw'>, value: string): Json {
  switch (kind) {
    case 'address':
      return wrap('Address', addressJson(value))
    case 'list-command':
      return wrap('Address', listCommandJson(value))
    case 'list-id':
      return wrap('Address', listIdJson(value))
    case 'id':
      return textOrList(idsJson(value))
    case 'list':
      return textOrList(itemsJson(value))
    case 'date':
      return wrap('DateTime', dateJson(value))
    case 'content-type':
      return wrap('ContentType', contentTypeJson(value))
    case 'disposition':
      return wrap('ContentType', dispositionJson(value))
    case 'received':
      return wrap('Received', receivedJson(value))
    case 'text':
      return wrap('Text', unstructuredJson(value))
  }
}

/** Rule `comments-in-name`: a comment goes into the name of the address, in parentheses where there is a name beside it. */
export function addressJson(value: string): Json {
  const addresses = readAddressList(value).addresses
  if (addresses.length === 0) return commentJson(value)
  if (addresses.every((address) => address.kind === 'mailbox')) return { List: addresses.map(mailboxJson) }
  // Rule `groups-all-through`: where one address is a group, those between groups are in groups without names.
  const groups: { name: string | null; addresses: Json[] }[] = []
  let loose: Json[] | undefined
  for (const address of addresses) {
    if (address.kind === 'group') {
      const name = withComments(address.displayName, address.comments)
      groups.push({ name, addresses: address.members.map(mailboxJson) })
      loose = undefined
    } else {
      if (loose === undefined) groups.push({ name: null, addresses: (loose = []) })
      loose.push(mailboxJson(address))
    }
  }
  return { Group: groups }
}

/** Rule `comment-is-a-name`: a comment alone is an address with a name there, and RFC 5322 §3.4 has none. */
function commentJson(value: string): Json {
  const comment = value.trim()
  return comment.startsWith('(') ? { List: [{ name: decodeComment(comment), address: null }] } : null
}

function mailboxJson({ displayName, localPart, domain, comments }: ReadMailbox): Json {
  const name = withComments(displayName, comments)
  if (domain !== '') return { name, address: `${localPart}@${domain}` }
  return { name: name ?? localPart, address: name === null || localPart === '' ? null : localPart }
}

function withComments(name: string | undefined, comments: readonly string[]): string | null {
  const said = comments.filter((comment) => comment !== '').join(' ')
  if (name === undefined || name === '') return said === '' ? null : said
  return said === '' ? name : `${name} (${said})`
}

/** Rule `list-fields-are-addresses`: the form puts a URL where an address is, and its comment where the name is. */
export function listCommandJson(value: string): Json {
  const command = parseListCommand(value)
  if (!command.ok) return null
  const { urls, comments, no } = command.value
  const addresses = no ? ['NO', ...urls] : urls
  const [first] = comments
  return {
    List: addresses.map((address, place) => ({ name: place === 0 && first !== undefined ? first : null, address })),
  }
}

function listIdJson(value: string): Json {
  const listId = parseListId(value)
  return listId.ok ? { List: [{ name: listId.value.description ?? null, address: listId.value.id }] } : null
}

/** Rule `one-is-no-list`: one identifier is a text, none is empty. */
export function textOrList(items: Json): Json {
  if (!Array.isArray(items)) return 'Empty'
  return items.length === 1 ? { Text: items[0] as Json } : { TextList: items }
}

export function idsJson(value: string): Json {
  const { ids } = parseMessageIds(value)
  return ids.length === 0 ? null : ids
}

/** Keywords and Content-Language: RFC 5322 §3.6.5, RFC 3282 §2. */
export function itemsJson(value: string): Json {
  const items = decodeUnstructured(value)
    .split(',')
    .map((item) => item.replaceAll(/\s+/g, ' ').trim())
    .filter((item) => item !== '')
  return items.length === 0 ? null : items
}

export function dateJson(value: string): Json {
  const date = parseDate(value)
  return date.ok ? parsedDateJson(date.value) : null
}

/** The form has the local time and the zone, we have the instant and the zone. */
export function parsedDateJson({ epochMilliseconds, offsetMinutes }: ParsedDate): Json {
  const local = new Date(epochMilliseconds + offsetMinutes * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    tz_before_gmt: offsetMinutes < 0,
    tz_hour: Math.trunc(Math.abs(offsetMinutes) / 60),
    tz_minute: Math.abs(offsetMinutes) % 60,
  }
}

export function contentTypeJson(value: string): Json {
  const parsed = parseContentType(value)
  if (!parsed.ok) return null
  const { type, subtype, parameters } = parsed.value
  return { c_type: type, c_subtype: subtype, attributes: parametersJson(parameters) }
}

export function dispositionJson(value: string): Json {
  const parsed = parseContentDisposition(value)
  if (!parsed.ok) return null
  const { disposition, parameters } = parsed.value
  return { c_type: disposition, c_subtype: null, attributes: parametersJson(parameters) }
}

/** Rule `language-is-an-attribute`: RFC 2231's language is an attribute of its own, before the value. */
function parametersJson(parameters: readonly Parameter[]): Json {
  const attributes = parameters.flatMap(({ name, value, language }) => [
    ...(language === undefined || language === '' ? [] : [{ name: `${name}-language`, value: language }]),
    { name, value },
  ])
  return attributes.length === 0 ? null : attributes
}

/** What stands in comments is levelled in `levelReceived`. */
export function receivedJson(value: string): Json {
  const { from, by, via, with: protocol, id, for: recipient, date } = parseReceived(value)
  return {
    from: hostJson(from),
    from_ip: from?.address ?? null,
    by: hostJson(by),
    via: via ?? null,
    with: protocol?.toUpperCase() ?? null,
    id: id ?? null,
    for_: recipient ?? null,
    date: date === undefined ? null : parsedDateJson(date),
    said: value,
  }
}

const hostJson = (host: ReceivedHost | undefined): Json =>
  host === undefined || host.name === '' ? null : host.name.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1')

/** A value with its folds. */
export function foldedText(value: Uint8Array): string {
  const text = decodeUtf8(value)
  return text.ok ? text.value : decodeLatin1(value)
}

/** Rule `fold-is-one-space`: white space around a fold is one space there; RFC 5322 §2.2.3 removes the line end alone. */
export function unstructuredJson(folded: string): Json {
  const value = folded.replaceAll(FOLDS, '\r\n ')
  const text = decodeUnstructured(value)
  return text === '' ? null : text
}

/** Rule `raw-keeps-folds`: fields that the form does not know are as written, with their folds, trimmed. */
function rawText(value: Uint8Array): Json {
  const text = new TextDecoder().decode(value).trim()
  return text === '' ? null : text
}

function wrap(tag: string, value: Json): Json {
  return value === null ? 'Empty' : { [tag]: value }
}

const FOLDS = /[ \t]*\r?\n[ \t]+/g

const of = (kind: ValueKind, ...names: readonly string[]): readonly (readonly [string, ValueKind])[] =>
  names.map((name) => [name, kind] as const)

const KINDS: ReadonlyMap<string, ValueKind> = new Map([
  ...of('address', 'from', 'to', 'cc', 'bcc', 'reply-to', 'sender'),
  ...of('address', 'resent-to', 'resent-from', 'resent-bcc', 'resent-cc', 'resent-sender'),
  ...of('list-command', 'list-archive', 'list-help', 'list-owner', 'list-post', 'list-subscribe', 'list-unsubscribe'),
  ...of('list-id', 'list-id'),
  ...of('id', 'message-id', 'references', 'in-reply-to', 'return-path', 'content-id', 'resent-message-id'),
  ...of('date', 'date', 'resent-date'),
  ...of('list', 'keywords', 'content-language'),
  ...of('received', 'received'),
  ...of('content-type', 'content-type'),
  ...of('disposition', 'content-disposition'),
  ...of('text', 'subject', 'comments', 'content-description', 'content-location', 'content-transfer-encoding'),
  ...of('text', 'mime-version'),
  ...of('raw', 'dkim-signature', 'arc-authentication-results', 'arc-message-signature', 'arc-seal'),
])
