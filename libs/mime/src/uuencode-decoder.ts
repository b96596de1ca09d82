// uuencode bodies, read in pieces. What stands before "begin" and after "end" is not data.
// POSIX.1-2017 uuencode (historical form; x-uuencode in Content-Transfer-Encoding)

import { decodeLatin1 } from '@scop/octets'
import { type Line, LineSplitter } from './line-splitter.ts'
import {
  DefectList,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferDefect,
  type TransferLimits,
} from './transfer-defect.ts'

export class UuencodeDecoder implements TransferDecoder {
  readonly #list: DefectList
  readonly #lines: LineSplitter
  #state: 'before' | 'data' | 'after' = 'before'
  #offset = 0
  /** What is decoded since the last answer. */
  #into: Uint8Array = EMPTY
  #length = 0
  /** Octets that were answered without being there. */
  #absent = 0

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#list = new DefectList(limits)
    this.#lines = new LineSplitter(limits.lineOctets)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#offset += chunk.length
    this.#into = new Uint8Array(chunk.length)
    this.#length = 0
    if (this.#state !== 'after') this.#lines.push(chunk, this.#line)
    return this.#take()
  }

  end(): Uint8Array {
    if (this.#state !== 'after') this.#lines.end(this.#line)
    if (this.#state !== 'after') this.#list.note(this.#state === 'before' ? 'no-begin' : 'no-end', this.#offset)
    return this.#take()
  }

  #take(): Uint8Array {
    const decoded = this.#into.subarray(0, this.#length)
    this.#into = EMPTY
    this.#length = 0
    return decoded
  }

  // file = "begin" SP mode SP name LF *( length-char *data-char LF ) "end" LF
  readonly #line = (line: Line): void => {
    const { octets, offset } = line
    if (this.#state === 'before') {
      if (octets[0] === LOWER_B && BEGIN.test(decodeLatin1(octets.subarray(0, LONGEST_BEGIN)))) this.#state = 'data'
      return
    }
    if (this.#state === 'after' || octets.length === 0) return
    if (line.cut) this.#list.note('line-too-long', offset)
    if (octets[0] === LOWER_E && octets[1] === LOWER_N && octets[2] === LOWER_D) {
      this.#state = 'after'
      return
    }
    const length = sixBits(octets[0] as number) // as: not empty
    const end = length === undefined ? 0 : Math.min(octets.length, 1 + Math.ceil(length / 3) * 4)
    if (length === undefined || !isAllData(octets, end)) {
      this.#list.note('bad-line', offset)
      return
    }
    const there = Math.min(length, Math.ceil(((end - 1) * 3) / 4))
    // Spaces (zero bits) at the end of a line are often lost on the way: what is absent is zero.
    this.#absent += length - there
    if (there === length || this.#absent <= MOST_ABSENT) return this.#decode(octets, end, length)
    this.#list.note('bad-line', offset)
    this.#decode(octets, end, there)
  }

  #decode(line: Uint8Array, end: number, length: number): void {
    this.#makeRoom(length + 2) // the last quad may be more than is wanted
    let to = this.#length
    for (let at = 1; to < this.#length + length; at += 4, to += 3) {
      const quad =
        (sextet(line, at, end) << 18) |
        (sextet(line, at + 1, end) << 12) |
        (sextet(line, at + 2, end) << 6) |
        sextet(line, at + 3, end)
      this.#into[to] = quad >> 16
      this.#into[to + 1] = quad >> 8
      this.#into[to + 2] = quad
    }
    this.#length += length
  }

  #makeRoom(octets: number): void {
    if (this.#length + octets <= this.#into.length) return
    const grown = new Uint8Array(2 * (this.#length + octets))
    grown.set(this.#into.subarray(0, this.#length))
    this.#into = grown
  }
}

const isData = (octet: number): boolean => octet >= SPACE && octet <= GRAVE
const sixBits = (octet: number): number | undefined => (isData(octet) ? (octet - SPACE) & 0x3f : undefined)
const sextet = (line: Uint8Array, at: number, end: number): number =>
  at < end ? ((line[at] as number) - SPACE) & 0x3f : 0 // as: end <= line.length

function isAllData(line: Uint8Array, end: number): boolean {
  for (let at = 1; at < end; at++) if (!isData(line[at] as number)) return false // as: end <= line.length
  return true
}

const EMPTY = new Uint8Array(0)
const SPACE = 0x20
const GRAVE = 0x60
const LOWER_B = 0x62
const LOWER_E = 0x65
const LOWER_N = 0x6e
const LOWER_D = 0x64
/** Beyond this a line is what is there: a body of lengths alone would become thirty times as long. */
export const MOST_ABSENT = 1024 * 1024
export const LONGEST_BEGIN = 16
export const BEGIN = /^begin [0-7]{3,6}(?: |$)/
