// mime4j's three forms: the events of a parse (`x.xml`: fields and bodies as they stand), the decoded tree (`x_decoded.xml`,
// whose bodies are files of their own), and the message written again (`x.out`). All text in them is one character per octet.

import { concatOctets, decodeLatin1, encodeAscii } from '@scop/octets'
import {
  bodyRange,
  childrenOf,
  decodeBody,
  type Field,
  type OctetRange,
  type Part,
  parseHeaderSection,
  parseMessage,
} from '@scop/mime'
import type { Json } from './compare.ts'

/** Reads a file beside the message. */
export type ReadBeside = (name: string) => Uint8Array | undefined

/** The events as a tree: an element is a list of its name and its children, or its text. */
export function readEvents(xml: string): Json {
  const cursor = { at: 0 }
  return readElement(xml, cursor)
}

/** What we read, as events. */
export function eventsJson(octets: Uint8Array): Json {
  const { root } = parseMessage(octets)
  return entityEvents(root, octets, 'message')
}

/** The decoded tree with its bodies in place of the names of their files. */
export function readDecoded(xml: string, beside: ReadBeside): Json {
  return withBodies(readEvents(xml), beside)
}

/** What we read, as the decoded tree. */
export function decodedJson(octets: Uint8Array): Json {
  const { root } = parseMessage(octets)
  return decodedEntity(root, octets, 'message')
}

/**
 * Rule `empty-is-none`: an empty preamble or epilogue is none. Rule `line-end-of-last-delimiter`: the form has the LF that
 * ends the last line of the message, where that is a delimiter, as an epilogue (RFC 2046 §5.1.1 has it before one).
 */
export function levelEvents(expected: Json, ours: Json): Json {
  if (!isList(expected)) return expected
  const ourList = isList(ours) ? ours : []
  if (BODIES.has(expected[0]) && expected[0] === ourList[0]) return levelBody(expected, ourList)
  const kept = expected.filter((child) => {
    if (!isList(child)) return true
    const [name, text] = child
    if (name !== 'preamble' && name !== 'epilogue') return true
    return (
      text !== '' && !(name === 'epilogue' && text === '\n' && !ourList.some((our) => isList(our) && our[0] === name))
    )
  })
  return kept.map((child, place) => levelEvents(child, ourList[place]))
}

/**
 * Rule `unfinished-quantum`: of base64 that ends within a quantum, the form drops what is left. RFC 2045 §6.8
 * Rule `question-marks`: octets that are not of the charset are question marks there.
 */
function levelBody([name, expected]: readonly Json[], [, ours]: readonly Json[]): Json {
  if (typeof expected !== 'string' || typeof ours !== 'string') return [name, expected]
  if (name === 'text-body' && isSameButMarked(expected, ours)) return [name, ours]
  const more = ours.length - expected.length
  return [name, more > 0 && more <= 2 && ours.startsWith(expected) ? ours : expected]
}

/**
 * Fields and decoded bodies, for two spellings of one message. Rule `line-ends`: CRLF and LF are one in text, and white space
 * before them is none: quoted-printable is written from text, not from octets. RFC 2045 §6.7 (3), (4)
 */
export function meaningJson(octets: Uint8Array): Json {
  const { root } = parseMessage(octets)
  return meaningOf(root, octets)
}

function isSameButMarked(expected: string, ours: string): boolean {
  if (expected.length !== ours.length || expected === ours) return false
  for (let i = 0; i < ours.length; i++) {
    if (expected[i] !== ours[i] && (expected[i] !== '?' || ours.charCodeAt(i) < 0x80)) return false
  }
  return true
}

/** Rule `unfinished-quantum` for a message written again. */
export function levelMeaning(expected: Json, ours: Json): Json {
  if (!isRecord(expected) || !isRecord(ours)) return expected
  const [children, ourChildren] = [expected['children'], ours['children']]
  if (isList(children) && isList(ourChildren)) {
    return { ...expected, children: children.map((child, place) => levelMeaning(child, ourChildren[place])) }
  }
  const level = levelBody(['body', expected['body']], ['body', ours['body']])
  return { ...expected, body: isList(level) ? level[1] : expected['body'] }
}

/** The message with an empty line before the first line of its header that is no field. */
export function withJunkAsBody(octets: Uint8Array): Uint8Array {
  const parsed = parseHeaderSection(octets)
  const junk = parsed.ok ? parsed.value.header.defects.find(({ kind }) => kind === 'not-a-field') : undefined
  if (junk === undefined) return octets
  return concatOctets([octets.subarray(0, junk.offset), encodeAscii('\r\n'), octets.subarray(junk.offset)])
}

function entityEvents(part: Part, octets: Uint8Array, name: string): Json {
  return [name, ['header', ...fieldsOf(part)], ...contentEvents(part, octets, entityEvents, rawBody)]
}

function decodedEntity(part: Part, octets: Uint8Array, name: string): Json {
  return [name, ['header', ...fieldsOf(part)], ...contentEvents(part, octets, decodedEntity, decodedBody)]
}

