// The header section of a message, kept octet for octet, and the one place that decides where the body begins:
// after the first empty line. A line that is no field is recorded as a defect, never guessed into one.
// RFC 5322 §2.1, §2.2 (fields, folding), §4.5 (obsolete: white space before the colon)

import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { Field, type FieldSource } from './field.ts'

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
  // The runtime searches text much faster than octets.
  const text = asAscii(bounded.subarray(0, FIRST_LOOK))
  const near = text === undefined ? undefined : emptyLineIn(text)
  const end = near ?? findEmptyLine(bounded, 0)
  const bodyStart = end === undefined ? bounded.length : end.bodyStart
  if (bodyStart > limits.headerOctets) return err({ kind: 'header-too-long', limit: limits.headerOctets })
  const start = end?.start ?? bodyStart
  const octets = message.subarray(0, bodyStart)
  const header = near === undefined ? readHeaderSection(octets, start, limits) : readFields(octets, start, limits, text)
  return header.ok ? ok({ header: header.value, bodyStart }) : header
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

/** `findEmptyLine` of text that is known to be ASCII. */
function emptyLineIn(text: string): { readonly start: number; readonly bodyStart: number } | undefined {
  for (let start = 0; ; ) {
    const code = text.charCodeAt(start)
    if (code === LF) return { start, bodyStart: start + 1 }
    if (code === CR && text.charCodeAt(start + 1) === LF) return { start, bodyStart: start + 2 }
    const end = text.indexOf('\n', start)
    if (end < 0) return undefined
    start = end + 1
  }
}

/** Text with one character for each octet, if all of them are ASCII: every other character of UTF-8 has more octets. */
function asAscii(octets: Uint8Array): string | undefined {
  const text = decodeUtf8(octets)
  return text.ok && text.value.length === octets.length ? text.value : undefined
}

/** As `parseHeaderSection`, where it is known that the section is all of `octets` and its empty line begins at `end`. */
export function readHeaderSection(
  octets: Uint8Array,
  end: number,
  limits: HeaderLimits,
): Result<HeaderSection, HeaderError> {
  return readFields(octets, end, limits, asAscii(octets.subarray(0, end)))
}

// fields = *( field-name ":" unstructured CRLF ), each with its continuation lines      RFC 5322 §2.2
function readFields(
  octets: Uint8Array,
  end: number,
  limits: HeaderLimits,
  /** Of `octets`, and perhaps of what follows: not cut, since what is cut out of a text is slow to read. */
  ascii: string | undefined,
): Result<HeaderSection, HeaderError> {
  const fields: Field[] = []
  const defects: HeaderDefect[] = []
  const text = ascii ?? decodeLatin1(octets.subarray(0, end))
  const section: FieldSource = { octets, text, isAscii: ascii !== undefined }
  const ahead: Ahead = { cr: -1, nul: -1 }
  for (let start = 0; start < end; ) {
    const next = readLines(text, start, end, ahead, defects)
    const nameEnd = endOfName(text, start)
    const colon = skipWhiteSpace(text, nameEnd)
    if (nameEnd === start || text.charCodeAt(colon) !== COLON) {
      defects.push({ kind: 'not-a-field', offset: start, octets: octets.subarray(start, next) })
    } else {
      if (nameEnd !== colon) defects.push({ kind: 'space-before-colon', offset: nameEnd })
      fields.push(new Field(section, start, nameEnd, colon + 1, next))
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
function readLines(text: string, start: number, end: number, ahead: Ahead, defects: HeaderDefect[]): number {
  for (let line = start; ; ) {
    const lf = text.indexOf('\n', line)
    const next = lf < 0 || lf >= end ? end : lf + 1
    inspectLine(text, line, next, ahead, defects)
    if (next >= end || !isWhiteSpace(text.charCodeAt(next))) return next
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
const FIRST_LOOK = 16_384 // where nearly every header ends
const MAX_LINE = 998 // RFC 5322 §2.1.1
