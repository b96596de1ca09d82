// The proof that every seal of a chain holds, and that the message is as its newest sealer passed it on.
// RFC 8617 §5.2, §7.2 (what it is worth depends on who the sealers are)

import type { DomainName } from '@scop/identifiers'

/** Proof of a chain. Only a validation can make one. It says who sealed, not that any of them can be trusted. */
export class VerifiedChain {
  /** The oldest first. */
  readonly sealers: readonly DomainName[]
  /** What each saw, in the same order: the text of an Authentication-Results value. */
  readonly results: readonly string[]
  readonly #proof = true

  /** For `validate` only: without its permit it throws, also for untyped callers. */
  constructor(permit: symbol, sealers: readonly DomainName[], results: readonly string[]) {
    if (permit !== PERMIT) throw new Error('Cannot make a VerifiedChain without validating')
    this.sealers = Object.freeze([...sealers])
    this.results = Object.freeze([...results])
    Object.freeze(this)
  }

  static isProof(value: object): value is VerifiedChain {
    return #proof in value && value.#proof
  }
}

/** Not exported by the library: held by `validate.ts` alone. */
export const PERMIT: symbol = Symbol('validated')
