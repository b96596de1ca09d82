// Lists of single field values in mail-parser's form: `[{ "header": "…", "expected": … }]`. What kind of field a list is
// about is told by its name; a list of a name that is not known is skipped, and said so.

import { encodeUtf8 } from '@scop/octets'
import { parseHeaderSection, unfoldOctets } from '@scop/mime'
import type { Json } from './compare.ts'
import { levelAttributes, levelDate, levelReceived, levelText } from './stalwart-rules.ts'
import {
  addressJson,
  contentTypeJson,
  dateJson,
  dispositionJson,
  foldedText,
  idsJson,
  itemsJson,
  listCommandJson,
  receivedJson,
  unstructuredJson,
} from './stalwart-values.ts'

export type FieldVector = { readonly header: string; readonly expected: Json }

export function isFieldVectors(value: unknown): value is readonly FieldVector[] {
  return (
    Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && 'header' in entry)
  )
}

/** Whether there is a reader for a list of that name, which has no ending. */
export const isKnownList = (name: string): boolean => READERS.has(name)

/** What we read, and what is expected as far as it can be compared; one of each for each entry. */
export function readFieldVectors(
  name: string,
  vectors: readonly FieldVector[],
): { readonly expected: readonly Json[]; readonly ours: readonly Json[] } {
  const read = READERS.get(name)
  if (read === undefined) throw new Error(`Cannot read the list "${name}": no reader of that name`)
  const ours = vectors.map(({ header, expected }) => {
    const value = valueOf(header)
    return read(foldedText(name === 'unstructured' ? value : unfoldOctets(value)), expected ?? null)
  })
  const expected = vectors.map((vector, place) => LEVELS.get(name)?.(vector.expected, ours[place]) ?? vector.expected)
  return { expected, ours }
}

/** The form's value ends where a field would: at the first line end that no white space follows. */
function valueOf(header: string): Uint8Array {
  const octets = encodeUtf8(`X:${header}`)
  const parsed = parseHeaderSection(octets)
  const field = parsed.ok ? parsed.value.header.fields[0] : undefined
  return field === undefined ? octets.subarray(2) : field.value
}

const READERS: ReadonlyMap<string, (value: string, expected: Json) => Json> = new Map([
  // Rule `list-fields-are-addresses`: a list of addresses holds the values of list fields too, which have URLs.
  ['address', (value: string) => (LIST_COMMAND.test(value) ? listCommandJson(value) : addressJson(value))],
  ['content_type', (value: string, expected: Json) => typeOrDisposition(value, expected)],
  ['date', (value: string) => dateJson(LAST_DATE.exec(value)?.[1] ?? value)],
  ['id', idsJson],
  ['list', itemsJson],
  ['received', receivedJson],
  ['unstructured', unstructuredJson],
])

const LEVELS: ReadonlyMap<string, (expected: Json, ours: Json) => Json> = new Map([
  ['content_type', namedAttributes],
  ['date', levelDate],
  ['received', (expected: Json, ours: Json) => levelReceivedEntry(expected, ours)],
  ['unstructured', levelText],
])

/** Rule `one-parser-for-both`: the form reads dispositions with the same function; those have no subtype. */
function typeOrDisposition(value: string, expected: Json): Json {
  const isDisposition = isRecord(expected) && expected['c_subtype'] == null
  return isDisposition ? dispositionJson(value) : contentTypeJson(value)
}

/** In these lists an attribute is a pair. */
function namedAttributes(expected: Json, ours: Json): Json {
  if (!isRecord(expected) || !Array.isArray(expected['attributes'])) return levelAttributes(expected, ours)
  const attributes = expected['attributes'].map((pair: Json) =>
    Array.isArray(pair) ? { name: pair[0] as Json, value: pair[1] as Json } : pair,
  )
  return levelAttributes({ ...expected, attributes }, ours)
}

function levelReceivedEntry(expected: Json, ours: Json): Json {
  return isRecord(expected) && isRecord(ours) ? levelReceived(expected, ours) : expected
}

const isRecord = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const LIST_COMMAND = /<[a-z]+:|^NO\b/
const LAST_DATE = /^by .*;([^;]*)$/s // the date of a Received field
