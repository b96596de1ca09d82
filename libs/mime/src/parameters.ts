// Parameters of Content-Type and Content-Disposition, in every form that mail has them: plain, quoted, continued, with a
// charset, and wrong. One pass; of two with one name the first counts. Positions are UTF-16 code units.
// RFC 2045 §5.1 (syntax); RFC 2231 §3 (continuations), §4 (charset and language)

import { encodeUtf8 } from '@scop/octets'
import { endOfToken, isSpace, readComment, readQuotedString, skipCfws } from './cfws.ts'
import { decodeCharsetInField } from './charset.ts'
import { decodeEncodedWords } from './encoded-word.ts'

export type Parameter = {
  /** Lower case. */
  readonly name: string
  readonly value: string
  /** RFC 2231 §4; absent where it was not given. */
  readonly language?: string
}

export type ParameterDefect = {
  readonly kind:
    | 'duplicate-parameter'
    | 'plain-and-extended'
    | 'encoded-word-in-parameter'
    | 'raw-octets'
    | 'unclosed-quote'
    | 'unquoted-value'
    | 'text-after-value'
    | 'missing-semicolon'
    | 'no-value'
    | 'no-name'
    | 'bad-percent-encoding'
    | 'missing-section'
    | 'unknown-charset'
    | 'undecodable-octets'
    | 'too-many-parameters'
    | 'value-too-long'
  readonly at: number
}

export type ParameterLimits = {
  /** Parameters read, each section of a continued one counting; those after are left out. */
  readonly parameters: number
  /** Characters of one value, all its sections together; what is longer is cut. */
  readonly valueCharacters: number
  readonly defects: number
}

export const PARAMETER_LIMITS: ParameterLimits = { parameters: 500, valueCharacters: 32 * 1024, defects: 100 }

export type ParsedParameters = {
  readonly parameters: readonly Parameter[]
  readonly defects: readonly ParameterDefect[]
}

/** The value of the first parameter called `name` (lower case). */
export function parameterNamed(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find((parameter) => parameter.name === name)?.value
}

/** Reads what follows the type or disposition: `*( ";" parameter )`, from `start`. Never fails. */
export function parseParameters(
  text: string,
  start: number,
  limits: ParameterLimits = PARAMETER_LIMITS,
): ParsedParameters {
  if (start >= text.length) return { parameters: [], defects: [] }
  const defects: ParameterDefect[] = []
  const note: Note = (kind, at) => {
    if (defects.length < limits.defects) defects.push({ kind, at })
  }
  const collected = new Map<string, Collected>()
  let count = 0
  let separated = false
  for (let at = start; ; ) {
    at = skipCfws(text, at)
    if (at >= text.length) break
    if (text.charCodeAt(at) === SEMICOLON) {
      separated = true
      at++
      continue
    }
    if (count >= limits.parameters) {
      note('too-many-parameters', at)
      break
    }
    const nameEnd = endOfToken(text, at)
    const equals = skipCfws(text, nameEnd)
    if (nameEnd === at || text.charCodeAt(equals) !== EQUALS) {
      note(nameEnd === at ? 'no-name' : 'no-value', at)
      at = Math.max(nameEnd, at + 1)
      while (at < text.length && text.charCodeAt(at) !== SEMICOLON && !isSpace(text.charCodeAt(at))) at++
      separated = false
      continue
    }
    if (!separated) note('missing-semicolon', at)
    separated = false
    count++
    const value = readValue(text, equals + 1, note)
    collect(collected, text.slice(at, nameEnd).toLowerCase(), { value: value.value, quoted: value.quoted, at }, note)
    at = value.end
  }
  const parameters: Parameter[] = []
  for (const [name, found] of collected) {
    const parameter = assemble(name, found, limits, note)
    if (parameter !== undefined) parameters.push(parameter)
  }
  return { parameters, defects }
}

type Note = (kind: ParameterDefect['kind'], at: number) => void
type Value = { readonly value: string; readonly quoted: boolean; readonly end: number }
type Found = { readonly value: string; readonly quoted: boolean; readonly at: number }
type Section = Found & { readonly extended: boolean }
type Collected = {
  plain: Found | undefined
  extended: Found | undefined
  sections: Map<number, Section> | undefined
}

