// A parent zone that is one of ours: what it has of a child, and what it is given.      RFC 7344 §6, RFC 4034 §5

import { DS, findNode, type Name, NS, parentName, type RRset, rrsetRecords, type Zone, type ZoneError } from '@scop/dns'
import type { Change, Primary } from '@scop/dns/node'
import { ok, type Result } from '@scop/result'
import { ownRecords, replaceRecords } from './own-records.ts'
import { sameData } from './shown-keys.ts'

/** The zone above, if it is one of ours and delegates to this one. */
export function ownParent(primary: Primary, origin: Name): Zone | undefined {
  for (let above = parentName(origin); above !== undefined; above = parentName(above)) {
    const zone = primary.zone(above)
    if (zone !== undefined) return findNode(zone, origin)?.rrsets.has(NS.code) === true ? zone : undefined
  }
  return undefined
}

/** The data of the DS records that the parent has of this child. */
export function dsAt(parent: Zone, child: Name): readonly Uint8Array[] {
  return findNode(parent, child)?.rrsets.get(DS.code)?.rdatas ?? []
}

/** Each tag once. RFC 4034 §5.1.1 */
export function keyTagsOf(answers: readonly (readonly Uint8Array[])[]): readonly number[] {
  return [...new Set(answers.flat().map((rdata) => ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0)))]
}

/** The RRset in place of the one of its type; nothing if it is so already. */
export function replaceRrset(
  zone: Zone,
  name: Name,
  rrset: RRset,
  serial: (before: number) => number,
): Result<Change | undefined, ZoneError> {
  const before = findNode(zone, name)?.rrsets.get(rrset.type)
  if (sameData(before, rrset.rdatas, rrset.type)) return ok(undefined)
  const own = ownRecords(zone).filter((record) => record.type !== rrset.type || record.name.key !== name.key)
  return replaceRecords(zone, [...own, ...rrsetRecords(name, rrset)], 'own', serial)
}
