// base64 bodies, in pieces. Octets outside the alphabet are skipped; data after padding is decoded on and noted, since
// some readers stop there and others do not. Line ends and white space mean nothing.
// RFC 2045 §6.8

import {
  DefectList,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferDefect,
  type TransferLimits,
} from './transfer-defect.ts'

// base64-body = *( 4base64-char / white space / junk ) [ 2base64-char "==" / 3base64-char "=" ]
export class Base64Decoder implements TransferDecoder {
  readonly #list: DefectList
  /** Sextets of the quad that is not complete, and how many. */
  #bits = 0
  #sextets = 0
  /** Padding has ended the data; `#wanted` more `=` belong to it. */
  #padded = false
  #wanted = 0
  #inJunk = false
  #offset = 0

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#list = new DefectList(limits)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  push(chunk: Uint8Array): Uint8Array {
    const decoded = new Uint8Array(Math.floor((chunk.length + 3) / 4) * 3 + 3)
    let length = 0
    let at = 0
    let padding = -1
    while (at < chunk.length) {
      if (padding < at) padding = chunk[at] === PAD ? at : indexOfOr(chunk, PAD, at, chunk.length)
      const end = Math.min(padding, at + STRETCH)
      if (this.#sextets !== 0 || this.#padded || end - at < WORTH_A_CALL) {
        length = this.#octet(chunk[at] as number, decoded, length, this.#offset + at) // as: at < length
        at++
        continue
      }
      // A clean stretch goes to the runtime's own decoder; what it leaves or refuses goes octet by octet.
      const { read, written } = decodeClean(chunk.subarray(at, end), decoded.subarray(length))
      if (read > 0) this.#inJunk = false
      length += written
      const slow = read === 0 ? Math.max(end, at + 1) : at + read
      at += read
      while (at < slow && at < chunk.length) {
        length = this.#octet(chunk[at] as number, decoded, length, this.#offset + at) // as: at < length
        at++
      }
    }
    this.#offset += chunk.length
    return decoded.subarray(0, length)
  }

  end(): Uint8Array {
    const last = new Uint8Array(2)
    if (this.#wanted > 0 || this.#sextets > 1) this.#list.note('missing-padding', this.#offset)
    if (this.#sextets === 1) this.#list.note('incomplete-quad', this.#offset)
    const length = this.#flush(last, 0)
    this.#wanted = 0
    this.#padded = false
    return last.subarray(0, length)
  }

  #octet(octet: number, into: Uint8Array, length: number, offset: number): number {
    const value = SEXTETS[octet] as number // as: 256 entries
    if (value >= 0) {
      this.#inJunk = false
      if (this.#wanted > 0) this.#list.note('missing-padding', offset)
      if (this.#padded) this.#list.note('data-after-padding', offset)
      this.#wanted = 0
      this.#padded = false
      this.#bits = (this.#bits << 6) | value
      if (++this.#sextets < 4) return length
      into[length] = this.#bits >> 16
      into[length + 1] = this.#bits >> 8
      into[length + 2] = this.#bits
      this.#sextets = 0
      this.#bits = 0
      return length + 3
    }
    if (value === WHITE_SPACE) {
      this.#inJunk = false
      return length
    }
    if (octet !== PAD) {
      if (!this.#inJunk) this.#list.note('junk', offset)
      this.#inJunk = true
      return length
    }
    this.#inJunk = false
    if (this.#wanted > 0) {
      this.#wanted--
      return length
    }
    if (this.#sextets < 2) this.#list.note(this.#sextets === 0 ? 'stray-padding' : 'incomplete-quad', offset)
    else {
      this.#wanted = 3 - this.#sextets
      this.#padded = true
    }
    return this.#flush(into, length)
  }

  /** The whole octets of a quad cut short. */
  #flush(into: Uint8Array, length: number): number {
    const sextets = this.#sextets
    if (sextets === 2) into[length++] = this.#bits >> 4
    if (sextets === 3) {
      into[length++] = this.#bits >> 10
      into[length++] = this.#bits >> 2
    }
    this.#sextets = 0
    this.#bits = 0
    return length
  }
}

function decodeClean(octets: Uint8Array, into: Uint8Array): { readonly read: number; readonly written: number } {
  try {
    return into.setFromBase64(LATIN1.decode(octets), { lastChunkHandling: 'stop-before-partial' })
  } catch {
    return { read: 0, written: 0 } // an octet outside the alphabet
  }
}

function indexOfOr(octets: Uint8Array, octet: number, from: number, otherwise: number): number {
  const at = octets.indexOf(octet, from)
  return at < 0 ? otherwise : at
}

const PAD = 0x3d
const STRETCH = 32 * 1024 // one bad octet makes this much of the body slow, not all of it
const WORTH_A_CALL = 64 // padding at every fourth octet must not cost a call each
const LATIN1 = new TextDecoder('latin1') // one code unit for each octet
const JUNK = -1
const WHITE_SPACE = -2
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SEXTETS = new Int8Array(256).fill(JUNK)
for (let i = 0; i < 64; i++) SEXTETS[ALPHABET.charCodeAt(i)] = i
for (const octet of [0x09, 0x0a, 0x0c, 0x0d, 0x20]) SEXTETS[octet] = WHITE_SPACE
