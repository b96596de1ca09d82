// The proof that a domain signed a message. Only a verification can make one.
// RFC 6376 §6.3 (what a verifier hands on)

import type { DomainName } from '@scop/identifiers'
import type { Selector } from './selector.ts'
import type { Auid, Signature, SigningAlgorithm } from './signature.ts'

/** Proof that `domain` signed the message: body whole, From covered, key good. DMARC asks for it by type. */
export class VerifiedSignature {
  readonly domain: DomainName
  readonly selector: Selector
  readonly auid: Auid
  readonly algorithm: SigningAlgorithm
  readonly #proof = true

  /** For `verify` only: without its permit it throws, also for untyped callers. */
  constructor(permit: symbol, signature: Signature & { readonly algorithm: SigningAlgorithm }) {
    if (permit !== PERMIT) throw new Error('Cannot make a VerifiedSignature without verifying')
    this.domain = signature.domain
    this.selector = signature.selector
    this.auid = signature.auid
    this.algorithm = signature.algorithm
    Object.freeze(this)
  }

  static isProof(value: object): value is VerifiedSignature {
    return #proof in value && value.#proof
  }
}

/** Not exported by the library: held by `verify.ts` alone. */
export const PERMIT: symbol = Symbol('verified')
