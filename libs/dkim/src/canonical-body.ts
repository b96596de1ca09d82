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

  constructor(sink: (piece: Uint8Array) => void) {
    this.#sink = sink
  }

  update(chunk: Uint8Array): void {
    // After `inner` there are only octets that may have to be dropped; before it, every octet has a neighbour to look at.
    let inner = chunk.length
    while (inner > 0 && isSpaceOrLineEnd(chunk[inner - 1] as number)) inner-- // as: 0 <= inner - 1 < length
    const troubles = new TroubleFinder(chunk, inner)
    let at = 0
    while (at < inner) {
      if (this.#hold(chunk[at] as number))
        at++ // as: at < length
      else {
        const trouble = troubles.next(at)
        this.#sink(chunk.subarray(at, trouble))
        this.#wroteAny = true
        at = trouble
      }
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

/** Where white space must be changed. `Buffer.indexOf` is `memchr`: text without spaces (base64) costs almost nothing. */
class TroubleFinder {
  readonly #chunk: Uint8Array
  readonly #view: Buffer
  readonly #end: number
  #tab = -1
  #space = -1

  /** `chunk[end - 1]` must be neither white space nor CR nor LF. */
  constructor(chunk: Uint8Array, end: number) {
    this.#chunk = chunk
    this.#view = Buffer.from(chunk.buffer, chunk.byteOffset, end)
    this.#end = end
  }

  /** The first octet at or after `from` that cannot be written as it is; `end` if there is none. */
  next(from: number): number {
    const chunk = this.#chunk
    if (this.#tab < from) this.#tab = this.#find(TAB, from)
    let at = from
    for (;;) {
      if (this.#space < at) this.#space = this.#find(SPACE, at)
      if (this.#space >= this.#tab) return this.#tab
      at = this.#space
      // Among words, looking at each octet is faster than asking for the next space.
      const blockEnd = Math.min(at + BLOCK, this.#tab)
      for (; at < blockEnd; at++) {
        if (chunk[at] !== SPACE) continue
        const after = chunk[at + 1]
        if (after === SPACE || after === TAB || after === CR) return at
      }
      if (at >= this.#tab) return this.#tab
    }
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
const BLOCK = 512
const ONE_SPACE = Uint8Array.of(SPACE)
const CR_ALONE = Uint8Array.of(CR)
const CRLFS: Uint8Array = Uint8Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? CR : LF))
