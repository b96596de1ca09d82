// Where a name of a zone stands: what it may have signed, and whether a denial lists it.
// RFC 4035 §2.2 (no signatures below a cut), §2.3 (which names have NSEC), RFC 5155 §7.1, RFC 6672 §2.4 (below a DNAME)

import { DNAME, DS, NS, NSEC, NSEC3, RRSIG, typesOf, type Zone, type ZoneNode } from '@scop/dns'

/** `occluded`: below a delegation or a DNAME. `empty`: exists because of names below it. */
export type Standing = 'authoritative' | 'delegation' | 'occluded' | 'empty'

export function standingOf(zone: Zone, node: ZoneNode): Standing {
  const { key } = node.name
  const origin = zone.origin.key
  if (key === origin) return 'authoritative'
  // By keys: no names are made on the way up.
  for (let above = keyAbove(key); above.length >= origin.length; above = keyAbove(above)) {
    const rrsets = zone.nodes.get(above)?.rrsets
    if (rrsets?.has(DNAME.code) === true) return 'occluded'
    if (above === origin) break
    if (rrsets?.has(NS.code) === true) return 'occluded'
  }
  return ownStanding(node)
}

/** The standing of a name that nothing above it occludes, and that is not the apex. */
function ownStanding(node: Pick<ZoneNode, 'rrsets'>): Standing {
  if (node.rrsets.has(NS.code)) return 'delegation'
  return holdsData(node.rrsets) ? 'authoritative' : 'empty'
}

/** Whether the RRset of this type is the zone's own, and so to be signed. */
export function isSigned(standing: Standing, type: number): boolean {
  if (standing === 'authoritative') return type !== RRSIG.code
  return standing === 'delegation' && (type === DS.code || type === NSEC.code)
}

/** The types that a denial says a name has; without those of the denial itself. */
export function listedTypes(standing: Standing, node: ZoneNode): readonly number[] {
  const types = typesOf(node).filter((type) => type !== NSEC.code && type !== NSEC3.code)
  if (standing === 'authoritative') return types
  return standing === 'delegation' ? types.filter((type) => type === NS.code || type === DS.code) : []
}

function holdsData(rrsets: ZoneNode['rrsets']): boolean {
  for (const [slot, { type }] of rrsets) if (slot === type && type !== NSEC.code) return true
  return false
}

function keyAbove(key: string): string {
  return key.slice(1 + key.charCodeAt(0))
}
