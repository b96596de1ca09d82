// Writes fields to octets: plainly, canonically (names in lower case), or with names compressed.
// RFC 1035 §4.1.4 (compression), RFC 3597 §4 (which names may be), RFC 4034 §6.2 (canonical)

import { encodeLatin1 } from '@scop/octets'
import { CompressionTargets, HASHES, hashSuffixes, MAX_POINTER, STARTS } from './compression-targets.ts'
import type { Name } from './name.ts'

export type WriterMode = 'plain' | 'canonical' | 'compressed'

/** Gives so many octets, to be filled. */
export type Room = (octets: number) => Uint8Array

export class WireWriter {
  #octets: Uint8Array
  #position = 0
  readonly #mode: WriterMode
  /** In compressed mode only. */
  readonly #targets: CompressionTargets | undefined
  /** The name written last, which records in a row share, and where it stands. */
  #last: Name | undefined
  #lastAt = 0
  /** `#octets` are those that are used again and again. */
  #borrowed = false

  constructor(mode: WriterMode, maxTargets = 0, startOctets = 256) {
    this.#mode = mode
    if (mode === 'compressed' && spare !== undefined) {
      this.#octets = spare
      this.#borrowed = true
      spare = undefined
    } else this.#octets = new Uint8Array(startOctets)
    if (mode !== 'compressed') return
    this.#targets = spareTargets?.limit === maxTargets ? spareTargets : new CompressionTargets(maxTargets)
    spareTargets = undefined
  }

  get position(): number {
    return this.#position
  }

  u8(value: number): void {
    this.#need(1)
    this.#octets[this.#position++] = value
  }

  u16(value: number): void {
    this.#need(2)
    this.#octets[this.#position++] = value >>> 8
    this.#octets[this.#position++] = value
  }

  u32(value: number): void {
    this.u16(value >>> 16)
    this.u16(value)
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x100000000))
    this.u32(value)
  }

  write(octets: Uint8Array): void {
    this.#need(octets.length)
    this.#octets.set(octets, this.#position)
    this.#position += octets.length
  }

  /** At most 255 octets: the caller has checked. */
  characterString(octets: Uint8Array): void {
    this.u8(octets.length)
    this.write(octets)
  }

  /** A name of a record type that RFC 3597 §4 lets be compressed, or an owner. */
  name(name: Name): void {
    const targets = this.#targets
    if (targets === undefined) return this.uncompressedName(name)
    if (name === this.#last) return this.u16(0xc000 | this.#lastAt)
    const { octets } = name
    this.#need(octets.length + 1)
    const start = this.#position
    const suffixes = hashSuffixes(octets)
    for (let i = 0; i < suffixes; i++) {
      let at = STARTS[i] ?? 0
      const hash = HASHES[i] ?? 0
      const target = targets.find(hash, this.#octets, this.#position, octets, at)
      if (target >= 0) {
        this.#remember(name, i === 0 ? target : start)
        return this.u16(0xc000 | target)
      }
      targets.add(hash, this.#position)
      for (const end = at + 1 + (octets[at] ?? 0); at < end; at++) this.#octets[this.#position++] = octets[at] ?? 0
    }
    this.u8(0)
    if (suffixes > 0) this.#remember(name, start)
  }

  /** Canonical mode still lowers it: RFC 4034 §6.2 lists SRV, whose target is never compressed. */
  uncompressedName(name: Name): void {
    this.write(this.#mode === 'canonical' ? encodeLatin1(name.key) : name.octets)
  }

  /** A 16-bit length, then what `body` writes. */
  lengthPrefixed(body: () => void): void {
    this.u16(0)
    const start = this.#position
    body()
    const length = this.#position - start
    this.#octets[start - 2] = length >>> 8
    this.#octets[start - 1] = length
  }

  setU16(at: number, value: number): void {
    this.#octets[at] = value >>> 8
    this.#octets[at + 1] = value
  }

  /** Forgets all that was written from `position` on, also as a target of compression. */
  rewind(position: number): void {
    this.#position = position
    if (this.#lastAt >= position) this.#last = undefined
    this.#targets?.forgetFrom(position)
  }

  /** Once, at the end. `room` is where the octets are put. */
  finish(room: Room = newOctets): Uint8Array {
    const octets = room(this.#position)
    octets.set(this.#octets.subarray(0, this.#position))
    this.#targets?.forgetFrom(0)
    spareTargets = this.#targets ?? spareTargets
    if (this.#borrowed) {
      spare = this.#octets
      this.#borrowed = false
      this.#octets = octets
    }
    return octets
  }

  #remember(name: Name, at: number): void {
    if (at > MAX_POINTER) return
    this.#last = name
    this.#lastAt = at
  }

  #need(count: number): void {
    if (this.#position + count <= this.#octets.length) return
    const grown = new Uint8Array(Math.max(this.#octets.length * 2, this.#position + count))
    grown.set(this.#octets.subarray(0, this.#position))
    if (this.#borrowed) {
      spare = this.#octets
      this.#borrowed = false
    }
    this.#octets = grown
  }
}

function newOctets(octets: number): Uint8Array {
  return new Uint8Array(octets)
}

/** What one compressed message after another is written to, and by; absent while one is. */
let spare: Uint8Array | undefined = new Uint8Array(8192)
let spareTargets: CompressionTargets | undefined
