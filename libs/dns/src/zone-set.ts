// The zones that one server has, found by the name asked for: the closest one above it.      RFC 1034 §4.3.2 step 2

import { type Name, parentKey } from './name.ts'
import type { Zone } from './zone.ts'

/** By the key of their origins. */
export type ZoneSet = ReadonlyMap<string, Zone>

export function zoneSet(zones: Iterable<Zone>): ZoneSet {
  return new Map([...zones].map((zone) => [zone.origin.key, zone]))
}

export function closestZone(zones: ZoneSet, name: Name): Zone | undefined {
  for (let key = name.key; ; key = parentKey(key)) {
    const zone = zones.get(key)
    if (zone !== undefined || key.length === 1) return zone
  }
}
