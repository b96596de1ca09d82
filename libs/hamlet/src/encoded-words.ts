// Encoded words, written: Q and B, in many charsets, cut between characters. A word has at most 75 octets and a line with one at
// most 76. RFC 2047 §2, §4, §5; RFC 2231 §5 (language)

import { type Charset, drawCharset, drawUnits, type Unit } from './charset-text.ts'
import type { Scribe } from './scribe.ts'

/** What may stand in a word as itself: RFC 2047 §5 (1), (2), (3). */
export type EncodedWordPlace = 'unstructured' | 'comment' | 'phrase'

/** One encoded word or more, parted by white space that is none of the text; answers the text. White space or `(` stands before. */
export function writeEncodedWords(scribe: Scribe, place: EncodedWordPlace, words: number): string {
  const { out } = scribe
  // White space before the first one is no part of a phrase, nor of unstructured text that begins here.
  if (place === 'phrase' && out.column > FIRST_COLUMN) scribe.fold()
  const cut = scribe.choose('encoded-word-cut')
  const first = drawCharset(scribe, scribe.choose('encoded-word-charset'))
  let text = writeRun(scribe, place, first, drawUnits(scribe, first, words), cut === 'anywhere')
  if (cut === 'charset-changes') {
    const second = drawCharset(scribe, scribe.choose('encoded-word-charset'))
    if (second !== first) {
      separateWord(scribe)
      text += writeRun(scribe, place, second, drawUnits(scribe, second, 1), false)
    }
  }
  return text
}

function writeRun(
  scribe: Scribe,
  place: EncodedWordPlace,
  charset: Charset,
  units: readonly Unit[],
  anywhere: boolean,
): string {
  const { random } = scribe
  let text = ''
  let from = 0
  while (from < units.length) {
    const form = scribe.choose('encoded-word')
    const base64 = form === 'b' || form === 'b-lower'
    const encoding = form === 'b' ? 'B' : form === 'b-lower' ? 'b' : form === 'q-lower' ? 'q' : 'Q'
    const name = random.chance(30) ? charset.name.toUpperCase() : charset.name
    const prefix = `=?${name}${form === 'language' ? random.of(['*en', '*de-CH', '*EN']) : ''}?${encoding}?`
    const room = Math.min(LONGEST_WORD, LONGEST_LINE - scribe.out.column) - prefix.length - 2
    const octetMode = base64 ? 'where-needed' : scribe.choose('q-octet')
    let content = ''
    const octets: number[] = []
    let to = from
    while (to < units.length) {
      const unit = units[to] as Unit // as: to < length
      if (base64) {
        if (4 * Math.ceil((octets.length + unit.octets.length) / 3) > room && to > from) break
        for (const octet of unit.octets) octets.push(octet)
      } else {
        let encoded = ''
        for (const octet of unit.octets) {
          const must = !isPlain(octet, place)
          const escape = octetMode === 'always' || must || (octetMode === 'sometimes' && random.chance(20))
          if (octet === SPACE && octetMode !== 'always') encoded += random.chance(85) ? '_' : '=20'
          else encoded += escape ? `=${HEX[octet >> 4]}${HEX[octet & 15]}` : String.fromCharCode(octet)
        }
        if (content.length + encoded.length > room && to > from) break
        content += encoded
      }
      text += unit.text
      to++
      if (anywhere && random.chance(15)) break
    }
    const word = `${prefix}${base64 ? formatBase64(octets) : content}?=`
    scribe.out.text(word)
    from = to
    if (from < units.length) separateWord(scribe)
  }
  return text
}

/** White space before an encoded word, with room for it on the line; answers it unfolded. */
export function separateWord(scribe: Scribe): string {
  if (scribe.out.column <= FIRST_COLUMN) return scribe.fws(1)
  scribe.fold()
  return ' '
}

function isPlain(octet: number, place: EncodedWordPlace): boolean {
  if (octet <= SPACE || octet > 0x7e || octet === 0x3d || octet === 0x3f || octet === 0x5f) return false
  if (place === 'unstructured') return true
  if (place === 'comment') return octet !== 0x22 && octet !== 0x28 && octet !== 0x29 && octet !== 0x5c
  const letter = octet | 0x20
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (octet >= 0x30 && octet <= 0x39) ||
    '!*+-/'.includes(String.fromCharCode(octet))
  )
}

export function formatBase64(octets: ArrayLike<number>): string {
  let text = ''
  for (let i = 0; i < octets.length; i += 3) {
    const [a, b, c] = [octets[i] ?? 0, octets[i + 1], octets[i + 2]]
    text += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | ((b ?? 0) >> 4))
    text += b === undefined ? '=' : ALPHABET.charAt(((b & 15) << 2) | ((c ?? 0) >> 6))
    text += c === undefined ? '=' : ALPHABET.charAt(c & 63)
  }
  return text
}

const SPACE = 0x20
const LONGEST_WORD = 75
const LONGEST_LINE = 76
/** A word that begins further on has not always room for one character. */
const FIRST_COLUMN = 18
const HEX = '0123456789ABCDEF'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