type Entity = (part: Part, octets: Uint8Array, name: string) => Json
type Body = (part: Part, octets: Uint8Array) => Json

function contentEvents(part: Part, octets: Uint8Array, entity: Entity, body: Body): readonly Json[] {
  const { content, type } = part
  if (content.kind === 'message') return [entity(content.message, octets, 'message')]
  if (content.kind === 'multipart') {
    const text = (name: string, { start, end }: OctetRange): readonly Json[] =>
      start < end ? [[name, decodeLatin1(octets.subarray(start, end))]] : []
    const parts = childrenOf(part).map((child) => entity(child, octets, 'body-part'))
    return [['multipart', ...text('preamble', content.preamble), ...parts, ...text('epilogue', content.epilogue)]]
  }
  if (ENCODED_MESSAGE.test(type)) {
    const decoded = decodeBody(part, octets).octets
    return [entity(parseMessage(decoded).root, decoded, 'message')]
  }
  return [body(part, octets)]
}
/** Rule `field-without-its-end`: the form has a field without its last line end. */
const fieldsOf = (part: Part): readonly Json[] =>
  part.header.fields.map((field) => ['field', decodeLatin1(withoutEnd(field))])

const withoutEnd = (field: Field): Uint8Array => field.octets.subarray(0, field.valueStart + field.value.length)

function rawBody(part: Part, octets: Uint8Array): Json {
  const { start, end } = bodyRange(part)
  return ['body', decodeLatin1(octets.subarray(start, end))]
}

function decodedBody(part: Part, octets: Uint8Array): Json {
  const body = decodeLatin1(decodeBody(part, octets).octets)
  return part.type.startsWith('text/') ? ['text-body', sameLineEnds(body)] : ['binary-body', body]
}

function meaningOf(part: Part, octets: Uint8Array): Json {
  const fields = part.header.fields.map((field) => sameLineEnds(decodeLatin1(withoutEnd(field))))
  const { type, content } = part
  if (content.kind !== 'leaf')
    return { fields, type, children: childrenOf(part).map((child) => meaningOf(child, octets)) }
  const body = decodeBody(part, octets).octets
  if (ENCODED_MESSAGE.test(type)) return { fields, type, children: [meaningOf(parseMessage(body).root, body)] }
  return { fields, type, body: sameLineEnds(decodeLatin1(body)).replaceAll(/[ \t]+\n/g, '\n') }
}

const sameLineEnds = (text: string): string => text.replaceAll('\r\n', '\n')
const isRecord = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

function withBodies(element: Json, beside: ReadBeside): Json {
  if (!isList(element)) return element
  const [name, ...rest] = element
  if (name === 'text-body' || name === 'binary-body') {
    const [file] = rest
    const octets = typeof file === 'string' ? beside(file) : undefined
    if (octets === undefined) return [name, `(no file ${JSON.stringify(file)})`]
    return [name, name === 'text-body' ? sameLineEnds(decodeLatin1(octets)) : decodeLatin1(octets)]
  }
  return [name, ...rest.map((child) => withBodies(child, beside))]
}

// element = "<" name [ name="file" ] ( "/>" / ">" CRLF *( element CRLF ) / text "</" name ">" )
function readElement(xml: string, cursor: { at: number }): Json {
  const end = xml.indexOf('>', cursor.at)
  const tag = /^<([a-z-]+)(?: name="([^"]*)")?(\/?)$/.exec(xml.slice(cursor.at, end))
  if (end < 0 || tag === null) throw new Error(`Cannot read the events: no element at character ${cursor.at}`)
  const [, name = '', file, slash] = tag
  cursor.at = end + 1
  if (slash === '/') {
    skipLineEnd(xml, cursor)
    return [name, file ?? '']
  }
  skipLineEnd(xml, cursor)
  if (TEXT_ELEMENTS.has(name)) {
    const close = xml.indexOf(`</${name}>`, cursor.at)
    const text = xml.slice(cursor.at, close)
    cursor.at = close + name.length + 3
    skipLineEnd(xml, cursor)
    return [name, text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')]
  }
  const children: Json[] = []
  while (!xml.startsWith('</', cursor.at)) children.push(readElement(xml, cursor))
  cursor.at = xml.indexOf('>', cursor.at) + 1
  skipLineEnd(xml, cursor)
  return [name, ...children]
}

/** Elements end with CRLF; a file may have been given other line ends. */
function skipLineEnd(xml: string, cursor: { at: number }): void {
  if (xml.startsWith('\r\n', cursor.at)) cursor.at += 2
  else if (xml[cursor.at] === '\n') cursor.at++
}

const TEXT_ELEMENTS: ReadonlySet<string> = new Set(['field', 'preamble', 'epilogue', 'body'])
const BODIES: ReadonlySet<Json> = new Set(['text-body', 'binary-body'])
const ENCODED_MESSAGE = /^message\/(?:rfc822|global)$/
