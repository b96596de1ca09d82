// Encoded words, read: `=?charset?B?…?=` and `=?charset?Q?…?=` within text. Adjacent words of one charset are joined before
// they are decoded, since writers cut inside of characters. What is not well formed stays as it is.
// RFC 2047 §2 (syntax), §4 (encodings), §5 (where), §6.2 (white space between words); RFC 2231 §5 (language)

import { concatOctets, encodeLatin1 } from '@scop/octets'
import { decodeCharsetInField } from './charset.ts'
import { isSpace, readComment, trimSpace } from './cfws.ts'
import { decodeTransfer } from './transfer-decoder.ts'

export type EncodedWordDefect = {
  readonly kind:
    | 'unknown-charset'
    | 'undecodable-octets'
    | 'bad-encoding'
    | 'space-in-word'
    | 'not-separated'
    | 'control-in-word'
    | 'too-many-words'
  /** Where the word begins, in UTF-16 code units from the start of the text. */
  readonly at: number
}
export type DecodedWords = { readonly text: string; readonly defects: readonly EncodedWordDefect[] }

export type EncodedWordLimits = {
  /** Words decoded; those after stay as they are. */
  readonly words: number
  readonly defects: number
}

export const ENCODED_WORD_LIMITS: EncodedWordLimits = { words: 5000, defects: 100 }

/**
 * Decodes the words in unstructured text (unfolded or not: a line end before white space goes), and in a display name as
 * `encodedPhraseText` has it. Words are taken wherever they stand, though RFC 2047 §5 wants white space around them.
 * A control character that was hidden in a word becomes U+FFFD: it could end a line further on.
 */
export function decodeEncodedWords(text: string, limits: EncodedWordLimits = ENCODED_WORD_LIMITS): DecodedWords {
  if (!text.includes('=?')) return { text: withoutLineEnds(text), defects: [] }
  const defects: EncodedWordDefect[] = []
  const note = (kind: EncodedWordDefect['kind'], at: number): void => {
    const last = defects.at(-1)
    if (last?.kind === kind && last.at === at) return // once for each word
    if (defects.length < limits.defects) defects.push({ kind, at })
  }
  let decoded = ''
  let plainFrom = 0
  let words = 0
  let run: Run | undefined
  const flush = (): void => {
    if (run !== undefined) decoded += decodeRun(run, note)
    run = undefined
  }
  const ends = { next: -1 }
  for (let at = text.indexOf('=?'); at >= 0; ) {
    const word = readWord(text, at, ends)
    if (word === undefined) {
      at = text.indexOf('=?', at + 2)
      continue
    }
    if (++words > limits.words) {
      note('too-many-words', at)
      break
    }
    const between = text.slice(plainFrom, at)
    const adjacent = run !== undefined && isAllSpace(between)
    if (!adjacent) {
      flush()
      decoded += withoutLineEnds(between)
    }
    if (at > 0 && !isSpace(text.charCodeAt(at - 1))) note('not-separated', at)
    if (word.spaced) note('space-in-word', at)
    const octets = decodeWord(word, at, note)
    if (run !== undefined && run.charset === word.charset) run.pieces.push(octets)
    else {
      flush()
      run = { charset: word.charset, pieces: [octets], at }
    }
    plainFrom = word.end
    at = text.indexOf('=?', word.end)
  }
  flush()
  return { text: decoded + withoutLineEnds(text.slice(plainFrom)), defects }
}

/** The text of an unstructured field, as Subject. White space at its ends counts where it is encoded. RFC 5322 §3.2.5 */
export function decodeUnstructured(value: string): string {
  return decodeEncodedWords(trimSpace(value)).text
}

/** What a comment says, with or without its outer parentheses. */
export function decodeComment(comment: string): string {
  const whole = comment.startsWith('(') ? comment : `(${comment})`
  return decodeEncodedWords(trimSpace(readComment(whole, 0).content)).text
}

type Word = {
  readonly charset: string
  readonly encoding: 'B' | 'Q'
  readonly content: string
  readonly spaced: boolean
  readonly end: number
}
type Run = { readonly charset: string; readonly pieces: Uint8Array[]; readonly at: number }

