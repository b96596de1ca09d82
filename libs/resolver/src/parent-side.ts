// Delegations as the parents gave them. What the child says of itself takes their place in the cache, and when its own words
// lead nowhere, these are tried. RFC 1034 §4.2.2 (both should say the same), RFC 2181 §5.4.1

import { A, AAAA, type Name } from '@scop/dns'
import { type Rrset, rrsetKey } from './rrset.ts'

export type ParentDelegation = { readonly ns: Rrset; readonly glue: readonly Rrset[]; readonly expiresAtMs: number }

export class ParentSide {
  readonly #delegations = new Map<string, ParentDelegation>()
  readonly #glue = new Map<string, { readonly rrset: Rrset; readonly expiresAtMs: number }>()

  store(zone: Name, delegation: ParentDelegation): void {
    replaceLast(this.#delegations, zone.key, delegation)
    const { expiresAtMs } = delegation
    for (const rrset of delegation.glue) {
      replaceLast(this.#glue, rrsetKey(rrset.name, rrset.type), { rrset, expiresAtMs })
    }
  }

  /** Addresses of a name server, as some parent gave them. */
  glueOf(host: Name, nowMs: number): readonly Rrset[] {
    return [A.code, AAAA.code].flatMap((type) => {
      const known = this.#glue.get(rrsetKey(host, type))
      return known !== undefined && known.expiresAtMs > nowMs ? [known.rrset] : []
    })
  }

  find(zone: Name, nowMs: number): ParentDelegation | undefined {
    const known = this.#delegations.get(zone.key)
    return known !== undefined && known.expiresAtMs > nowMs ? known : undefined
  }
}

function replaceLast<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_DELEGATIONS) return
  for (const first of map.keys()) return void map.delete(first)
}

const MAX_DELEGATIONS = 10_000
