// The header section of a message, kept octet for octet, and the one place that decides where the body begins:
// after the first empty line. A line that is no field is recorded as a defect, never guessed into one.
// RFC 5322 §2.1, §2.2 (fields, folding), §4.5 (obsolete: white space before the colon)

import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

/** One field as seen. */
export type Field = {
  /** As written, without the white space that may precede the colon. */
  readonly name: string
  /** The whole field: name, colon, folded value, line end. */
  readonly octets: Uint8Array
  /** Where the value begins in `octets`: after the colon. */
  readonly valueStart: number
  /** Where the field begins in the header section. */
  readonly offset: number
}

/** What a strict reader would not have expected, where (octets from the start of the section). */
export type HeaderDefect =
  | { readonly kind: 'not-a-field'; readonly offset: number; readonly octets: Uint8Array }
  | {
      readonly kind:
        | 'space-before-colon'
        | 'bare-cr'
        | 'bare-lf'
        | 'nul'
        | 'blank-continuation'
        | 'line-too-long'
        | 'unterminated-line'
      readonly offset: number
    }

export type HeaderSection = {
  readonly fields: readonly Field[]
  /** In order of offset. Fields, `not-a-field` octets and the empty line together are exactly `octets`. */
  readonly defects: readonly HeaderDefect[]
  /** Everything before the body, the empty line included. */
  readonly octets: Uint8Array
  /** The empty line: CRLF, LF, or nothing where the message ends within its header. */
  readonly emptyLine: Uint8Array
}

export type HeaderError =
  | { readonly kind: 'header-too-long'; readonly limit: number }
  | { readonly kind: 'too-many-fields'; readonly limit: number }
  | { readonly kind: 'too-many-defects'; readonly limit: number }

export type HeaderLimits = {
  /** Octets of the header section, the empty line included. */
  readonly headerOctets: number
  readonly fields: number
  readonly defects: number
}

export const HEADER_LIMITS: HeaderLimits = { headerOctets: 256 * 1024, fields: 2000, defects: 1000 }

export type ParsedHeader = {
  readonly header: HeaderSection
  /** Octets from the start of the message to its body. */
  readonly bodyStart: number
}

/** Reads the header section at the start of a whole message. The octets are shared with `message`, not copied. */
export function parseHeaderSection(
  message: Uint8Array,
  limits: HeaderLimits = HEADER_LIMITS,
): Result<ParsedHeader, HeaderError> {
  const bounded = message.length > limits.headerOctets ? message.subarray(0, limits.headerOctets + 1) : message
  const end = findEmptyLine(bounded, 0)
  const bodyStart = end === undefined ? bounded.length : end.bodyStart
  if (bodyStart > limits.headerOctets) return err({ kind: 'header-too-long', limit: limits.headerOctets })
  const header = readHeaderSection(message.subarray(0, bodyStart), end?.start ?? bodyStart, limits)
  return header.ok ? ok({ header: header.value, bodyStart }) : header
}

/** The value after the colon: still folded, without the last line end. */
export function fieldValue(field: Field): Uint8Array {
  const { octets, valueStart } = field
  let end = octets.length
  if (octets[end - 1] === LF) end -= octets[end - 2] === CR && end - 2 >= valueStart ? 2 : 1
  return octets.subarray(valueStart, Math.max(end, valueStart))
}

/** The value on one line: line ends that begin a fold removed, the white space after them kept. RFC 5322 §2.2.3 */
export function unfoldOctets(value: Uint8Array): Uint8Array {
  let from = value.indexOf(LF)
  if (from < 0) return value
  const whole = new Uint8Array(value.length)
  let length = 0
  let start = 0
  for (; from >= 0; from = value.indexOf(LF, from + 1)) {
    const end = value[from - 1] === CR && from > start ? from - 1 : from
    whole.set(value.subarray(start, end), length)
    length += end - start
    start = from + 1
  }
  whole.set(value.subarray(start), length)
  return whole.subarray(0, length + value.length - start)
}

/** `unfoldOctets` as text: UTF-8 where all of it is UTF-8, else one character per octet. For reading, not for comparing. */
export function unfold(value: Uint8Array): string {
  const folded = decodeUtf8(value)
  if (folded.ok) return folded.value.includes('\n') ? folded.value.replace(LINE_ENDS, '') : folded.value
  const octets = unfoldOctets(value)
  const text = decodeUtf8(octets)
  return text.ok ? text.value : decodeLatin1(octets)
}

/** The fields of that name (case does not matter), top first. */
export function fieldsNamed(header: HeaderSection, name: string): readonly Field[] {
  const wanted = name.toLowerCase()
  return header.fields.filter((field) => field.name.length === wanted.length && field.name.toLowerCase() === wanted)
}

