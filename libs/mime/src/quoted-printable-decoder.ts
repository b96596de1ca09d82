// quoted-printable bodies, in pieces. What is no escape stays as it is; white space at line ends was added on the way
// and goes; line ends stay as they are.
// RFC 2045 §6.7

import { concatOctets } from '@scop/octets'
import {
  DefectList,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferDefect,
  type TransferLimits,
} from './transfer-defect.ts'

export class QuotedPrintableDecoder implements TransferDecoder {
  readonly #list: DefectList
  readonly #limits: TransferLimits
  /** Octets that mean different things depending on what follows: white space, CR, the start of an escape. */
  #held: Uint8Array = EMPTY
  #offset = 0

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#limits = limits
    this.#list = new DefectList(limits)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#decode(chunk, false)
  }

  end(): Uint8Array {
    return this.#decode(EMPTY, true)
  }

  // qp-line = *( *(ptext / SPACE / TAB) ["=" CRLF] )      hex-octet = "=" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
  #decode(chunk: Uint8Array, last: boolean): Uint8Array {
    const input = this.#held.length === 0 ? chunk : concatOctets([this.#held, chunk])
    const start = this.#offset - this.#held.length
    this.#offset += chunk.length
    this.#held = EMPTY
    // Never longer than what it is read from: where that is a copy of ours, it is decoded in place.
    const decoded = input === chunk ? new Uint8Array(input.length) : input
    let length = 0
    // Before this index of `decoded` nothing is dropped: it came out of escapes or out of lines that have ended.
    let kept = 0
    for (let at = 0; at < input.length; ) {
      const octet = input[at] as number // as: at < length
      if (octet !== EQUALS && octet !== LF) {
        decoded[length++] = octet
        at++
        continue
      }
      if (octet === LF) {
        length = this.#dropWhiteSpace(decoded, kept, length)
        decoded[length++] = LF
        kept = length
        at++
        continue
      }
      const high = NIBBLES[input[at + 1] ?? 0] as number // as: 256 entries
      const low = NIBBLES[input[at + 2] ?? 0] as number // as: 256 entries
      if (high >= 0 && low >= 0) {
        if ((high | low) & LOWER) this.#list.note('lower-case-hex', start + at)
        decoded[length++] = ((high & 15) << 4) | (low & 15)
        kept = length
        at += 3
        continue
      }
      const end = high >= 0 && at + 2 < input.length ? at : this.#endOfSoftBreak(input, at)
      if (end === undefined || (high >= 0 && at + 2 >= input.length)) {
        if (!last) {
          this.#held = input.slice(at)
          return this.#withoutTail(decoded, kept, length)
        }
        if (high < 0 && !hasCr(input, at)) {
          this.#list.note('soft-break-at-end', start + at)
          return decoded.subarray(0, length)
        }
      }
      if (end === undefined || end === at || high >= 0) {
        this.#list.note('broken-escape', start + at)
        decoded[length++] = EQUALS
        kept = length
        at++
      } else {
        at = end
        kept = length
      }
    }
    if (!last) return this.#withoutTail(decoded, kept, length)
    return decoded.subarray(0, length - this.#whiteSpace(decoded, kept, length))
  }

  /** Past `=`, white space and the line end; `at` where something else stands there; undefined where the input ends. */
  #endOfSoftBreak(input: Uint8Array, at: number): number | undefined {
    let end = at + 1
    const furthest = end + this.#limits.whiteSpaceOctets
    while (end < furthest && isWhiteSpace(input[end])) end++
    if (end >= furthest) return at
    if (input[end] === CR) end++
    if (end >= input.length) return undefined
    return input[end] === LF ? end + 1 : at
  }

  /** Holds back what may yet turn out to stand at a line end. */
  #withoutTail(decoded: Uint8Array, kept: number, length: number): Uint8Array {
    if (this.#held.length > 0) return decoded.subarray(0, length)
    const beforeCr = length > kept && decoded[length - 1] === CR ? length - 1 : length
    const end = beforeCr - this.#whiteSpace(decoded, kept, beforeCr)
    this.#held = decoded.slice(end, length)
    return decoded.subarray(0, end)
  }

  #dropWhiteSpace(decoded: Uint8Array, kept: number, length: number): number {
    const beforeCr = length > kept && decoded[length - 1] === CR ? length - 1 : length
    const dropped = this.#whiteSpace(decoded, kept, beforeCr)
    if (dropped === 0) return length
    if (beforeCr === length) return length - dropped
    decoded[beforeCr - dropped] = CR
    return length - dropped
  }

  /** How much literal white space ends at `end`. What is over the limit was let go already, as whole multiples of it. */
  #whiteSpace(decoded: Uint8Array, kept: number, end: number): number {
    let start = end
    while (start > kept && isWhiteSpace(decoded[start - 1])) start--
    return (end - start) % this.#limits.whiteSpaceOctets
  }
}

const hasCr = (input: Uint8Array, from: number): boolean => input.indexOf(CR, from) >= 0
const isWhiteSpace = (octet: number | undefined): boolean => octet === SPACE || octet === TAB

const EMPTY = new Uint8Array(0)
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const EQUALS = 0x3d
/** Marks `a` to `f`: read, though only upper case may be written. */
const LOWER = 16
const NIBBLES = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  NIBBLES['0123456789ABCDEF'.charCodeAt(i)] = i
  if (i > 9) NIBBLES['0123456789abcdef'.charCodeAt(i)] = i | LOWER
}
