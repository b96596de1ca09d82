// Fields written by us: folded at white space, never a line of more than 998 octets, nothing a value could break out of.
// RFC 5322 §2.1.1 (line lengths), §2.2.3 (folding), §3.6.8 (names); RFC 6532 §3.2 (UTF-8)

import { encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { trimSpace } from './cfws.ts'

export type FormatFieldError =
  | { readonly kind: 'bad-field-name'; readonly name: string }
  | { readonly kind: 'control-in-value'; readonly at: number }
  | { readonly kind: 'not-unicode' }
  | { readonly kind: 'word-too-long'; readonly octets: number }

/**
 * `name: value` CRLF. Folds before white space so that lines stay within 78 octets where they can, those with an encoded
 * word within 76; unfolding gives `value`
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
  let encoded = false // whether the line has an encoded word
  for (const piece of ` ${trimSpace(value)}`.match(SPACED_WORD) ?? []) {
    const octets = octetsOf(piece)
    if (octets > MAX_LINE) return err({ kind: 'word-too-long', octets })
    const hasWord = ENCODED_WORD.test(piece)
    const preferred = encoded || hasWord ? MAX_LINE_WITH_WORD : first ? MAX_LINE : PREFERRED_LINE
    if (lineOctets + octets > preferred) {
      text += `\r\n`
      lineOctets = 0
      encoded = false
    }
    encoded ||= hasWord
    text += piece
    lineOctets += octets
    first = false
  }
  return ok(encodeUtf8(first ? `${text} \r\n` : `${text}\r\n`))
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

const PREFERRED_LINE = 78
const MAX_LINE = 998
const MAX_LINE_WITH_WORD = 76 // RFC 2047 §2
const ENCODED_WORD = /=\?[^?]{1,64}\?[BbQq]\?[^?]*\?=/
const FIELD_NAME = /^[!-9;-~]{1,76}$/
// oxlint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const SPACED_WORD = /[ \t]+[^ \t]+/g