// value = token / quoted-string
function readValue(text: string, start: number, note: Note): Value {
  const at = skipCfws(text, start)
  if (text.charCodeAt(at) === QUOTE) return readQuotedValue(text, at, note)
  const tokenEnd = endOfToken(text, at)
  const after = skipCfws(text, tokenEnd)
  if (after >= text.length || text.charCodeAt(after) === SEMICOLON)
    return { value: text.slice(at, tokenEnd), quoted: false, end: after }
  return readLooseValue(text, at, note)
}

function readQuotedValue(text: string, at: number, note: Note): Value {
  const quoted = readQuotedString(text, at)
  if (!quoted.closed) {
    // `name="foo.txt; size=3`: the quote was to end where the parameter does.
    note('unclosed-quote', at)
    const semicolon = text.indexOf(';', at)
    const end = semicolon < 0 ? text.length : semicolon
    return { value: text.slice(at + 1, end).trim(), quoted: true, end }
  }
  let content = quoted.content
  let end = skipCfws(text, quoted.end)
  // `name="a"b"` and `name="a" "b"`: what follows belongs to nobody, unless it is the next parameter.
  while (end < text.length && text.charCodeAt(end) !== SEMICOLON && !startsParameter(text, end)) {
    note('text-after-value', end)
    if (text.charCodeAt(end) === QUOTE) {
      const more = readQuotedString(text, end)
      content += more.content
      end = more.end
    } else {
      const from = end++
      while (
        end < text.length &&
        !isSpace(text.charCodeAt(end)) &&
        text.charCodeAt(end) !== SEMICOLON &&
        text.charCodeAt(end) !== QUOTE
      )
        end++
      content += text.slice(from, end)
    }
    end = skipCfws(text, end)
  }
  return { value: content, quoted: true, end }
}

/** Words up to a semicolon or to what looks like the next parameter; a comment at the very end is none of it. */
function readLooseValue(text: string, at: number, note: Note): Value {
  let end = at
  let first = true
  let encodedWord = false
  // No comment that begins before this place is the last thing of the value: each is looked at once.
  let noCommentBefore = at
  for (;;) {
    let word = end
    while (isSpace(text.charCodeAt(word))) word++
    if (word >= text.length || text.charCodeAt(word) === SEMICOLON) break
    if (!first && startsParameter(text, word)) break
    if (!first && word >= noCommentBefore && text.charCodeAt(word) === OPEN) {
      const comment = readComment(text, word)
      const after = skipCfws(text, comment.end)
      noCommentBefore = after
      if (!comment.closed) noCommentBefore = text.length
      else if (after >= text.length || text.charCodeAt(after) === SEMICOLON || startsParameter(text, after)) {
        const value = text.slice(at, end)
        if (endOfToken(value, 0) < value.length && !encodedWord) note('unquoted-value', at)
        return { value, quoted: false, end: after }
      }
    }
    if (text.startsWith('=?', word)) encodedWord = true
    while (word < text.length && !isSpace(text.charCodeAt(word)) && text.charCodeAt(word) !== SEMICOLON) word++
    end = word
    first = false
  }
  const value = text.slice(at, end)
  if (endOfToken(value, 0) < value.length && !encodedWord) note('unquoted-value', at)
  return { value, quoted: false, end }
}

/** Whether `name=` stands here, and no encoded word. */
function startsParameter(text: string, at: number): boolean {
  const end = endOfToken(text, at)
  return end > at && text.charCodeAt(end) === EQUALS && text.charCodeAt(end + 1) !== QUESTION
}

/** Whether RFC 2231 takes the name for another's section or extended value. */
export function isSectionOrExtended(name: string): boolean {
  const form = FORM.exec(name)
  return form !== null && (form[2] !== undefined || form[3] !== undefined)
}

function collect(into: Map<string, Collected>, written: string, found: Found, note: Note): void {
  const { at } = found
  // name = attribute [ "*" section-number ] [ "*" ]      RFC 2231 §7
  const form = written.includes('*') ? FORM.exec(written) : null
  const name = form?.[1] ?? written
  const known = into.get(name)
  const entry = known ?? { plain: undefined, extended: undefined, sections: undefined }
  if (known === undefined) into.set(name, entry)
  const extended = form !== null && form[3] !== undefined
  if (form?.[2] !== undefined) {
    entry.sections ??= new Map()
    const number = Number(form[2])
    if (entry.sections.has(number)) note('duplicate-parameter', at)
    else entry.sections.set(number, { value: found.value, quoted: found.quoted, at, extended })
  } else if (extended) {
    if (entry.extended !== undefined) note('duplicate-parameter', at)
    else entry.extended = found
  } else if (entry.plain !== undefined) note('duplicate-parameter', at)
  else entry.plain = found
}

