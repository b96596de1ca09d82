// uuencode bodies, read in pieces. What stands before "begin" and after "end" is not data.
// POSIX.1-2017 uuencode (historical form; x-uuencode in Content-Transfer-Encoding)

import { concatOctets, decodeLatin1 } from '@scop/octets'
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

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#list = new DefectList(limits)
    this.#lines = new LineSplitter(limits.lineOctets)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#offset += chunk.length
    if (this.#state === 'after') return EMPTY
    const pieces: Uint8Array[] = []
    this.#lines.push(chunk, (line) => pieces.push(this.#line(line)))
    return concatOctets(pieces)
  }

  end(): Uint8Array {
    const pieces: Uint8Array[] = []
    if (this.#state !== 'after') this.#lines.end((line) => pieces.push(this.#line(line)))
    if (this.#state !== 'after') this.#list.note(this.#state === 'before' ? 'no-begin' : 'no-end', this.#offset)
    return concatOctets(pieces)
  }

  // file = "begin" SP mode SP name LF *( length-char *data-char LF ) "end" LF
  #line(line: Line): Uint8Array {
    const { octets, offset } = line
    if (this.#state === 'before') {
      if (BEGIN.test(decodeLatin1(octets.subarray(0, LONGEST_BEGIN)))) this.#state = 'data'
      return EMPTY
    }
    if (this.#state === 'after' || octets.length === 0) return EMPTY
    if (line.cut) this.#list.note('line-too-long', offset)
    if (octets[0] === LOWER_E && octets[1] === LOWER_N && octets[2] === LOWER_D) {
      this.#state = 'after'
      return EMPTY
    }
    const length = sixBits(octets[0])
    if (length === undefined || octets.subarray(1, 1 + Math.ceil(length / 3) * 4).some((octet) => !isData(octet))) {
      this.#list.note('bad-line', offset)
      return EMPTY
    }
    // Spaces (zero bits) at the end of a line are often lost on the way: what is absent is zero.
    const decoded = new Uint8Array(Math.ceil(length / 3) * 3)
    for (let at = 1, to = 0; to < length; at += 4, to += 3) {
      const a = sixBits(octets[at]) ?? 0
      const b = sixBits(octets[at + 1]) ?? 0
      const c = sixBits(octets[at + 2]) ?? 0
      const d = sixBits(octets[at + 3]) ?? 0
      decoded[to] = (a << 2) | (b >> 4)
      decoded[to + 1] = (b << 4) | (c >> 2)
      decoded[to + 2] = (c << 6) | d
    }
    return decoded.subarray(0, length)
  }
}

const isData = (octet: number): boolean => octet >= SPACE && octet <= GRAVE
const sixBits = (octet: number | undefined): number | undefined =>
  octet === undefined || !isData(octet) ? undefined : (octet - SPACE) & 0x3f

const EMPTY = new Uint8Array(0)
const SPACE = 0x20
const GRAVE = 0x60
const LOWER_E = 0x65
const LOWER_N = 0x6e
const LOWER_D = 0x64
const LONGEST_BEGIN = 16
const BEGIN = /^begin [0-7]{3,6}(?: |$)/
