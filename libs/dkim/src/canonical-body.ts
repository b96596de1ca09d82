// Body canonicalization, streaming: the same octets come out at any cut, and what needs no change is handed on uncopied.
// RFC 6376 §3.4.3 (simple), §3.4.4 (relaxed)

import type { Canonicalization } from './signature.ts'

export type BodyCanonicalizer = {
  update(chunk: Uint8Array): void
  finish(): void
}

/** Writes the canonical body to `sink`, in pieces that are valid only during the call. */
export function canonicalizeBody(
  canonicalization: Canonicalization,
  sink: (piece: Uint8Array) => void,
): BodyCanonicalizer {
  return canonicalization === 'simple' ? new SimpleBody(sink) : new RelaxedBody(sink)
}

/** Empty lines at the end become one CRLF; a body without any line is one CRLF. */
class SimpleBody {
  readonly #sink: (piece: Uint8Array) => void
  #heldCrlfs = 0
  #heldCr = false

  constructor(sink: (piece: Uint8Array) => void) {
    this.#sink = sink
  }

  update(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    let start = 0
    if (this.#heldCr) {
      this.#heldCr = false
      if (chunk[0] === LF) {
        this.#heldCrlfs++
        start = 1
      } else this.#release(CR_ALONE)
    }
    let end = chunk.length
    if (end > start && chunk[end - 1] === CR) {
      this.#heldCr = true
      end--
    }
    const lineEnd = end
    while (end - 2 >= start && chunk[end - 1] === LF && chunk[end - 2] === CR) end -= 2
    if (end > start) this.#release(chunk.subarray(start, end))
    this.#heldCrlfs += (lineEnd - end) / 2
  }

  finish(): void {
    if (this.#heldCr) this.#release(CR_ALONE)
    this.#sink(CRLFS.subarray(0, 2))
  }

  #release(piece: Uint8Array): void {
    writeCrlfs(this.#heldCrlfs, this.#sink)
    this.#heldCrlfs = 0
    this.#sink(piece)
  }
}

/** White space runs become one space, none before CRLF; empty lines at the end go; a body of nothing else is empty. */
class RelaxedBody {
  readonly #sink: (piece: Uint8Array) => void
  // What has been seen and not yet written, in this order: line ends, then white space, then a CR.
  #heldCrlfs = 0
  #heldSpace = false
  #heldCr = false
  #wroteAny = false
  readonly #rewritten = new Uint8Array(REWRITE)

  constructor(sink: (piece: Uint8Array) => void) {
    this.#sink = sink
  }

