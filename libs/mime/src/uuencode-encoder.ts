// Bodies written in uuencode, in pieces: the same octets for every cut. A zero is a grave accent, which no one on the way
// strips, and no line has 13 octets, as its first character would be a dash: no line is the delimiter of a multipart.
// POSIX.1-2017 uuencode (historical form)

import { concatOctets, encodeAscii } from '@scop/octets'
import type { TransferEncoder } from './transfer-encoder.ts'

export class UuencodeEncoder implements TransferEncoder {
  #held: Uint8Array = new Uint8Array(0)
  #begun = false

  push(chunk: Uint8Array): Uint8Array {
    const input = concatOctets([this.#held, chunk])
    const lines = this.#begin()
    let at = 0
    for (; input.length - at >= LINE_OCTETS; at += LINE_OCTETS) lines.push(encodeLine(input, at, LINE_OCTETS))
    this.#held = input.slice(at)
    return concatOctets(lines)
  }

  end(): Uint8Array {
    const lines = this.#begin()
    let at = 0
    if (this.#held.length === DASH_OCTETS) lines.push(encodeLine(this.#held, 0, (at = DASH_OCTETS - 1)))
    if (at < this.#held.length) lines.push(encodeLine(this.#held, at, this.#held.length - at))
    lines.push(END)
    return concatOctets(lines)
  }

  #begin(): Uint8Array[] {
    const lines = this.#begun ? [] : [BEGIN]
    this.#begun = true
    return lines
  }
}

// line = length-char *( 4data-char ) CRLF
function encodeLine(octets: Uint8Array, start: number, length: number): Uint8Array {
  const groups = Math.ceil(length / 3)
  const line = new Uint8Array(1 + groups * 4 + 2)
  line[0] = dataChar(length)
  for (let i = 0; i < groups; i++) {
    const at = start + i * 3
    const end = start + length
    const a = octets[at] as number // as: at < end
    const b = at + 1 < end ? (octets[at + 1] as number) : 0
    const c = at + 2 < end ? (octets[at + 2] as number) : 0
    const to = 1 + i * 4
    line[to] = dataChar(a >> 2)
    line[to + 1] = dataChar(((a << 4) | (b >> 4)) & 0x3f)
    line[to + 2] = dataChar(((b << 2) | (c >> 6)) & 0x3f)
    line[to + 3] = dataChar(c & 0x3f)
  }
  line.set(CRLF, line.length - 2)
  return line
}

const dataChar = (sixBits: number): number => (sixBits === 0 ? GRAVE : SPACE + sixBits)

const SPACE = 0x20
const GRAVE = 0x60
const LINE_OCTETS = 45
const DASH_OCTETS = 13 // SPACE + 13 is "-"
const CRLF = encodeAscii('\r\n')
const BEGIN = encodeAscii('begin 644 body\r\n')
const END = encodeAscii('`\r\nend\r\n')
