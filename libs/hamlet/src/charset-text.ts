// Text together with its octets in some charset, in units that are whole characters: for encoded words, extended parameters and
// bodies. RFC 2047 §5 (no character is cut), RFC 2978 (charsets)

import { CHARSET_SAMPLES } from './charset-samples.generated.ts'
import type { Scribe } from './scribe.ts'
import type { Alternative } from './weights.ts'
import { UTF8_WORDS, WORDS } from './words.ts'

export type Unit = { readonly text: string; readonly octets: Uint8Array }
export type Charset = {
  readonly name: string
  /** Strings that begin and end in the initial state, if the charset has any. */
  readonly words: readonly (readonly Unit[])[]
  readonly space: Unit
}

export type CharsetKind = Alternative<'encoded-word-charset'>

export function drawCharset(scribe: Scribe, kind: CharsetKind): Charset {
  switch (kind) {
    case 'utf-8':
      return UTF8
    case 'us-ascii':
      return ASCII
    case 'single-octet':
      return scribe.random.of(SINGLE)
    case 'multibyte':
      return scribe.random.of(MULTIBYTE)
  }
}

/** Of the charset UTF-16, which no header may have. */
export const drawWideCharset = (scribe: Scribe): Charset => scribe.random.of(WIDE)

/** Words of the charset, and of ASCII, with single spaces between. */
export function drawUnits(scribe: Scribe, charset: Charset, words: number): Unit[] {
  const units: Unit[] = []
  for (let i = 0; i < words; i++) {
    if (i > 0) units.push(charset.space)
    const plain = charset.space.octets.length === 1 && scribe.random.chance(30)
    const word = plain ? unitsOf(scribe.word()) : scribe.random.of(charset.words)
    for (const unit of word) units.push(unit)
  }
  return units
}

/** Each character in UTF-8. */
export function unitsOf(text: string): readonly Unit[] {
  return Array.from(text, (char) => UNITS.get(char) ?? keep(char))
}

function keep(char: string): Unit {
  const unit = { text: char, octets: ENCODER.encode(char) }
  UNITS.set(char, unit)
  return unit
}

function octetsOf(hex: string): Uint8Array {
  const octets = new Uint8Array(hex.length / 2)
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return octets
}

const ENCODER = new TextEncoder()
/** As many as there are characters in the word lists. */
const UNITS = new Map<string, Unit>()
const SPACE = keep(' ')

const UTF8: Charset = { name: 'utf-8', words: UTF8_WORDS.map(unitsOf), space: SPACE }
const ASCII: Charset = { name: 'us-ascii', words: WORDS.slice(0, 100).map(unitsOf), space: SPACE }
const ALL = CHARSET_SAMPLES.map(({ charset, multibyte, samples }): Charset & { readonly multibyte: boolean } => ({
  name: charset,
  multibyte,
  space: charset === 'utf-16be' ? wide(0, 0x20) : charset === 'utf-16le' ? wide(0x20, 0) : SPACE,
  words: samples.map(([text, hex]) => {
    const octets = octetsOf(hex)
    if (multibyte) return [{ text, octets }]
    return Array.from(text, (char, i) => ({ text: char, octets: octets.subarray(i, i + 1) }))
  }),
}))
function wide(high: number, low: number): Unit {
  return { text: ' ', octets: Uint8Array.of(high, low) }
}
const WIDE = ALL.filter(({ space }) => space.octets.length > 1)
const SINGLE = ALL.filter(({ multibyte }) => !multibyte)
const MULTIBYTE = ALL.filter(({ multibyte, space }) => multibyte && space.octets.length === 1)