  update(chunk: Uint8Array): void {
    // After `inner` there are only octets that may have to be dropped; before it, every octet has a neighbour to look at.
    let inner = chunk.length
    while (inner > 0 && isSpaceOrLineEnd(chunk[inner - 1] as number)) inner-- // as: 0 <= inner - 1 < length
    let at = 0
    while (at < inner && this.#hold(chunk[at] as number)) at++ // as: at < length
    if (at < inner) {
      this.#writeInner(chunk, at, inner)
      this.#wroteAny = true
      at = inner
    }
    for (; at < chunk.length; at++) {
      if (this.#hold(chunk[at] as number)) continue // as: at < length
      this.#sink(chunk.subarray(at, at + 1))
      this.#wroteAny = true
    }
  }

  finish(): void {
    if (this.#heldCr) this.#release(true)
    if (this.#wroteAny) this.#sink(CRLFS.subarray(0, 2))
  }

  /** From the first octet that is not held to the last that is certain; `chunk[inner - 1]` is neither white space nor line end. */
  #writeInner(chunk: Uint8Array, from: number, inner: number): void {
    const troubles = new TroubleFinder(chunk, inner)
    for (let at = from; at < inner; ) {
      const trouble = troubles.next(at)
      if (trouble > at) this.#sink(chunk.subarray(at, trouble))
      at = trouble < inner ? this.#rewrite(chunk, trouble, inner) : inner
    }
  }

  /** Writes some octets from `from` on with their white space put right, and says how far it came: trouble comes in crowds. */
  #rewrite(chunk: Uint8Array, from: number, inner: number): number {
    const stop = Math.min(from + REWRITE, inner)
    const rewritten = this.#rewritten
    let length = 0
    let at = from
    while (at < stop) {
      const octet = chunk[at++] as number // as: at < length
      if (octet > SPACE || (octet !== SPACE && octet !== TAB)) {
        rewritten[length++] = octet
        continue
      }
      while (chunk[at] === SPACE || chunk[at] === TAB) at++
      if (chunk[at] !== CR || chunk[at + 1] !== LF) rewritten[length++] = SPACE
    }
    this.#sink(rewritten.subarray(0, length))
    return at
  }

  /** Whether the octet is held back; if not, all that was held is written and the octet is the caller's to write. */
  #hold(octet: number): boolean {
    if (this.#heldCr) {
      if (octet === LF) {
        this.#heldCr = false
        this.#heldSpace = false
        this.#heldCrlfs++
        return true
      }
      this.#release(true)
    }
    if (octet === SPACE || octet === TAB) {
      this.#heldSpace = true
      return true
    }
    if (octet === CR) {
      this.#heldCr = true
      return true
    }
    this.#release(false)
    return false
  }

  #release(cr: boolean): void {
    if (this.#heldCrlfs > 0) writeCrlfs(this.#heldCrlfs, this.#sink)
    this.#heldCrlfs = 0
    if (this.#heldSpace) this.#sink(ONE_SPACE)
    this.#heldSpace = false
    if (cr) {
      this.#sink(CR_ALONE)
      this.#wroteAny = true
    }
    this.#heldCr = false
  }
}

/**
 * Where white space may have to be changed: two octets of white space side by side, a space before CR, a TAB.
 * It may name a place too many, never one too few: what it names is written octet by octet.
 */
class TroubleFinder {
  readonly #chunk: Uint8Array
  readonly #view: Buffer
  readonly #words: Int32Array
  readonly #end: number
  #tab = -1
  #space = -1

  /** `chunk[end - 1]` must be neither white space nor CR nor LF. */
  constructor(chunk: Uint8Array, end: number) {
    this.#chunk = chunk
    this.#view = Buffer.from(chunk.buffer, chunk.byteOffset, end)
    this.#words = new Int32Array(chunk.buffer, 0, chunk.buffer.byteLength >>> 2)
    this.#end = end
  }

  /** The first such place at or after `from`, which must not be inside white space; `end` if there is none. */
  next(from: number): number {
    const chunk = this.#chunk
    if (this.#tab < from) this.#tab = this.#find(TAB, from)
    const tab = this.#tab
    for (let at = from; at < tab; ) {
      // `Buffer.indexOf` is `memchr`: text without spaces (base64) costs almost nothing.
      if (this.#space < at) this.#space = this.#find(SPACE, at)
      if (this.#space >= tab) break
      const blockEnd = Math.min(this.#space + BLOCK, tab)
      const found = this.#scan(this.#space, blockEnd)
      if (found < blockEnd) return found
      at = blockEnd < tab && chunk[blockEnd - 1] === SPACE ? blockEnd - 1 : blockEnd
    }
    return tab > from && tab < this.#end && chunk[tab - 1] === SPACE ? tab - 1 : tab
  }

  /** The first place with two spaces, or a space and a CR, between `from` and `to`; four octets at a time. */
  #scan(from: number, to: number): number {
    const offset = this.#chunk.byteOffset
    const firstWord = LITTLE_ENDIAN ? (offset + from + 3) >>> 2 : Number.POSITIVE_INFINITY
    const lastWord = (offset + to) >>> 2
    if (firstWord >= lastWord) return this.#scanOctets(from, to)
    const aligned = firstWord * 4 - offset
    const early = this.#scanOctets(from, aligned)
    if (early < aligned) return early
    const words = this.#words
    let spaceBefore = aligned > from && this.#chunk[aligned - 1] === SPACE ? 0x80 : 0
    for (let i = firstWord; i < lastWord; i++) {
      // The high bit of each octet that is zero after the exclusive or; now and then of the octet above it, too.
      const word = words[i] as number // as: i < length
      const notSpace = word ^ FOUR_SPACES
      const space = (notSpace - FOUR_ONES) & ~notSpace & FOUR_HIGH_BITS
      const notCr = word ^ FOUR_CRS
      const cr = (notCr - FOUR_ONES) & ~notCr & FOUR_HIGH_BITS
      if ((((space << 8) | spaceBefore) & (space | cr)) !== 0) return Math.max(i * 4 - offset - 1, from)
      spaceBefore = space >>> 24
    }
    const tail = lastWord * 4 - offset
    return this.#scanOctets(Math.max(tail - 1, from), to)
  }

  #scanOctets(from: number, to: number): number {
    let spaceBefore = false
    for (let i = from; i < to; i++) {
      const octet = this.#chunk[i]
      if (spaceBefore && (octet === SPACE || octet === CR)) return i - 1
      spaceBefore = octet === SPACE
    }
    return to
  }

  #find(octet: number, from: number): number {
    const at = this.#view.indexOf(octet, from)
    return at < 0 ? this.#end : at
  }
}

function writeCrlfs(count: number, sink: (piece: Uint8Array) => void): void {
  for (let left = count * 2; left > 0; left -= CRLFS.length) sink(CRLFS.subarray(0, Math.min(left, CRLFS.length)))
}

const isSpaceOrLineEnd = (octet: number): boolean => octet === LF || octet === CR || octet === SPACE || octet === TAB

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const BLOCK = 4096
const REWRITE = 256
const FOUR_SPACES = 0x20202020
const FOUR_CRS = 0x0d0d0d0d
const FOUR_ONES = 0x01010101
const FOUR_HIGH_BITS = 0x80808080
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
const ONE_SPACE = Uint8Array.of(SPACE)
const CR_ALONE = Uint8Array.of(CR)
const CRLFS: Uint8Array = Uint8Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? CR : LF))
