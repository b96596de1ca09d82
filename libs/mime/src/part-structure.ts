// From a part's header to how its body is to be read: as a leaf, as a message, or as parts between delimiters.
// The first Content-Type and the first boundary parameter count. RFC 2045 §5.1, §5.2, §6.4; RFC 2046 §5.1.1, §5.2.1; RFC 6532 §3.7

import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { fieldsNamed, fieldValue, type HeaderSection, unfoldOctets } from './header-section.ts'
import type { DefaultType, PartDefectKind, PartStructure } from './part-event.ts'

/** `defect` is what stands in the way of a better answer. Types are not checked against a registry. */
export function readStructure(
  header: HeaderSection,
  defaultType: DefaultType,
  boundaryOctets: number,
): { readonly structure: PartStructure; readonly defect: PartDefectKind | undefined } {
  const field = fieldsNamed(header, 'Content-Type')[0]
  const type = field === undefined ? defaultType : readType(valueText(fieldValue(field)))
  if (type === undefined) return leaf('text/plain', 'bad-content-type')
  if (type === 'message/rfc822' || type === 'message/global') {
    if (!isEncoded(header)) return { structure: { kind: 'message', type }, defect: undefined }
    return leaf(type, type === 'message/rfc822' ? 'encoded-message' : undefined)
  }
  if (field === undefined || !type.startsWith('multipart/')) return leaf(type, undefined)
  const boundary = readBoundary(valueText(fieldValue(field)))
  if (boundary === undefined || boundary.length === 0) return leaf(type, 'no-boundary')
  if (boundary.length > boundaryOctets) return leaf(type, 'boundary-too-long')
  return {
    structure: { kind: 'multipart', type, boundary: encodeLatin1(boundary) },
    defect: isEncoded(header) ? 'encoded-multipart' : undefined,
  }
}

const leaf = (
  type: string,
  defect: PartDefectKind | undefined,
): { readonly structure: PartStructure; readonly defect: PartDefectKind | undefined } => ({
  structure: { kind: 'leaf', type },
  defect,
})

/** One character per octet, so that a boundary is found octet for octet whatever its charset. */
const valueText = (value: Uint8Array): string => decodeLatin1(unfoldOctets(value))

// content := "Content-Type" ":" type "/" subtype *(";" parameter)
function readType(value: string): string | undefined {
  return TYPE.exec(withoutComments(value))?.slice(1, 3).join('/').toLowerCase()
}

// encoding := "Content-Transfer-Encoding" ":" mechanism
function isEncoded(header: HeaderSection): boolean {
  const field = fieldsNamed(header, 'Content-Transfer-Encoding')[0]
  if (field === undefined) return false
  const mechanism = MECHANISM.exec(withoutComments(valueText(fieldValue(field))))?.[1] ?? ''
  return ENCODINGS.has(mechanism.toLowerCase())
}

/** The first `boundary` parameter, unquoted, without white space at its end. */
function readBoundary(value: string): string | undefined {
  const text = withoutComments(value)
  for (let at = endOfParameter(text, 0); at < text.length; at = endOfParameter(text, at + 1)) {
    PARAMETER.lastIndex = at + 1
    const matched = PARAMETER.exec(text)
    if (matched === null) continue
    const start = PARAMETER.lastIndex
    if (text[start] === '"') return withoutPadding(unquote(text, start).text)
    const end = text.slice(start, endOfParameter(text, start)).search(WHITE_SPACE)
    return end < 0 ? text.slice(start, endOfParameter(text, start)) : text.slice(start, start + end)
  }
  return undefined
}

function withoutPadding(text: string): string {
  let end = text.length
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--
  return text.slice(0, end)
}

/** Where the next semicolon outside quotes is, or the end. */
function endOfParameter(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === ';') return at
    if (text[at] === '"') at = unquote(text, at).end - 1
  }
  return text.length
}

// quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE; one that never closes goes on to the end
function unquote(text: string, start: number): { readonly text: string; readonly end: number } {
  let content = ''
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return { text: content, end: at + 1 }
    if (text[at] === '\\' && at + 1 < text.length) at++
    content += text[at]
  }
  return { text: content, end: text.length }
}

/** Comments outside quoted strings become one space; what never closes stays. */
function withoutComments(text: string): string {
  if (!text.includes('(')) return text
  let kept = ''
  let depth = 0
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"' && depth === 0) {
      const { end } = unquote(text, at)
      kept += text.slice(at, end)
      at = end - 1
    } else if (char === '(') {
      if (depth++ === 0) open = at
    } else if (char === ')' && depth > 0) {
      if (--depth === 0) kept += ' '
    } else if (char === '\\' && depth > 0) at++
    else if (depth === 0) kept += char
  }
  return depth > 0 ? kept + text.slice(open) : kept
}

const TYPE = /^[ \t]*([^\s/;"]+)[ \t]*\/[ \t]*([^\s/;"]+)/
const MECHANISM = /^[ \t]*"?([^\s";]+)/
const PARAMETER = /[ \t]*boundary[ \t]*=[ \t]*/iy
const WHITE_SPACE = /[ \t]/
const ENCODINGS: ReadonlySet<string> = new Set(['base64', 'quoted-printable', 'x-uuencode', 'uuencode', 'x-yencode'])