function assemble(name: string, found: Collected, limits: ParameterLimits, note: Note): Parameter | undefined {
  const { plain, extended, sections } = found
  const continued = sections?.get(0)
  const forms = (plain === undefined ? 0 : 1) + (extended === undefined ? 0 : 1) + (sections === undefined ? 0 : 1)
  if (forms > 1) note('plain-and-extended', (plain ?? extended ?? continued)?.at ?? 0)
  // RFC 2231 says more than a plain value can, so it counts where both are there, as in other readers.
  if (extended !== undefined) return decodeSections(name, [{ ...extended, extended: true }], limits, note)
  if (sections !== undefined && continued !== undefined) {
    const ordered: Section[] = []
    for (let i = 0; ; i++) {
      const section = sections.get(i)
      if (section === undefined) break
      ordered.push(section)
    }
    if (ordered.length < sections.size) note('missing-section', continued.at)
    return decodeSections(name, ordered, limits, note)
  }
  if (plain === undefined) {
    const any = sections?.values().next().value
    if (any !== undefined) note('missing-section', any.at)
    return undefined
  }
  let value = plain.value
  if (NOT_ASCII.test(value)) note('raw-octets', plain.at)
  if (value.includes('=?')) {
    const words = decodeEncodedWords(value)
    if (words.text !== value) note('encoded-word-in-parameter', plain.at)
    value = words.text
  }
  return { name, value: cut(value, plain.at, limits, note) }
}

// initial-value = [charset] "'" [language] "'" extended-other-values
function decodeSections(name: string, sections: readonly Section[], limits: ParameterLimits, note: Note): Parameter {
  let charset: string | undefined
  let language: string | undefined
  let text = ''
  let octets: number[] = []
  // Octets are joined across sections before they are decoded: a character may be cut by a section.
  const flush = (at: number): void => {
    if (octets.length === 0) return
    const decoded = decodeCharsetInField(Uint8Array.from(octets), charset === '' ? undefined : charset)
    for (const defect of decoded.defects) note(defect === 'unknown-charset' ? defect : 'undecodable-octets', at)
    text += decoded.text
    octets = []
  }
  sections.forEach((section, i) => {
    if (text.length + octets.length / 4 > limits.valueCharacters) return
    let value = section.value
    if (!section.extended) {
      flush(section.at)
      text += value
      return
    }
    if (i === 0) {
      const first = value.indexOf("'")
      const second = first < 0 ? -1 : value.indexOf("'", first + 1)
      if (second >= 0) {
        charset = value.slice(0, first)
        if (second > first + 1) language = value.slice(first + 1, second)
        value = value.slice(second + 1)
      }
    }
    percentDecode(value, octets, section.at, note)
  })
  flush(sections[0]?.at ?? 0)
  const value = cut(text, sections[0]?.at ?? 0, limits, note)
  return language === undefined ? { name, value } : { name, value, language }
}

// ext-octet = "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F"); what is no octet of it stays
function percentDecode(value: string, octets: number[], at: number, note: Note): void {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === PERCENT) {
      const hex = value.slice(i + 1, i + 3)
      if (HEX.test(hex)) {
        octets.push(Number.parseInt(hex, 16))
        i += 2
        continue
      }
      note('bad-percent-encoding', at)
    }
    if (code < 0x80) octets.push(code)
    else {
      note('raw-octets', at)
      const char = String.fromCodePoint(value.codePointAt(i) ?? code)
      for (const octet of encodeUtf8(char)) octets.push(octet)
      i += char.length - 1
    }
  }
}

function cut(value: string, at: number, limits: ParameterLimits, note: Note): string {
  if (value.length <= limits.valueCharacters) return value
  note('value-too-long', at)
  return value.slice(0, limits.valueCharacters).toWellFormed()
}

const QUOTE = 0x22
const PERCENT = 0x25
const OPEN = 0x28
const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUESTION = 0x3f
const FORM = /^([^*]+)(?:\*([0-9]{1,4}))?(\*)?$/
const HEX = /^[0-9A-Fa-f]{2}$/
const NOT_ASCII = /[^\x00-\x7f]/
