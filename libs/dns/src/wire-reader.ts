// Reads fields from octets. The first failure sticks: every later read gives zeros, and `error` says what and where.
// Names are decompressed with pointers that go strictly backwards, so that none can loop.
// RFC 1035 §4.1.4 (compression), RFC 9267 §2 (attacks on it)

import { MAX_NAME_OCTETS, Name, ROOT } from './name.ts'

export type DecodeError = {
  readonly kind:
    | 'cut-short'
    | 'message-too-long'
    | 'label-type-unknown'
    | 'name-too-long'
    | 'pointer-not-backwards'
    | 'pointer-not-allowed'
    | 'too-many-pointers'
    | 'expansion-too-large'
    | 'rdata-malformed'
    | 'rdata-too-long'
    | 'opt-repeated'
    | 'opt-misplaced'
    | 'opt-options-too-many'
    | 'tsig-misplaced'
    | 'trailing-octets'
  readonly offset: number
}

export class WireReader {
  readonly octets: Uint8Array
  position: number
  /** No field may cross it. */
  end: number
  error: DecodeError | undefined
  /** Octets that names may still take. */
  #budget: number
  readonly #pointers: boolean
  #names: Map<number, Name> | undefined

  /** `expansionOctets` 0: pointers are refused, as in record data that stands alone. */
  constructor(octets: Uint8Array, position: number, end: number, expansionOctets: number) {
    this.octets = octets
    this.position = position
    this.end = end
    this.#pointers = expansionOctets > 0
    this.#budget = expansionOctets > 0 ? expansionOctets : 2 * octets.length
  }

  get left(): number {
    return this.end - this.position
  }

  fail(kind: DecodeError['kind'], offset: number = this.position): void {
    this.error ??= { kind, offset }
    this.position = this.end
  }

  u8(): number {
    return this.#room(1) ? (this.octets[this.position++] ?? 0) : 0
  }

  u16(): number {
    return this.#room(2) ? this.u8() * 0x100 + this.u8() : 0
  }

  u32(): number {
    return this.#room(4) ? this.u16() * 0x10000 + this.u16() : 0
  }

  u48(): number {
    return this.#room(6) ? this.u16() * 0x100000000 + this.u32() : 0
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    if (!this.#room(count)) return EMPTY
    this.position += count
    return this.octets.subarray(this.position - count, this.position)
  }

  rest(): Uint8Array {
    return this.take(this.left)
  }

  /** One length octet and that many octets. RFC 1035 §3.3 */
  characterString(): Uint8Array {
    return this.take(this.u8())
  }

  /** A name that may be compressed where the octets are a message. */
  name(): Name {
    return this.#readName(this.#pointers)
  }

  /** A name in which compression is forbidden. */
  uncompressedName(): Name {
    return this.#readName(false)
  }

  /** Passes over a name without reading where its pointer leads. */
  skipName(): void {
    for (;;) {
      const size = this.u8()
      if (size === 0) return
      if (size >= 0xc0) return void this.u8()
      if (size > 0x3f) return this.fail('label-type-unknown', this.position - 1)
      this.take(size)
    }
  }

  /** Counts octets made that do not stand in the input as they are. */
  charge(count: number): void {
    this.#budget -= count
    if (this.#budget < 0) this.fail('expansion-too-large')
  }

  #readName(pointersAllowed: boolean): Name {
    const { octets } = this
    let at = this.position
    let after = -1
    let segment = at
    let limit = this.end
    let length = 0
    let pointers = 0
    for (;;) {
      const size = at < limit ? (octets[at] ?? 0) : -1
      if (size < 0) return this.#bad('cut-short', at)
      if (size === 0) break
      if (size >= 0xc0) {
        if (at + 1 >= limit) return this.#bad('cut-short', at)
        if (!pointersAllowed) return this.#bad('pointer-not-allowed', at)
        const target = (size & 0x3f) * 0x100 + (octets[at + 1] ?? 0)
        if (target >= segment || target < HEADER_OCTETS) return this.#bad('pointer-not-backwards', at)
        if (++pointers > MAX_POINTERS) return this.#bad('too-many-pointers', at)
        if (after < 0) after = at + 2
        const known = length === 0 ? this.#names?.get(target) : undefined
        if (known !== undefined) {
          this.position = after
          return known
        }
        limit = segment
        segment = target
        at = target
        continue
      }
      if (size > 0x3f) return this.#bad('label-type-unknown', at)
      if (at + 1 + size >= limit) return this.#bad('cut-short', at)
      if (length + size + 2 > MAX_NAME_OCTETS) return this.#bad('name-too-long', at)
      SCRATCH.set(octets.subarray(at, at + 1 + size), length)
      length += 1 + size
      at += 1 + size
    }
    const start = this.position
    this.position = after < 0 ? at + 1 : after
    if (length === 0) return ROOT
    SCRATCH[length++] = 0
    this.charge(length)
    if (this.error !== undefined) return ROOT
    const name = new Name(SCRATCH.slice(0, length))
    if (pointersAllowed) {
      this.#names ??= new Map()
      // `segment` is where the octets of a name that is only a pointer stand.
      this.#names.set(octets[start] !== undefined && octets[start] >= 0xc0 ? segmentOf(octets, start) : start, name)
    }
    return name
  }

  #bad(kind: DecodeError['kind'], offset: number): Name {
    this.fail(kind, offset)
    return ROOT
  }

  #room(count: number): boolean {
    if (this.position + count <= this.end) return true
    this.fail('cut-short')
    return false
  }
}

function segmentOf(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) & 0x3f) * 0x100 + (octets[at + 1] ?? 0)
}

const HEADER_OCTETS = 12
/** Of one name: a pointer for each label that it may have. Longer chains lead to nothing but work. */
const MAX_POINTERS = 127
const EMPTY = new Uint8Array(0)
const SCRATCH = new Uint8Array(MAX_NAME_OCTETS + 1)