// encoded-word = "=?" charset [ "*" language ] "?" encoding "?" encoded-text "?="
function readWord(text: string, start: number, ends: { next: number }): Word | undefined {
  const mark = indexOfWithin(text, '?', start + 2, start + 2 + MAX_CHARSET)
  if (mark <= start + 2 || text[mark + 2] !== '?') return undefined
  const encoding = text.charAt(mark + 1).toUpperCase()
  if (encoding !== 'B' && encoding !== 'Q') return undefined
  const charset = text.slice(start + 2, mark)
  if (!CHARSET.test(charset)) return undefined
  const from = mark + 3
  // Each "?=" is looked for once, however many words never end.
  if (ends.next < from) {
    const next = text.indexOf('?=', from)
    ends.next = next < 0 ? text.length : next
  }
  const end = ends.next
  if (end >= text.length) return undefined
  const inner = text.lastIndexOf('=?', end - 2) // cheap: it stops at this word's own mark at the latest
  if (inner >= from) return undefined // a word that never ended, and then one that does
  const content = text.slice(from, end)
  const label = (charset.split('*', 1)[0] ?? '').toLowerCase()
  return { charset: label, encoding, content, spaced: SPACE.test(content), end: end + 2 }
}

function indexOfWithin(text: string, char: string, from: number, end: number): number {
  const limit = Math.min(end, text.length)
  for (let at = from; at < limit; at++) if (text[at] === char) return at
  return -1
}

function decodeWord(word: Word, at: number, note: (kind: EncodedWordDefect['kind'], at: number) => void): Uint8Array {
  if (word.encoding === 'Q') return decodeQ(word.content, word.charset, () => note('bad-encoding', at))
  const { octets, defects } = decodeTransfer(encodeLossy(word.content), 'base64')
  // Padding is often left off.
  if (defects.some(({ kind }) => kind !== 'missing-padding')) note('bad-encoding', at)
  return octets
}

// Q = *( "_" / "=" 2HEX / any but "?" and SPACE )      RFC 2047 §4.2
/** An octet that should have been escaped is of the word's charset, as those that were. */
function decodeQ(content: string, charset: string, bad: () => void): Uint8Array {
  const octets = new Uint8Array(content.length * 3) // UTF-8 of what should not be there unescaped
  let length = 0
  for (let i = 0; i < content.length; i++) {
    const code = content.charCodeAt(i)
    if (code === UNDERSCORE) octets[length++] = SPACE_OCTET
    else if (code === EQUALS) {
      const hex = content.slice(i + 1, i + 3)
      if (HEX.test(hex)) {
        octets[length++] = Number.parseInt(hex, 16)
        i += 2
      } else {
        bad()
        octets[length++] = code
      }
    } else if (code === CR || code === LF) {
      // a fold in the middle of a word: the white space after it is not part of the word
      while (isSpace(content.charCodeAt(i + 1))) i++
    } else if (code < 0x80) octets[length++] = code
    else {
      bad()
      if (code <= 0xff && charset !== 'utf-8') {
        octets[length++] = code
        continue
      }
      const end = (content.codePointAt(i) ?? 0) > 0xffff ? i + 2 : i + 1
      length += ENCODER.encodeInto(content.slice(i, end), octets.subarray(length)).written
      i = end - 1
    }
  }
  return octets.subarray(0, length)
}

function decodeRun(run: Run, note: (kind: EncodedWordDefect['kind'], at: number) => void): string {
  const { text, defects } = decodeCharsetInField(concatOctets(run.pieces), run.charset)
  for (const defect of defects) {
    if (defect === 'unknown-charset') note('unknown-charset', run.at)
    else note('undecodable-octets', run.at)
  }
  if (!CONTROL.test(text)) return text
  note('control-in-word', run.at)
  return text.replace(CONTROLS, '\ufffd')
}

/** Code units above U+00FF are no base64: any octet outside the alphabet stands for them. */
function encodeLossy(text: string): Uint8Array {
  return encodeLatin1(text.replace(NOT_LATIN1, '\u00ff'))
}

function isAllSpace(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isSpace(text.charCodeAt(i))) return false
  return true
}

const withoutLineEnds = (text: string): string => text.replace(LINE_ENDS, '')

const MAX_CHARSET = 64
const CHARSET = /^[^\s()<>@,;:"/[\]?=]+$/
const CR = 0x0d
const LF = 0x0a
const SPACE_OCTET = 0x20
const EQUALS = 0x3d
const UNDERSCORE = 0x5f
const HEX = /^[0-9A-Fa-f]{2}$/
const SPACE = /[ \t\r\n]/
const LINE_ENDS = /[\r\n]/g
const NOT_LATIN1 = /[^\u0000-\u00ff]/g
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g
const ENCODER = new TextEncoder()
