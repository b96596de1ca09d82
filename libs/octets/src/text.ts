// Octets to text and back, for the three encodings that protocols name: US-ASCII, ISO-8859-1, UTF-8.
// RFC 20 (ASCII), RFC 3629 (UTF-8)

import { err, ok, type Result } from '@scop/result'
import { equalOctets } from './search.ts'

export type TextError = { readonly kind: 'not-ascii' | 'not-utf8' }

/** The octets of ASCII `text`. A character above U+007F is our own mistake, and throws. */
export function encodeAscii(text: string): Uint8Array {
  const octets = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) throw new Error(`Cannot encode as ASCII: U+${code.toString(16)} at ${i}`)
    octets[i] = code
  }
  return octets
}

export function decodeAscii(octets: Uint8Array): Result<string, TextError> {
  return isAscii(octets) ? ok(decodeLatin1(octets)) : err({ kind: 'not-ascii' })
}

export function isAscii(octets: Uint8Array): boolean {
  for (let i = 0; i < octets.length; i++) if ((octets[i] as number) > 0x7f) return false // as: i < length
  return true
}

/** One character per octet, U+0000 to U+00FF: loses nothing, and means nothing above U+007F. */
export function decodeLatin1(octets: Uint8Array): string {
  if (octets.length >= WORTH_A_DECODER) {
    // Read as UTF-8, which the runtime does much faster, nothing but ASCII gives one character for each octet.
    const text = UTF8_LOSSY.decode(octets)
    if (text.length === octets.length && !text.includes(REPLACEMENT)) return text
  }
  // oxlint-disable-next-line typescript/no-unsafe-return -- `apply` is typed any; `fromCharCode` gives a string
  if (octets.length <= APPLY_MAX) return Reflect.apply(String.fromCharCode, undefined, octets)
  let text = ''
  for (let at = 0; at < octets.length; at += APPLY_MAX) text += decodeLatin1(octets.subarray(at, at + APPLY_MAX))
  return text
}

/** The inverse of `decodeLatin1`. A character above U+00FF is our own mistake, and throws. */
export function encodeLatin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) throw new Error(`Cannot encode as ISO-8859-1: U+${code.toString(16)} at ${i}`)
    octets[i] = code
  }
  return octets
}

/** Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return UTF8_ENCODER.encode(text)
}

/** Refuses overlong forms, surrogates and cut sequences. A byte order mark stays. */
export function decodeUtf8(octets: Uint8Array): Result<string, TextError> {
  const text = UTF8_LOSSY.decode(octets)
  // U+FFFD stands for what is not UTF-8, or for itself. (A decoder that throws is slow where much is not UTF-8.)
  const isWhole = !text.includes(REPLACEMENT) || equalOctets(UTF8_ENCODER.encode(text), octets)
  return isWhole ? ok(text) : err({ kind: 'not-utf8' })
}

const APPLY_MAX = 4096 // arguments per call; engines refuse very long lists
const WORTH_A_DECODER = 24
const REPLACEMENT = '\ufffd'
const UTF8_ENCODER = new TextEncoder()
const UTF8_LOSSY = new TextDecoder('utf-8', { ignoreBOM: true })
