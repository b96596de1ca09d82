// A small zone as a table of names and types, its NSEC and NSEC3 chains, and what is true in it: what proofs are held against.

import {
  compareNames,
  isAtOrBelow,
  labelCount,
  type Name,
  nsec3Hash,
  parentName,
  parseName,
  parseType,
  ROOT,
  wildcardOf,
} from '@scop/dns'
import { decodeLatin1 } from '@scop/octets'
import type { NsecEvidence } from '../src/nsec-proof.ts'
import type { Nsec3Evidence } from '../src/nsec3-proof.ts'

export function name(text: string): Name {
  const parsed = parseName(text, ROOT)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.kind}`)
  return parsed.value
}

export function types(text: string): readonly number[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => parseType(word) ?? 0)
    .sort((a, b) => a - b)
}

export function nsec(owner: string, next: string, listed: string, zone = 'example'): NsecEvidence {
  return { owner: name(owner), next: name(next), types: types(listed), zone: name(zone) }
}

export type ZoneModel = {
  readonly apex: Name
  /** Types of each name with records; the apex is among them. Glue and what lies below a cut or a DNAME is not. */
  readonly names: ReadonlyMap<string, { readonly name: Name; readonly types: readonly number[] }>
}

export function zoneModel(apex: string, table: Readonly<Record<string, string>>): ZoneModel {
  const rows = Object.entries(table).map(([owner, listed]) => ({ name: name(owner), types: types(listed) }))
  return { apex: name(apex), names: new Map(rows.map((row) => [row.name.key, row])) }
}

export function nsecChain({ apex, names }: ZoneModel): readonly NsecEvidence[] {
  const sorted = [...names.values()].sort((a, b) => compareNames(a.name, b.name))
  return sorted.map((row, i) => ({
    owner: row.name,
    next: sorted[i + 1]?.name ?? apex,
    types: [...row.types, 46, 47].sort((a, b) => a - b),
    zone: apex,
  }))
}

export type Nsec3Chain = { readonly iterations: number; readonly salt: Uint8Array; readonly optOut: boolean }

/** With opt-out, unsigned delegations have no record. */
export function nsec3Chain(zone: ZoneModel, { iterations, salt, optOut }: Nsec3Chain): readonly Nsec3Evidence[] {
  const listed = new Map<string, { name: Name; types: readonly number[] }>()
  for (const row of zone.names.values()) {
    const unsigned = row.types.includes(2) && !row.types.includes(6) && !row.types.includes(43)
    if (!(optOut && unsigned)) listed.set(row.name.key, row)
  }
  for (const row of zone.names.values()) {
    if (!listed.has(row.name.key)) continue
    for (const ancestor of ancestorsWithin(row.name, zone.apex)) {
      if (!listed.has(ancestor.key)) listed.set(ancestor.key, { name: ancestor, types: [] })
    }
  }
  const hashed = [...listed.values()].map((row) => ({
    hash: decodeLatin1(nsec3Hash(row.name, { iterations, salt })),
    types: row.types.length === 0 ? [] : [...row.types, 46].sort((a, b) => a - b),
  }))
  hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  return hashed.map((row, i) => ({
    zone: zone.apex,
    hash: row.hash,
    next: hashed[i + 1]?.hash ?? hashed[0]?.hash ?? '',
    iterations,
    salt,
    optOut,
    types: row.types,
  }))
}

export type Truth =
  | { readonly kind: 'name-error' }
  /** The types there; of the wildcard where `wildcard` says so. */
  | { readonly kind: 'exists'; readonly types: readonly number[]; readonly wildcard: boolean }
  /** At or below a cut or below a DNAME: the zone does not speak of it. */
  | { readonly kind: 'elsewhere' }

/** What the zone says of `sought`, by RFC 1034 §4.3.2 and RFC 4592. */
export function truthOf(zone: ZoneModel, sought: Name): Truth {
  for (const ancestor of ancestorsWithin(sought, zone.apex)) {
    const row = zone.names.get(ancestor.key)
    if (row !== undefined && (row.types.includes(39) || (row.types.includes(2) && !row.types.includes(6))))
      return { kind: 'elsewhere' }
  }
  const exact = zone.names.get(sought.key)
  if (exact !== undefined) return { kind: 'exists', types: exact.types, wildcard: false }
  if (existsIn(zone, sought)) return { kind: 'exists', types: [], wildcard: false }
  let encloser: Name = sought
  while (!existsIn(zone, encloser)) encloser = parentName(encloser) ?? zone.apex
  const wildcard = wildcardOf(encloser)
  if (wildcard === undefined || !existsIn(zone, wildcard)) return { kind: 'name-error' }
  return { kind: 'exists', types: zone.names.get(wildcard.key)?.types ?? [], wildcard: true }
}

export function existsIn(zone: ZoneModel, sought: Name): boolean {
  return [...zone.names.values()].some((row) => isAtOrBelow(row.name, sought))
}

function ancestorsWithin(below: Name, apex: Name): readonly Name[] {
  const found: Name[] = []
  let at: Name = below
  while (labelCount(at) > labelCount(apex)) {
    at = parentName(at) ?? apex
    found.push(at)
  }
  return found
}
