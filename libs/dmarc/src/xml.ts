// XML as reports are written: elements, attributes, text, CDATA. Nothing can be declared: a document type is refused, and
// with it every entity but the five of XML itself, so that no text can unfold and nothing be fetched.
// XML 1.0 §2 (documents), §3.1 (tags), §4.1 (references), §4.6 (predefined entities); RFC 9990 §7 (hostile reports)

import { err, ok, type Result } from '@scop/result'

export type XmlError = {
  readonly kind:
    | 'doctype'
    | 'unknown-entity'
    | 'bad-reference'
    | 'bad-character'
    | 'bad-tag'
    | 'bad-attribute'
    | 'mismatched-tag'
    | 'unclosed-markup'
    | 'unclosed-element'
    | 'text-outside-root'
    | 'no-element'
    | 'too-deep'
    | 'too-many-elements'
    | 'too-many-attributes'
  /** Where, in UTF-16 code units. */
  readonly at: number
}

export type XmlLimits = {
  readonly depth: number
  readonly elements: number
  /** Of one element. */
  readonly attributes: number
  /** Characters of one tag, comment or instruction. */
  readonly markupCharacters: number
}

export const XML_LIMITS: XmlLimits = {
  depth: 32,
  elements: 4_000_000,
  attributes: 32,
  markupCharacters: 64 * 1024,
}

/** Who is told what a document holds. Names are as written, prefix included. */
export type XmlHandler = {
  open(name: string, attributes: ReadonlyMap<string, string>): void
  /** Between tags, references resolved; one text may come in several pieces. */
  text(text: string): void
  /** `stop`: what follows is not read at all. */
  close(name: string): void | 'stop'
}

/** Reads a document from its start; `handler` may have been told of a part of it where an error comes. */
export function readXml(text: string, handler: XmlHandler, limits: XmlLimits = XML_LIMITS): Result<void, XmlError> {
  const open: string[] = []
  let elements = 0
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; ) {
    const next = text.indexOf('<', at)
    const end = next < 0 ? text.length : next
    if (end > at) {
      const refused = readText(text, at, end, open.length > 0 ? handler : undefined)
      if (refused !== undefined) return err(refused)
    }
    if (next < 0) break
    const markup = readMarkup(text, next, limits)
    if ('at' in markup) return err(markup)
    at = markup.end
    if (markup.kind === 'cdata') {
      if (open.length === 0) return err({ kind: 'text-outside-root', at: next })
      if (markup.text !== '') handler.text(markup.text)
    } else if (markup.kind === 'open') {
      if (++elements > limits.elements) return err({ kind: 'too-many-elements', at: next })
      if (open.length === limits.depth) return err({ kind: 'too-deep', at: next })
      handler.open(markup.name, markup.attributes)
      if (markup.empty) {
        if (handler.close(markup.name) === 'stop') return ok(undefined)
      } else open.push(markup.name)
    } else if (markup.kind === 'close') {
      if (open.pop() !== markup.name) return err({ kind: 'mismatched-tag', at: next })
      if (handler.close(markup.name) === 'stop') return ok(undefined)
    }
  }
  if (elements === 0) return err({ kind: 'no-element', at: 0 })
  return open.length === 0 ? ok(undefined) : err({ kind: 'unclosed-element', at: text.length })
}

/** Text that a document may hold, with what means something else in it as references. Controls become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_A_CHARACTER, '\ufffd')
    .replace(/[&<>"'\r]/g, (one) => `&#${one.charCodeAt(0)};`)
}

type Markup =
  | { readonly kind: 'skipped'; readonly end: number }
  | { readonly kind: 'cdata'; readonly end: number; readonly text: string }
  | { readonly kind: 'close'; readonly end: number; readonly name: string }
  | {
      readonly kind: 'open'
      readonly end: number
      readonly name: string
      readonly attributes: ReadonlyMap<string, string>
      readonly empty: boolean
    }

/** The markup that begins with the "<" at `start`. */
function readMarkup(text: string, start: number, limits: XmlLimits): Markup | XmlError {
  if (text.startsWith('<![CDATA[', start)) {
    const end = text.indexOf(']]>', start)
    if (end < 0) return { kind: 'unclosed-markup', at: start }
    const found = text.slice(start + 9, end)
    const bad = found.search(NOT_A_CHARACTER_ONCE)
    return bad < 0 ? { kind: 'cdata', end: end + 3, text: found } : { kind: 'bad-character', at: start + 9 + bad }
  }
  if (text.startsWith('<!--', start)) return skip(text, start, '-->', 4, limits)
  if (text.startsWith('<?', start)) return skip(text, start, '?>', 2, limits)
  if (text.startsWith('<!', start)) return { kind: 'doctype', at: start }
  const end = endOfTag(text, start, limits)
  if (end === undefined) return { kind: 'unclosed-markup', at: start }
  if (text[start + 1] !== '/') return readOpenTag(text, start, end, limits)
  let nameEnd = end
  while (BLANK.has(text.charCodeAt(nameEnd - 1))) nameEnd--
  const name = text.slice(start + 2, nameEnd)
  return NAME.test(name) ? { kind: 'close', end: end + 1, name } : { kind: 'bad-tag', at: start }
}

