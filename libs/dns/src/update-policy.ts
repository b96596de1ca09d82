// Which key may change which names and types. What no grant covers is refused.      RFC 2136 §3.3, RFC 3007 §3

import { decodeLatin1 } from '@scop/octets'
import type { Authorise } from './update.ts'
import { equalNames, isAtOrBelow, labels, type Name } from './name.ts'
import { CDNSKEY } from './rr/cdnskey.ts'
import { CDS } from './rr/cds.ts'
import { DNSKEY } from './rr/dnskey.ts'

export type NamePattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly name: Name }
  | { readonly kind: 'at-or-below'; readonly name: Name }
  /** The names that `*.<name>` stands for: below the name, not itself. */
  | { readonly kind: 'below'; readonly name: Name }
  /** The name that is the key's own. */
  | { readonly kind: 'self' }
  /** The key's own name, and all below it. */
  | { readonly kind: 'self-or-below' }
  /** In any zone: the names below `<label>.<origin of the zone>`. `_domainkey` covers `s1._domainkey.example.org`. */
  | { readonly kind: 'below-label'; readonly label: string }

export type UpdateGrant = {
  /** The TSIG key's name. */
  readonly key: Name
  readonly names: NamePattern
  /**
   * Type numbers. Only `any` lets all types of a name be deleted at once; it does not cover the keys of the zone
   * (DNSKEY, CDS, CDNSKEY), which must be named.
   */
  readonly types: readonly number[] | 'any'
}

/** What this key may do. */
export function authoriseBy(grants: readonly UpdateGrant[], key: Name): Authorise {
  const mine = grants.filter((grant) => equalNames(grant.key, key))
  return (zone, record) =>
    mine.some(
      (grant) =>
        (grant.types === 'any' ? !KEYS_OF_ZONE.has(record.type) : grant.types.includes(record.type)) &&
        covers(grant, record.name, zone.origin),
    )
}

function covers({ names: pattern, key }: UpdateGrant, name: Name, origin: Name): boolean {
  switch (pattern.kind) {
    case 'any':
      return true
    case 'exact':
      return equalNames(pattern.name, name)
    case 'at-or-below':
      return isAtOrBelow(name, pattern.name)
    case 'below':
      return isAtOrBelow(name, pattern.name) && !equalNames(name, pattern.name)
    case 'self':
      return equalNames(name, key)
    case 'self-or-below':
      return isAtOrBelow(name, key)
    case 'below-label': {
      if (!isAtOrBelow(name, origin)) return false
      const above = labels(name)
      const label = above[above.length - labels(origin).length - 1]
      const deeper = above.length > labels(origin).length + 1
      return deeper && label !== undefined && decodeLatin1(label).toLowerCase() === pattern.label.toLowerCase()
    }
  }
}

const KEYS_OF_ZONE: ReadonlySet<number> = new Set([DNSKEY.code, CDS.code, CDNSKEY.code])
