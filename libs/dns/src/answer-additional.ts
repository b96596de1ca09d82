// The addresses of hosts that an answer names, and the services on the way to them, as far as our zones have them.
// RFC 1034 §4.3.2 step 6, RFC 9471 §2 (glue)

import { ADDRESSES, additionalTargets } from './additional-targets.ts'
import type { AnswerSections } from './answer-sections.ts'
import type { Limits } from './limits.ts'
import { isAtOrBelow } from './name.ts'
import { decodeRdata } from './rdata.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { NS } from './rr/ns.ts'
import { findNode, type RRset, rrsetRecords, type Zone } from './zone.ts'
import { findVisible } from './zone-lookup.ts'
import { closestZone, type ZoneSet } from './zone-set.ts'

export function addAddresses(zones: ZoneSet, sections: AnswerSections, limits: Limits): void {
  const seen = new Set<string>()
  // A NAPTR leads to SRV records and these to hosts, so what was added names more; the bound is on the names of both.
  const wanted = sections.answers.flatMap(additionalTargets)
  for (const { host, types } of wanted) {
    // Once for each name, but that a service may be where the records of its alias are.
    const asked = `${types.length} ${host.key}`
    if (seen.has(asked)) continue
    if (seen.size >= limits.additionalNames) return
    seen.add(asked)
    const zone = closestZone(zones, host)
    const node = zone === undefined ? undefined : findVisible(zone, host)
    if (zone === undefined || node === undefined) continue
    for (const type of types) {
      const rrset = node.rrsets.get(type)
      if (rrset === undefined || !sections.additional(zone, node, rrset, true)) continue
      if (type !== A.code && type !== AAAA.code) wanted.push(...rrsetRecords(host, rrset).flatMap(additionalTargets))
    }
  }
}

/** Addresses of servers inside our zone, below this cut or beside it; all that we have. RFC 9471 §3 */
export function addGlue(zone: Zone, servers: RRset, sections: AnswerSections): void {
  for (const rdata of servers.rdatas) {
    const server = decodeRdata(NS, rdata)
    if (!server.ok || !isAtOrBelow(server.value.name, zone.origin)) continue
    const node = findNode(zone, server.value.name)
    const signed = findVisible(zone, server.value.name) !== undefined
    for (const type of ADDRESSES) {
      const rrset = node?.rrsets.get(type)
      if (node !== undefined && rrset !== undefined) sections.additional(zone, node, rrset, signed)
    }
  }
}
