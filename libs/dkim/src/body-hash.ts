// The hash of a canonical body, whole or of its first l= octets; signatures that ask for the same share one.
// RFC 6376 §3.7 (body hash), §3.5 (l=)

import { createHash } from 'node:crypto'
import { type BodyCanonicalizer, canonicalizeBody } from './canonical-body.ts'
import type { Canonicalization } from './signature.ts'

export type BodyHash = {
  readonly digest: Uint8Array
  /** Octets of the whole canonical body. */
  readonly bodyOctets: number
}

export class BodyHasher {
  readonly #hash = createHash('sha256')
  readonly #canonicalizer: BodyCanonicalizer
  readonly #limit: number
  // Short pieces are gathered: a call into the hash costs as much as a few hundred octets.
  readonly #gathered = new Uint8Array(GATHER)
  #gatheredOctets = 0
  #bodyOctets = 0
  #finished: BodyHash | undefined

  /** `limit`: hash only so many octets of the canonical body. */
  constructor(canonicalization: Canonicalization, limit: number = Number.POSITIVE_INFINITY) {
    this.#limit = limit
    this.#canonicalizer = canonicalizeBody(canonicalization, (piece) => this.#write(piece))
  }

  update(chunk: Uint8Array): void {
    this.#canonicalizer.update(chunk)
  }

  /** The same answer each time it is asked; no `update` afterwards. */
  finish(): BodyHash {
    if (this.#finished !== undefined) return this.#finished
    this.#canonicalizer.finish()
    this.#flush()
    this.#finished = { digest: this.#hash.digest(), bodyOctets: this.#bodyOctets }
    return this.#finished
  }

  #write(piece: Uint8Array): void {
    const left = this.#limit - this.#bodyOctets
    this.#bodyOctets += piece.length
    if (left <= 0) return
    const signed = piece.length <= left ? piece : piece.subarray(0, left)
    if (this.#gatheredOctets + signed.length > GATHER) this.#flush()
    if (signed.length >= LARGE) {
      this.#flush()
      this.#hash.update(signed)
    } else {
      this.#gathered.set(signed, this.#gatheredOctets)
      this.#gatheredOctets += signed.length
    }
  }

  #flush(): void {
    if (this.#gatheredOctets > 0) this.#hash.update(this.#gathered.subarray(0, this.#gatheredOctets))
    this.#gatheredOctets = 0
  }
}

/** The hashers that a set of signatures needs, each once. */
export class SharedBodyHashers {
  readonly #hashers = new Map<string, BodyHasher>()

  for(canonicalization: Canonicalization, limit?: number): BodyHasher {
    const key = `${canonicalization}/${limit ?? 'all'}`
    const hasher = this.#hashers.get(key) ?? new BodyHasher(canonicalization, limit)
    this.#hashers.set(key, hasher)
    return hasher
  }

  update(chunk: Uint8Array): void {
    for (const hasher of this.#hashers.values()) hasher.update(chunk)
  }
}

const GATHER = 8192
const LARGE = 1024
