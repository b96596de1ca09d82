// Bodies written in base64 and quoted-printable, in pieces: the same octets for every cut, no line over 76.
// RFC 2045 §6.7, §6.8

import { concatOctets, encodeAscii } from '@scop/octets'

export interface TransferEncoder {
  push(chunk: Uint8Array): Uint8Array
  /** What was held back. Call once, after the last `push`. */
  end(): Uint8Array
}

/** Lines of 76 characters that each end with CRLF; nothing for nothing. */
export class Base64Encoder implements TransferEncoder {
  #held: Uint8Array = EMPTY

  push(chunk: Uint8Array): Uint8Array {
    const input = this.#held.length === 0 ? chunk : concatOctets([this.#held, chunk])
    const whole = input.length - (input.length % LINE_INPUT)
    this.#held = input.slice(whole)
    return encodeLines(input.subarray(0, whole))
  }

  end(): Uint8Array {
    const last = encodeLines(this.#held)
    this.#held = EMPTY
    return last
  }
}

function encodeLines(octets: Uint8Array): Uint8Array {
  const text = encodeAscii(octets.toBase64())
  const lines = new Uint8Array(text.length + 2 * Math.ceil(text.length / MAX_LINE))
  for (let at = 0, to = 0; at < text.length; at += MAX_LINE) {
    const line = text.subarray(at, at + MAX_LINE)
    lines.set(line, to)
    to += line.length
    lines[to++] = CR
    lines[to++] = LF
  }
  return lines
}

/**
 * Text: CRLF stays a line end, a CR or LF alone is escaped. Binary: every line end is escaped, so that no one on the way
 * may change it. A lone "." and "From " at a line start are escaped too: neither SMTP nor an mbox can alter the line.
 */
export class QuotedPrintableEncoder implements TransferEncoder {
  readonly #binary: boolean
  readonly #dashes: boolean
  /** Octets that cannot be written before the next ones are known: CR, white space, a "." or "From" at a line start. */
  #held: Uint8Array = EMPTY
  #column = 0

  /** `dashes`: two of them at a line start are escaped, so that no line is the delimiter of a multipart. */
  constructor(options: { readonly binary: boolean; readonly dashes?: boolean } = { binary: false }) {
    this.#binary = options.binary
    this.#dashes = options.dashes ?? false
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#encode(chunk, false)
  }

  end(): Uint8Array {
    return this.#encode(EMPTY, true)
  }

  #encode(chunk: Uint8Array, last: boolean): Uint8Array {
    const input = this.#held.length === 0 ? chunk : concatOctets([this.#held, chunk])
    // Three for an escape, three for a soft line break before it
    const encoded = new Uint8Array(input.length * 6)
    let length = 0
    let at = 0
    while (at < input.length) {
      if (!last && input.length - at < LOOK_AHEAD) break
      const octet = input[at] as number // as: at < length
      if (!this.#binary && octet === CR && input[at + 1] === LF) {
        encoded[length++] = CR
        encoded[length++] = LF
        this.#column = 0
        at += 2
        continue
      }
      const lineEnds = at + 1 >= input.length || (!this.#binary && input[at + 1] === CR && input[at + 2] === LF)
      const literal =
        octet === SPACE || octet === TAB
          ? !lineEnds
          : octet > SPACE && octet < DEL && octet !== EQUALS && !(this.#column === 0 && this.#endangered(input, at))
      // One column stays free for the "=" of a soft break, unless the line ends right here.
      const width = literal ? 1 : 3
      if (this.#column + width > (lineEnds ? MAX_LINE : MAX_LINE - 1)) {
        encoded[length++] = EQUALS
        encoded[length++] = CR
        encoded[length++] = LF
        this.#column = 0
        continue // again: at a line start other things are escaped
      }
      if (literal) encoded[length++] = octet
      else {
        encoded[length++] = EQUALS
        encoded[length++] = HEX[octet >> 4] as number // as: 16 entries
        encoded[length++] = HEX[octet & 15] as number // as: 16 entries
      }
      this.#column += width
      at++
    }
    this.#held = input.slice(at)
    return encoded.slice(0, length)
  }

  #endangered(input: Uint8Array, at: number): boolean {
    if (input[at] === DOT) return true
    if (this.#dashes && input[at] === DASH && input[at + 1] === DASH) return true
    for (let i = 0; i < FROM.length; i++) if (input[at + i] !== FROM[i]) return false
    return true
  }
}

const EMPTY = new Uint8Array(0)
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DASH = 0x2d
const DOT = 0x2e
const EQUALS = 0x3d
const DEL = 0x7f
const MAX_LINE = 76
const LINE_INPUT = 57 // octets that make 76 characters
const HEX = encodeAscii('0123456789ABCDEF')
const FROM = encodeAscii('From ')
const LOOK_AHEAD = FROM.length
