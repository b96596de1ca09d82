// The first uuencoded block in text that comes in pieces: a `begin` line, and under it a line of data or `end`.
// POSIX.1-2017 uuencode (historical form)

import { decodeLatin1 } from '@scop/octets'
import { type Line, LineSplitter } from './line-splitter.ts'
import { BEGIN, LONGEST_BEGIN } from './uuencode-decoder.ts'

export class UuencodedBlockFinder {
  readonly #lines = new LineSplitter(LONGEST_DATA)
  /** Where the line before began, if it was a `begin`. */
  #begin: number | undefined
  #found: number | undefined

  push(octets: Uint8Array): void {
    if (this.#found === undefined) this.#lines.push(octets, this.#line)
  }

  /** Octets from the start of the text. */
  finish(): number | undefined {
    if (this.#found === undefined) this.#lines.end(this.#line)
    return this.#found
  }

  readonly #line = ({ octets, offset }: Line): void => {
    if (this.#found !== undefined) return
    if (this.#begin !== undefined && isData(octets)) this.#found = this.#begin
    const begins = octets[0] === LOWER_B && BEGIN.test(decodeLatin1(octets.subarray(0, LONGEST_BEGIN)))
    this.#begin = begins ? offset : undefined
  }
}

/** A length and as many groups of four as it asks for; some writers add a checksum, some drop white space at the end. */
function isData(octets: Uint8Array): boolean {
  if (octets.length === END.length && END.every((octet, at) => octets[at] === octet)) return true
  const length = octets[0]
  if (length === undefined || length < SPACE || length > BACKTICK) return false
  const groups = Math.ceil(((length - SPACE) & 63) / 3)
  if (octets.length > groups * 4 + 2 || (groups > 0 && octets.length < groups * 4 - 2)) return false
  return octets.every((octet) => octet >= SPACE && octet <= BACKTICK)
}

const LONGEST_DATA = 87 // a length, 21 groups and a checksum, and one octet more
const SPACE = 0x20
const BACKTICK = 0x60
const LOWER_B = 0x62
const END = Uint8Array.of(0x65, 0x6e, 0x64)
