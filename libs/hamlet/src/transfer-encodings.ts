// Bodies, written in their transfer encodings. No line begins with "--", so that none is taken for a delimiter.
// RFC 2045 §6.7 (quoted-printable), §6.8 (base64); yEnc draft 1.3 (yenc.org)

import type { Scribe } from './scribe.ts'

export function writeBase64(scribe: Scribe, octets: Uint8Array): void {
  const { out, random } = scribe
  const form = scribe.choose('base64-lines')
  const fixed =
    form === '76' ? 19 : form === '72' ? 18 : form === '60' ? 15 : form === 'one-quad' ? 1 : random.between(1, 19)
  // Lines of one quad each are not for large bodies.
  const quads = form === 'one-quad' && octets.length > 2000 ? 19 : fixed
  for (let at = 0; at < octets.length; ) {
    if (at > 0) out.lineEnd()
    for (
      let left = form === 'ragged' ? random.between(1, 19) : quads;
      left > 0 && at < octets.length;
      left--, at += 3
    ) {
      const [a, b, c] = [octets[at] as number, octets[at + 1], octets[at + 2]] // as: at < length
      out.octet(ALPHABET[a >> 2] as number) // as: 64 entries, here and below
      out.octet(ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)] as number)
      out.octet(b === undefined ? PAD : (ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)] as number))
      out.octet(c === undefined ? PAD : (ALPHABET[c & 63] as number))
    }
  }
  if (scribe.choose('base64-end') === 'line-end') out.lineEnd()
}

export function writeQuotedPrintable(scribe: Scribe, octets: Uint8Array, isText: boolean): void {
  const { out, random } = scribe
  const much = scribe.choose('qp-octet')
  const anywhere = scribe.choose('qp-soft-break') === 'anywhere'
  const asLines = isText && scribe.choose('qp-line-end') === 'as-line'
  const padding = scribe.choose('qp-padding')
  let column = 0
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number // as: at < length
    if (asLines && octet === CR && octets[at + 1] === LF) {
      if (padding === 'at-line-end' && column < 60 && random.chance(30)) out.text(' \t')
      out.lineEnd()
      column = 0
      at++
      continue
    }
    const next = octets[at + 1]
    const endsLine = next === undefined || (asLines && next === CR && octets[at + 2] === LF)
    const white = octet === SPACE || octet === TAB
    let literal = (octet > SPACE && octet < 0x7f && octet !== EQUALS) || (white && !endsLine)
    if (much === 'all' || (much === 'more' && random.chance(15))) literal = false
    const width = literal ? 1 : 3
    if (column + width > (endsLine ? 76 : 75) || (anywhere && column > 0 && random.chance(6))) {
      out.octet(EQUALS)
      if (padding === 'after-soft-break' && column < 60 && random.chance(50)) out.text('  ')
      out.lineEnd()
      column = 0
    }
    if (literal && !(octet === DASH && column === 0)) {
      out.octet(octet)
      column++
    } else {
      out.octet(EQUALS)
      out.octet(HEX[octet >> 4] as number) // as: 16 entries
      out.octet(HEX[octet & 15] as number)
      column += 3
    }
  }
}

/** `begin 644 name`, lines of 45 octets, `end`. Backquotes stand for spaces. The last line has not 13 octets: it would begin with "-". */
export function writeUuencode(scribe: Scribe, octets: Uint8Array, name: string): void {
  const { out } = scribe
  if (octets.length % 45 === 13) throw new Error('Cannot uuencode: a line would begin with "-"')
  out.text(`begin 644 ${name}\r\n`)
  const digit = (value: number): void => out.octet(value === 0 ? 0x60 : 0x20 + value)
  for (let line = 0; line < octets.length; line += 45) {
    const end = Math.min(line + 45, octets.length)
    digit(end - line)
    for (let at = line; at < end; at += 3) {
      const [a, b, c] = [octets[at] ?? 0, octets[at + 1] ?? 0, octets[at + 2] ?? 0]
      digit(a >> 2)
      digit(((a & 3) << 4) | (b >> 4))
      digit(((b & 15) << 2) | (c >> 6))
      digit(c & 63)
    }
    out.lineEnd()
  }
  out.text('`\r\nend\r\n')
}

export function writeYenc(scribe: Scribe, octets: Uint8Array, name: string): void {
  const { out } = scribe
  out.text(`=ybegin line=128 size=${octets.length} name=${name}\r\n`)
  let column = 0
  let crc = -1
  for (const octet of octets) {
    crc = (CRC[(crc ^ octet) & 0xff] as number) ^ (crc >>> 8) // as: 256 entries
    const shifted = (octet + 42) & 0xff
    const first = column === 0 && (shifted === DASH || shifted === 0x2e || shifted === SPACE || shifted === TAB)
    const last = column >= 127 && (shifted === SPACE || shifted === TAB)
    if (first || last || shifted === 0 || shifted === LF || shifted === CR || shifted === EQUALS) {
      out.octet(EQUALS)
      out.octet((shifted + 64) & 0xff)
      column += 2
    } else {
      out.octet(shifted)
      column++
    }
    if (column >= 128) {
      out.lineEnd()
      column = 0
    }
  }
  if (column > 0) out.lineEnd()
  const checksum = (~crc >>> 0).toString(16).padStart(8, '0')
  out.text(`=yend size=${octets.length} crc32=${checksum}\r\n`)
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DASH = 0x2d
const EQUALS = 0x3d
const PAD = EQUALS
const asciiOctets = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
const HEX = asciiOctets('0123456789ABCDEF')
const ALPHABET = asciiOctets('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const CRC = new Int32Array(256)
for (let i = 0; i < 256; i++) {
  let value = i
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  CRC[i] = value
}
