// Where the names of one message stand, for those after them to point at: every suffix by its hash, compared where it lies.
// RFC 1035 §4.1.4, RFC 4343 §3 (without regard to case)

import { lowerOctet } from './name.ts'

/** Positions must be added in rising order. */
export class CompressionTargets {
  /** How many there may be. */
  readonly limit: number
  /** By bucket, the last of the targets that fell into it, counted from 1; 0: none. */
  readonly #last: Uint16Array
  /** Of each target, the one before it in its bucket. */
  readonly #before: Uint16Array
  readonly #hashes: Int32Array
  readonly #positions: Uint16Array
  #count = 0

  constructor(limit: number) {
    this.limit = Math.min(limit, MAX_POINTER)
    this.#last = new Uint16Array(2 ** Math.ceil(Math.log2(2 * this.limit + 2)))
    this.#before = new Uint16Array(this.limit + 1)
    this.#hashes = new Int32Array(this.limit + 1)
    this.#positions = new Uint16Array(this.limit + 1)
  }

  /** One target more, unless there are too many, or a pointer does not reach so far. */
  add(hash: number, position: number): void {
    if (this.#count >= this.limit || position > MAX_POINTER) return
    const target = ++this.#count
    const bucket = this.#bucket(hash)
    this.#before[target] = this.#last[bucket] ?? 0
    this.#last[bucket] = target
    this.#hashes[target] = hash
    this.#positions[target] = position
  }

  /** Where in the first `end` octets of `message` the name stands that `name` is from `start` on; -1: nowhere. */
  find(hash: number, message: Uint8Array, end: number, name: Uint8Array, start: number): number {
    let target = this.#last[this.#bucket(hash)] ?? 0
    for (let step = 0; target !== 0 && step < MAX_STEPS; step++) {
      if (this.#hashes[target] === hash) {
        const position = this.#positions[target] ?? 0
        return isWritten(message, end, position, name, start) ? position : -1
      }
      target = this.#before[target] ?? 0
    }
    return -1
  }

  /** Forgets the targets from `position` on. */
  forgetFrom(position: number): void {
    for (; this.#count > 0 && (this.#positions[this.#count] ?? 0) >= position; this.#count--) {
      this.#last[this.#bucket(this.#hashes[this.#count] ?? 0)] = this.#before[this.#count] ?? 0
    }
  }

  #bucket(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#last.length - 1)
  }
}

/** Fills `STARTS` and `HASHES` with the suffixes of a name, the whole first, without the root; says how many there are. */
export function hashSuffixes(name: Uint8Array): number {
  let count = 0
  for (let at = 0; name[at] !== 0; at += 1 + (name[at] ?? 0)) STARTS[count++] = at
  let hash = FIRST
  let end = name.length - 1
  for (let i = count - 1; i >= 0; i--) {
    const start = STARTS[i] ?? 0
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ lowerOctet(name[at] ?? 0), PRIME)
    HASHES[i] = hash
    end = start
  }
  return count
}

function isWritten(message: Uint8Array, end: number, position: number, name: Uint8Array, start: number): boolean {
  let at = position
  for (let from = start; ; ) {
    // Pointers lead backwards, and each label passed is one of the name.
    while (at < end && (message[at] ?? 0) >= 0xc0) at = (((message[at] ?? 0) & 0x3f) << 8) | (message[at + 1] ?? 0)
    const length = name[from] ?? 0
    if (at + length >= end || message[at] !== length) return false
    if (length === 0) return true
    for (const next = from + 1 + length; from < next; from++, at++) {
      if (lowerOctet(message[at] ?? 0) !== lowerOctet(name[from] ?? 0)) return false
    }
  }
}

/** The last place that a pointer can name. */
export const MAX_POINTER = 0x3fff
/** Of the name that was hashed last: where its suffixes begin, and their hashes. */
export const STARTS = new Uint8Array(128)
export const HASHES = new Int32Array(128)
/** Targets of one bucket that are looked at, and one of one hash: who makes names that fall together makes messages longer. */
export const MAX_STEPS = 16
const FIRST = 0x811c9dc5 | 0
const PRIME = 0x01000193
