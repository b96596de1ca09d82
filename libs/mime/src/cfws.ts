// Comments, folding white space and quoted strings within field values: every structured field has them.
// One pass, no recursion. Positions are UTF-16 code units from the start of the value.
// RFC 5322 §3.2.2 (CFWS), §3.2.4 (quoted-string)

/** Past white space (line ends of folds too) and comments. A comment that does not close takes the rest. */
// CFWS = (1*([FWS] comment) [FWS]) / FWS
export function skipCfws(text: string, start: number): number {
  let at = start
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at++
    if (text.charCodeAt(at) !== OPEN) return at
    at = readComment(text, at).end
  }
}

export function skipSpace(text: string, start: number): number {
  let at = start
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

/** The comment at `start`: what is between its parentheses, quoted pairs resolved, inner comments kept as written. */
// comment = "(" *([FWS] ccontent) [FWS] ")"
export function readComment(
  text: string,
  start: number,
): { readonly content: string; readonly end: number; readonly closed: boolean } {
  let depth = 0
  let content = ''
  let from = start + 1
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) {
      content += text.slice(from, at)
      from = ++at
    } else if (code === OPEN) depth++
    else if (code === CLOSE && --depth === 0)
      return { content: content + text.slice(from, at), end: at + 1, closed: true }
  }
  return { content: content + text.slice(from), end: text.length, closed: false }
}

/** The quoted string at `start`, its content with quoted pairs resolved and line ends of folds removed. */
// quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE
export function readQuotedString(
  text: string,
  start: number,
): { readonly content: string; readonly end: number; readonly closed: boolean } {
  let content = ''
  let from = start + 1
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return { content: content + text.slice(from, at), end: at + 1, closed: true }
    if (code === BACKSLASH) {
      content += text.slice(from, at)
      from = ++at
    } else if (code === CR || code === LF) {
      content += text.slice(from, at)
      from = at + 1
    }
  }
  return { content: content + text.slice(from), end: text.length, closed: false }
}

/** `"text"`, with what must be escaped escaped. */
export const formatQuotedString = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** Without the white space at its ends: that of a field, not all that Unicode has. Takes linear time. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** `(text)`, with what must be escaped escaped. */
export const formatComment = (text: string): string => `(${text.replace(/[()\\]/g, '\\$&')})`

/** Whether a comment begins anywhere outside quoted strings. */
export function hasComment(text: string): boolean {
  if (!text.includes('(')) return false
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === OPEN) return true
    at = code === QUOTE ? readQuotedString(text, at).end : at + 1
  }
  return false
}

export const isSpace = (code: number): boolean => code === SPACE || code === TAB || code === CR || code === LF

/** Past an RFC 2045 §5.1 token; characters above U+007F count as part of it, as raw octets do in real mail. */
export function endOfToken(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= SPACE || code === 0x7f || (code < 0x80 && TSPECIAL[code] === 1)) break
  }
  return at
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const OPEN = 0x28
const CLOSE = 0x29
const BACKSLASH = 0x5c
const TSPECIAL = new Uint8Array(128)
for (const char of '()<>@,;:\\"/[]?=') TSPECIAL[char.charCodeAt(0)] = 1