/** Where the empty line starts and the body begins, looking at lines that begin at or after `lineStart`. */
export function findEmptyLine(
  octets: Uint8Array,
  lineStart: number,
): { readonly start: number; readonly bodyStart: number } | undefined {
  let start = lineStart
  for (;;) {
    if (octets[start] === LF) return { start, bodyStart: start + 1 }
    if (octets[start] === CR && octets[start + 1] === LF) return { start, bodyStart: start + 2 }
    const end = octets.indexOf(LF, start)
    if (end < 0) return undefined
    start = end + 1
  }
}

// fields = *( field-name ":" unstructured CRLF ), each with its continuation lines      RFC 5322 §2.2
/** As `parseHeaderSection`, where it is known that the section is all of `octets` and its empty line begins at `end`. */
export function readHeaderSection(
  octets: Uint8Array,
  end: number,
  limits: HeaderLimits,
): Result<HeaderSection, HeaderError> {
  const fields: Field[] = []
  const defects: HeaderDefect[] = []
  // One character for each octet: the runtime searches text much faster than octets.
  const text = decodeLatin1(octets.subarray(0, end))
  const ahead: Ahead = { cr: -1, nul: -1 }
  for (let start = 0; start < end; ) {
    const next = readLines(text, start, ahead, defects)
    const whole = octets.subarray(start, next)
    const nameEnd = endOfName(text, start)
    const colon = skipWhiteSpace(text, nameEnd)
    if (nameEnd === start || text.charCodeAt(colon) !== COLON) {
      defects.push({ kind: 'not-a-field', offset: start, octets: whole })
    } else {
      if (nameEnd !== colon) defects.push({ kind: 'space-before-colon', offset: nameEnd })
      fields.push({
        name: text.slice(start, nameEnd),
        octets: whole,
        valueStart: colon + 1 - start,
        offset: start,
      })
    }
    if (fields.length > limits.fields) return err({ kind: 'too-many-fields', limit: limits.fields })
    if (defects.length > limits.defects) return err({ kind: 'too-many-defects', limit: limits.defects })
    start = next
  }
  defects.sort((a, b) => a.offset - b.offset)
  return ok({ fields, defects, octets, emptyLine: octets.subarray(end) })
}

/** The next CR and NUL: each is looked for once, however many lines have none. */
type Ahead = { cr: number; nul: number }

/** Where the lines that belong together end: the line at `start` and its continuations. */
function readLines(text: string, start: number, ahead: Ahead, defects: HeaderDefect[]): number {
  for (let line = start; ; ) {
    const lf = text.indexOf('\n', line)
    const next = lf < 0 ? text.length : lf + 1
    inspectLine(text, line, next, ahead, defects)
    if (next >= text.length || !isWhiteSpace(text.charCodeAt(next))) return next
    line = next
  }
}

function inspectLine(text: string, start: number, next: number, ahead: Ahead, defects: HeaderDefect[]): void {
  let contentEnd = next
  if (text.charCodeAt(next - 1) !== LF) defects.push({ kind: 'unterminated-line', offset: next })
  else if (next - 2 >= start && text.charCodeAt(next - 2) === CR) contentEnd = next - 2
  else {
    contentEnd = next - 1
    defects.push({ kind: 'bare-lf', offset: contentEnd })
  }
  if (contentEnd - start > MAX_LINE) defects.push({ kind: 'line-too-long', offset: start })
  if (ahead.cr < start) ahead.cr = indexOfOr(text, '\r', start)
  if (ahead.nul < start) ahead.nul = indexOfOr(text, '\0', start)
  if (ahead.cr < contentEnd) defects.push({ kind: 'bare-cr', offset: ahead.cr })
  if (ahead.nul < contentEnd) defects.push({ kind: 'nul', offset: ahead.nul })
  if (skipWhiteSpace(text, start) >= contentEnd) defects.push({ kind: 'blank-continuation', offset: start })
}

// field-name = 1*ftext ; %d33-57 / %d59-126      RFC 5322 §3.6.8; then *WSP ":"      §4.5.8
function endOfName(text: string, start: number): number {
  let at = start
  while (isNameOctet(text.charCodeAt(at))) at++
  return at
}

function indexOfOr(text: string, char: string, from: number): number {
  const at = text.indexOf(char, from)
  return at < 0 ? text.length : at
}

function skipWhiteSpace(text: string, start: number): number {
  let at = start
  while (isWhiteSpace(text.charCodeAt(at))) at++
  return at
}

const isNameOctet = (octet: number): boolean => octet > 0x20 && octet < 0x7f && octet !== COLON
const isWhiteSpace = (octet: number): boolean => octet === SPACE || octet === TAB

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COLON = 0x3a
const LINE_ENDS = /\r?\n/g
const MAX_LINE = 998 // RFC 5322 §2.1.1
