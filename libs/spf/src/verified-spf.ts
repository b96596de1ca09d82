// The proof that a domain authorises the client's address. Only a check can make one.
// RFC 7208 §2.6.3 (pass: the domain may now be held to what was sent)

import type { DomainName, IpAddress } from '@scop/identifiers'

export type SpfIdentity = 'mailfrom' | 'helo'

/** Proof that the SPF record of `domain` passes `client`. DMARC asks for it by type. */
export class VerifiedSpf {
  readonly domain: DomainName
  readonly identity: SpfIdentity
  readonly client: IpAddress
  readonly #proof = true

  /** For `checkHost` only: without its permit it throws, also for untyped callers. */
  constructor(permit: symbol, domain: DomainName, identity: SpfIdentity, client: IpAddress) {
    if (permit !== PERMIT) throw new Error('Cannot make a VerifiedSpf without checking')
    this.domain = domain
    this.identity = identity
    this.client = client
    Object.freeze(this)
  }

  static isProof(value: object): value is VerifiedSpf {
    return #proof in value && value.#proof
  }
}

/** Not exported by the library: held by `check-host.ts` alone. */
export const PERMIT: symbol = Symbol('checked')
