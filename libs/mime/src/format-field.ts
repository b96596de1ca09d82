// Fields written by us: folded at white space, never a line of more than 998 octets, nothing a value could break out of.
// RFC 5322 §2.1.1 (line lengths), §2.2.3 (folding), §3.6.8 (names); RFC 6532 §3.2 (UTF-8)

import { encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

export type FormatFieldError =
  | { readonly kind: 'bad-field-name'; readonly name: string }
  | { readonly kind: 'control-in-value'; readonly at: number }
  | { readonly kind: 'not-unicode' }
  | { readonly kind: 'word-too-long'; readonly octets: number }

/**
 * `name: value` CRLF. Folds before white space so that lines stay within 78 octets where they can; unfolding gives `value`
 * back (but for white space at its ends). CR, LF, NUL and every other control but TAB is refused: nothing can be injected.
 */
export function formatField(name: string, value: string): Result<Uint8Array, FormatFieldError> {
  if (!FIELD_NAME.test(name)) return err({ kind: 'bad-field-name', name })
  const control = value.search(CONTROL)
  if (control >= 0) return err({ kind: 'control-in-value', at: control })
  if (!value.isWellFormed()) return err({ kind: 'not-unicode' })
  let text = `${name}:`
  let lineOctets = text.length
  let first = true
  for (const piece of ` ${trimSpace(value)}`.match(SPACED_WORD) ?? []) {
    const octets = octetsOf(piece)
    if (octets > MAX_LINE) return err({ kind: 'word-too-long', octets })
    if (lineOctets + octets > (first ? MAX_LINE : PREFERRED_LINE)) {
      text += `\r\n`
      lineOctets = 0
    }
    text += piece
    lineOctets += octets
    first = false
  }
  return ok(encodeUtf8(first ? `${text} \r\n` : `${text}\r\n`))
}

// Not a regular expression: `[ \t]+$` takes quadratic time on white space that is not at the end.
function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text[start])) start++
  while (end > start && isSpace(text[end - 1])) end--
  return text.slice(start, end)
}

function octetsOf(text: string): number {
  let octets = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // A surrogate pair is four octets: two for each half.
    octets += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return octets
}

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t'

const PREFERRED_LINE = 78
const MAX_LINE = 998
const FIELD_NAME = /^[!-9;-~]{1,76}$/
// oxlint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const SPACED_WORD = /[ \t]+[^ \t]+/g