function skip(text: string, start: number, closing: string, opening: number, limits: XmlLimits): Markup | XmlError {
  const end = text.indexOf(closing, start + opening)
  if (end < 0 || end - start > limits.markupCharacters) return { kind: 'unclosed-markup', at: start }
  return { kind: 'skipped', end: end + closing.length }
}

/** Where the ">" of a tag stands: not one within quotes. */
function endOfTag(text: string, start: number, limits: XmlLimits): number | undefined {
  const bound = Math.min(text.length, start + limits.markupCharacters)
  for (let at = start + 1; at < bound; at++) {
    const one = text[at]
    if (one === '>') return at
    if (one === '<') return undefined
    if (one === '"' || one === "'") {
      const closing = text.indexOf(one, at + 1)
      if (closing < 0) return undefined
      at = closing
    }
  }
  return undefined
}

// STag = '<' Name (S Attribute)* S? '>'      EmptyElemTag = '<' Name (S Attribute)* S? '/>'      XML 1.0 §3.1
function readOpenTag(text: string, start: number, end: number, limits: XmlLimits): Markup | XmlError {
  const empty = text[end - 1] === '/'
  const tag = text.slice(start + 1, empty ? end - 1 : end)
  const name = /^[^ \t\r\n]*/.exec(tag)?.[0] ?? ''
  if (!NAME.test(name)) return { kind: 'bad-tag', at: start }
  if (name.length === tag.length) return { kind: 'open', end: end + 1, name, attributes: NO_ATTRIBUTES, empty }
  const attributes = new Map<string, string>()
  ATTRIBUTE.lastIndex = name.length
  for (let read = name.length; read < tag.length; read = ATTRIBUTE.lastIndex) {
    const found = ATTRIBUTE.exec(tag)
    const key = found?.[1]
    if (found === null || (key !== undefined && attributes.has(key)))
      return { kind: 'bad-attribute', at: start + 1 + read }
    if (key === undefined) break // white space at the end
    if (attributes.size === limits.attributes) return { kind: 'too-many-attributes', at: start }
    const value = resolve((found[2] ?? '').slice(1, -1), start + 1 + read)
    if (typeof value !== 'string') return value
    attributes.set(key, value)
  }
  return { kind: 'open', end: end + 1, name, attributes, empty }
}

function readText(text: string, start: number, end: number, handler: XmlHandler | undefined): XmlError | undefined {
  const found = text.slice(start, end)
  if (handler === undefined) return WHITE_SPACE.test(found) ? undefined : { kind: 'text-outside-root', at: start }
  const resolved = resolve(found, start)
  if (typeof resolved !== 'string') return resolved
  handler.text(resolved)
  return undefined
}

/** With its references resolved: `&lt;`, `&#10;`, `&#xA;`. */
function resolve(text: string, offset: number): string | XmlError {
  const bad = text.search(NOT_A_CHARACTER_ONCE)
  if (bad >= 0) return { kind: 'bad-character', at: offset + bad }
  if (!text.includes('&')) return text
  let resolved = ''
  let from = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const semicolon = text.indexOf(';', at)
    const reference = semicolon < 0 || semicolon - at > MAX_REFERENCE ? '' : text.slice(at + 1, semicolon)
    const character = PREDEFINED.get(reference) ?? numbered(reference)
    if (character === undefined)
      return { kind: NAME.test(reference) ? 'unknown-entity' : 'bad-reference', at: offset + at }
    resolved += text.slice(from, at) + character
    from = semicolon + 1
  }
  return resolved + text.slice(from)
}

function numbered(reference: string): string | undefined {
  const found = NUMBER.exec(reference)
  if (found === null) return undefined
  const code = found[1] === undefined ? Number(found[2]) : Number.parseInt(found[1], 16)
  if (code > 0x10ffff) return undefined
  const character = String.fromCodePoint(code)
  return character.isWellFormed() && !NOT_A_CHARACTER_ONCE.test(character) ? character : undefined
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const MAX_REFERENCE = 64
const NUMBER = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/
const NAME = /^[A-Za-z_:\u0080-\uffff][A-Za-z0-9_:.\-\u0080-\uffff]{0,255}$/
const ATTRIBUTE = /[ \t\r\n]+(?:([^ \t\r\n=<>"'/]{1,256})[ \t\r\n]*=[ \t\r\n]*("[^"<]*"|'[^'<]*')|$)/y
const BLANK = new Set([0x20, 0x09, 0x0d, 0x0a])
const WHITE_SPACE = /^[ \t\r\n]*$/
// oxlint-disable-next-line no-control-regex -- they are what is refused
const NOT_A_CHARACTER_ONCE = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const NOT_A_CHARACTER = new RegExp(NOT_A_CHARACTER_ONCE.source, 'g')
