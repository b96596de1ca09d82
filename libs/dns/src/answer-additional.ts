// The addresses of hosts that an answer names, and the services on the way to them, as far as our zones have them.
// RFC 1034 §4.3.2 step 6, RFC 9471 §2 (glue), RFC 9460 §4.1 (SVCB), RFC 3403 §4.2 (NAPTR)

import { decodeLatin1 } from '@scop/octets'
import type { AnswerSections } from './answer-sections.ts'
import type { Limits } from './limits.ts'
import { isAtOrBelow, type Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { MX } from './rr/mx.ts'
import { NAPTR } from './rr/naptr.ts'
import { NS } from './rr/ns.ts'
import { HTTPS } from './rr/https.ts'
import { SRV } from './rr/srv.ts'
import { SVCB } from './rr/svcb.ts'
import { findNode, type RRset, rrsetRecords, type Zone } from './zone.ts'
import { findVisible } from './zone-lookup.ts'
import { closestZone, type ZoneSet } from './zone-set.ts'

export function addAddresses(zones: ZoneSet, sections: AnswerSections, limits: Limits): void {
  const seen = new Set<string>()
  // A NAPTR leads to SRV records and these to hosts, so what was added names more; the bound is on the names of both.
  const wanted = sections.answers.flatMap(namedBy)
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
      if (type !== A.code && type !== AAAA.code) wanted.push(...rrsetRecords(host, rrset).flatMap(namedBy))
    }
  }
}

/** A name, and what of it serves the asker. */
type Wanted = { readonly host: Name; readonly types: readonly number[] }

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

function namedBy(record: ResourceRecord): readonly Wanted[] {
  if (record.type === NAPTR.code) return ruledBy(record)
  if (record.type === SVCB.code || record.type === HTTPS.code) return boundBy(record)
  const host = hostOf(record)
  return host === undefined ? [] : [{ host, types: ADDRESSES }]
}

/** Flags S and A say what comes next. RFC 3404 §4.3 */
function ruledBy({ rdata }: ResourceRecord): readonly Wanted[] {
  const naptr = decodeRdata(NAPTR, rdata)
  if (!naptr.ok) return []
  const flag = decodeLatin1(naptr.value.flags).toUpperCase()
  const types = flag === 'S' ? [SRV.code] : flag === 'A' ? ADDRESSES : []
  return types.length === 0 ? [] : [{ host: naptr.value.replacement, types }]
}

/** An alias leads to records of the same type; a service is at its target, or at the owner. RFC 9460 §4.1 */
function boundBy({ name, type, rdata }: ResourceRecord): readonly Wanted[] {
  const svcb = decodeRdata(SVCB, rdata)
  if (!svcb.ok) return []
  const { priority, target } = svcb.value
  const isRoot = target.octets.length === 1
  if (priority === 0) return isRoot ? [] : [{ host: target, types: [type, ...ADDRESSES] }]
  return [{ host: isRoot ? name : target, types: ADDRESSES }]
}

function hostOf({ type, rdata }: ResourceRecord): Name | undefined {
  if (type === MX.code) {
    const mx = decodeRdata(MX, rdata)
    return mx.ok ? mx.value.exchange : undefined
  }
  if (type === SRV.code) {
    const srv = decodeRdata(SRV, rdata)
    return srv.ok ? srv.value.target : undefined
  }
  if (type === NS.code) {
    const ns = decodeRdata(NS, rdata)
    return ns.ok ? ns.value.name : undefined
  }
  return undefined
}

const ADDRESSES = [A.code, AAAA.code] as const
