// Hashes names for proofs, each once, out of a budget for one question: to hash is what an attacker makes a validator do.
// RFC 5155 §5, §10.3, RFC 9276 §2.3, §3.2

import { type Name, nsec3Hash } from '@scop/dns'
import { decodeLatin1 } from '@scop/octets'

export type Nsec3Limits = {
  /** NSEC3 records looked at for one proof; with more, nothing is proven. */
  readonly records: number
  /** More iterations make the answer insecure. RFC 9276 §3.2 */
  readonly iterations: number
  /** SHA-1 computations for one question: a name costs one, and one for each iteration. */
  readonly hashes: number
}

export const NSEC3_LIMITS: Nsec3Limits = { records: 8, iterations: 50, hashes: 600 }

export class Nsec3Hasher {
  readonly limits: Nsec3Limits
  /** SHA-1 computations so far. */
  spent = 0
  readonly #known = new Map<string, string>()

  constructor(limits: Nsec3Limits = NSEC3_LIMITS) {
    this.limits = limits
  }

  /** One character for each octet of the hash; `undefined` when the budget does not allow it. */
  hash(name: Name, iterations: number, salt: Uint8Array): string | undefined {
    const key = `${iterations} ${decodeLatin1(salt)} ${name.key}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.spent + iterations + 1 > this.limits.hashes) return undefined
    this.spent += iterations + 1
    const hash = decodeLatin1(nsec3Hash(name, { iterations, salt }))
    this.#known.set(key, hash)
    return hash
  }
}
