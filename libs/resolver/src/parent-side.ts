// Delegations as the parents gave them. What the child says of itself takes their place in the cache, and when its own words
// lead nowhere, these are tried. RFC 1034 §4.2.2 (both should say the same), RFC 2181 §5.4.1

import type { Name } from '@scop/dns'
import type { Rrset } from './rrset.ts'

export type ParentDelegation = { readonly ns: Rrset; readonly glue: readonly Rrset[]; readonly expiresAtMs: number }

export class ParentSide {
  readonly #delegations = new Map<string, ParentDelegation>()

  store(zone: Name, delegation: ParentDelegation): void {
    this.#delegations.delete(zone.key)
    this.#delegations.set(zone.key, delegation)
    if (this.#delegations.size > MAX_DELEGATIONS)
      for (const first of this.#delegations.keys()) {
        this.#delegations.delete(first)
        break
      }
  }

  find(zone: Name, nowMs: number): ParentDelegation | undefined {
    const known = this.#delegations.get(zone.key)
    return known !== undefined && known.expiresAtMs > nowMs ? known : undefined
  }
}

const MAX_DELEGATIONS = 10_000
