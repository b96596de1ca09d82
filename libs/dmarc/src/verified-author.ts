// The proof that a domain stands behind a message that speaks in its name. Only an evaluation can make one.
// RFC 9989 §5.3.5 (pass), §5.4 (what a pass does not say)

import type { DomainName } from '@scop/identifiers'

/** Proof that the author domain lets its name be used: an identifier that aligns with it was verified. */
export class VerifiedAuthor {
  readonly domain: DomainName
  readonly #proof = true

  /** For `evaluateDmarc` only: without its permit it throws, also for untyped callers. */
  constructor(permit: symbol, domain: DomainName) {
    if (permit !== PERMIT) throw new Error('Cannot make a VerifiedAuthor without evaluating')
    this.domain = domain
    Object.freeze(this)
  }

  static isProof(value: object): value is VerifiedAuthor {
    return #proof in value && value.#proof
  }
}

/** Not exported by the library: held by `evaluate.ts` alone. */
export const PERMIT: symbol = Symbol('evaluated')
