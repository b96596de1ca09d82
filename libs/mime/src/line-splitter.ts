// Lines of a body in pieces, without their line ends, each cut at a limit. For encodings that work by lines.

import { concatOctets } from '@scop/octets'

export type Line = {
  readonly octets: Uint8Array
  /** Octets from the start of the body. */
  readonly offset: number
  readonly cut: boolean
}

export class LineSplitter {
  readonly #limit: number
  #held: Uint8Array[] = []
  #heldOctets = 0
  #start = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Calls `line` for each line that ends in `chunk`. */
  push(chunk: Uint8Array, line: (line: Line) => void): void {
    let at = 0
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, at)) {
      if (this.#heldOctets === 0) this.#give(chunk.subarray(at, Math.min(lf, at + this.#limit + 1)), lf - at, 1, line)
      else {
        this.#hold(chunk.subarray(at, lf))
        this.#giveHeld(1, line)
      }
      at = lf + 1
    }
    this.#hold(chunk.subarray(at), true)
  }

  /** The last line, where it has no line end. */
  end(line: (line: Line) => void): void {
    if (this.#heldOctets > 0) this.#giveHeld(0, line)
  }

  /** What is kept from one chunk to the next is copied: it must not hold the chunk. */
  #hold(octets: Uint8Array, copy = false): void {
    if (octets.length === 0) return
    const room = this.#limit + 1 - this.#heldOctets
    this.#heldOctets += octets.length
    if (room > 0) this.#held.push(copy ? new Uint8Array(octets.subarray(0, room)) : octets.subarray(0, room))
    // A line that comes octet by octet must not be a list of octets.
    if (this.#held.length > MOST_PIECES) this.#held = [concatOctets(this.#held)]
  }

  #giveHeld(lineEnd: number, line: (line: Line) => void): void {
    const held = this.#held
    const octets = this.#heldOctets
    this.#held = []
    this.#heldOctets = 0
    this.#give(concatOctets(held), octets, lineEnd, line)
  }

  /** `known` is the line up to one octet over the limit, `octets` how long it is. */
  #give(known: Uint8Array, octets: number, lineEnd: number, line: (line: Line) => void): void {
    const offset = this.#start
    this.#start += octets + lineEnd
    const endsInCr = known[known.length - 1] === CR
    const cut = octets > this.#limit + 1 || (known.length > this.#limit && !endsInCr)
    if (known.length > this.#limit) line({ octets: known.subarray(0, this.#limit), offset, cut })
    else line({ octets: endsInCr ? known.subarray(0, -1) : known, offset, cut })
  }
}

const MOST_PIECES = 16
const LF = 0x0a
const CR = 0x0d
