// Encoded words, written: UTF-8, Q where most of it is ASCII and else B, no word over 75 characters, no character cut in two. Fold the
// answer at its spaces (`formatField` does). Read again by `decodeEncodedWords` it is the same text.
// RFC 2047 §2 (75 characters), §4 (encodings), §5 (what may stand in a phrase); RFC 5322 §3.2.3 (atext)

import { encodeUtf8 } from '@scop/octets'
import { formatComment, formatQuotedString } from './cfws.ts'

/**
 * The value of an unstructured field that says `text`. Plain words stay plain; from the first to the last word that needs
 * it, all is encoded. `column`: characters already on the line, as those of `Subject: `. Lone surrogates become U+FFFD.
 */
export function encodeUnstructured(text: string, column = 0): string {
  if (isPlain(text)) return text
  // Word by word with the white space before it, so that what is outside of the encoded span is kept exactly.
  let first = -1
  let end = 0
  for (const { index, 0: word } of text.matchAll(WORD)) {
    if (isPlainWord(word)) continue
    if (first < 0) first = index
    end = index + word.length
  }
  // White space at the ends, or too much of it in one place, would be lost or could not be folded.
  if (first < 0 || SPACE_AT_END.test(text) || LONG_SPACE.test(text)) return encodeSpan(text, column)
  const before = text.slice(0, first)
  const after = text.slice(end)
  return before + encodeSpan(text.slice(first, end), before === '' ? column : 1) + after
}

/**
 * A phrase (a display name) that says `text`: atoms, else a quoted string, else encoded words. `reserve`: characters that
 * stand right before or behind it, as a comma.
 */
export function encodePhrase(text: string, column = 0, reserve = 0): string {
  if (ATOMS.test(text)) return text
  if (text === '') return '""'
  const quoted = formatQuotedString(text)
  return isPlain(text) && isPlain(quoted) ? quoted : encodeSpan(text, column, reserve)
}

/** A comment that says `text`, with its parentheses. */
// comment = "(" *([FWS] ccontent) [FWS] ")"
export function encodeComment(text: string): string {
  const comment = formatComment(text)
  return isPlain(text) && isPlain(comment) ? comment : `(${encodeSpan(text, 1, COMMENT_RESERVE)})`
}

/** Encoded words that say all of `text`, a space between each two. */
// encoded-word = "=?UTF-8?" ( "Q" / "B" ) "?" encoded-text "?="
function encodeSpan(text: string, column: number, reserve = 0): string {
  const octets = encodeUtf8(text)
  let escaped = 0
  for (const octet of octets) if (Q_TEXT[octet] === 0) escaped++
  // Q is the longer one from a sixth on, and can be read by people up to some more.
  const encoding = escaped * 5 <= octets.length * 2 ? 'Q' : 'B'
  const words: string[] = []
  const fullRoom = Math.min(MAX_WORD, MAX_LINE - 1 - reserve) - OVERHEAD
  let room = Math.min(MAX_LINE - column - OVERHEAD, fullRoom)
  if (room < LEAST_ROOM) room = fullRoom // it will not stand on this line
  for (let start = 0; start < octets.length; ) {
    const end = endOfPiece(octets, start, room, encoding)
    const piece = octets.subarray(start, end)
    words.push(`=?UTF-8?${encoding}?${encoding === 'Q' ? encodeQ(piece) : piece.toBase64()}?=`)
    start = end
    room = fullRoom
  }
  return words.join(' ')
}

/** As many whole characters as fit. */
function endOfPiece(octets: Uint8Array, start: number, room: number, encoding: 'Q' | 'B'): number {
  let end = start
  let used = 0
  while (end < octets.length) {
    let next = end + 1
    while (next < octets.length && ((octets[next] as number) & 0xc0) === 0x80) next++ // as: next < length
    if (encoding === 'Q') for (let i = end; i < next; i++) used += Q_TEXT[octets[i] as number] === 0 ? 3 : 1 // as: i < length
    if ((encoding === 'Q' ? used : Math.ceil((next - start) / 3) * 4) > room) break
    end = next
  }
  return end
}

function encodeQ(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    if (octet === SPACE) text += '_'
    else
      text += Q_TEXT[octet] === 1 ? String.fromCharCode(octet) : `=${HEX.charAt(octet >> 4)}${HEX.charAt(octet & 15)}`
  }
  return text
}

/** Whether every reader sees `text` itself: printable ASCII, nothing that looks like an encoded word, no line too long. */
function isPlain(text: string): boolean {
  return (
    PRINTABLE.test(text) &&
    !text.includes('=?') &&
    !SPACE_AT_END.test(text) &&
    !LONG_SPACE.test(text) &&
    !LONG_WORD.test(text)
  )
}
const isPlainWord = (word: string): boolean =>
  PRINTABLE.test(word) && !word.includes('=?') && word.length <= MAX_PLAIN_WORD

const SPACE = 0x20
const MAX_LINE = 76
const MAX_WORD = 75
const OVERHEAD = '=?UTF-8?Q??='.length
const LEAST_ROOM = 12 // one character of four octets in Q
const MAX_PLAIN_WORD = 900 // what `formatField` must be able to put on one line
const COMMENT_RESERVE = 3 // its parentheses and a comma
const PRINTABLE = /^[\t\x20-\x7e]*$/
const WORD = /[^ \t]+/g
const SPACE_AT_END = /^[ \t]|[ \t]$/
const LONG_SPACE = /[ \t]{60}/
const LONG_WORD = /[^ \t]{901}/
const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/^_`{|}~]{1,76}(?: [A-Za-z0-9!#$%&'*+\-/^_`{|}~]{1,76}){0,30}$/
const HEX = '0123456789ABCDEF'
/** RFC 2047 §5 (3): what may stand unescaped in every place. A space is written `_`. */
const Q_TEXT = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/ ')
  Q_TEXT[char.charCodeAt(0)] = 1
