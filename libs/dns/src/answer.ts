// Answers a query from our zones: aliases, wildcards, delegations, denials. Pure: the same zones and query give the same answer.
// RFC 1034 §4.3.2 (algorithm), RFC 2308 §2 (denials), RFC 4592 §3 (wildcards), RFC 8482 §4.1 (ANY), RFC 8020 §2 (empty names exist)

import { CLASS, RCODE } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type Message, responseTo } from './message.ts'
import { equalNames, isAtOrBelow, type Name, parentName, wildcardOf } from './name.ts'
import { decodeRdata, encodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { CNAME } from './rr/cname.ts'
import { DS } from './rr/ds.ts'
import { MX } from './rr/mx.ts'
import { NS } from './rr/ns.ts'
import { isMetaType, TYPE_ANY, TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
import { SOA } from './rr/soa.ts'
import { SRV } from './rr/srv.ts'
import { closestZone, type ZoneSet } from './zone-set.ts'
import { findNode, type RRset, rrsetRecords, type Zone, type ZoneNode } from './zone.ts'

/** The answer to a QUERY of one question. Without EDNS: the caller knows what the transport can take. */
export function answer(zones: ZoneSet, query: Message, limits: Limits = DEFAULT_LIMITS): Message {
  const question = query.questions[0]
  // RFC 9619 §4: one question, no more and no less.
  if (question === undefined || query.questions.length !== 1) return responseTo(query, RCODE.FORMERR)
  if (question.class !== CLASS.IN) return responseTo(query, RCODE.REFUSED)
  // todo RFC 5936 §2.2, RFC 1995 §3: zone transfers
  if (question.type === TYPE_AXFR || question.type === TYPE_IXFR) return responseTo(query, RCODE.REFUSED)
  if (isMetaType(question.type) && question.type !== TYPE_ANY) return responseTo(query, RCODE.NOTIMP)
  const found: Found = { answers: [], authorities: [], additionals: [], authoritative: true, rcode: RCODE.NOERROR }
  let name = question.name
  for (let hop = 0; hop <= limits.aliasHops; hop++) {
    const zone = zoneFor(zones, name, question.type)
    if (zone === undefined) {
      if (hop === 0) return responseTo(query, RCODE.REFUSED)
      break // the alias leads out of our zones: the asker goes on
    }
    const target = lookUp(zone, name, question.type, found)
    if (target === undefined || isInAnswer(found.answers, target)) break
    name = target
  }
  addAddresses(zones, found, limits)
  return { ...responseTo(query, found.rcode), ...found }
}

type Found = {
  answers: ResourceRecord[]
  authorities: ResourceRecord[]
  additionals: ResourceRecord[]
  authoritative: boolean
  rcode: number
}

/** The DS of a zone is in its parent. RFC 4035 §3.1.4.1 */
function zoneFor(zones: ZoneSet, name: Name, type: number): Zone | undefined {
  const zone = closestZone(zones, name)
  if (type !== DS.code || zone === undefined || !equalNames(zone.origin, name)) return zone
  const parent = parentName(name)
  return (parent === undefined ? undefined : closestZone(zones, parent)) ?? zone
}

/** Puts what `zone` knows of `name` into `found`; answers the name to go on with, if it is an alias. */
function lookUp(zone: Zone, name: Name, type: number, found: Found): Name | undefined {
  const cut = delegationAbove(zone, name, type)
  if (cut !== undefined) {
    refer(zone, cut, found)
    return undefined
  }
  const node = findNode(zone, name)
  if (node !== undefined) return fromNode(zone, node, name, type, found)
  const wildcard = sourceOfSynthesis(zone, name)
  if (wildcard !== undefined) return fromNode(zone, wildcard, name, type, found)
  found.rcode = RCODE.NXDOMAIN
  found.authorities.push(negativeSoa(zone))
  return undefined
}

function fromNode(zone: Zone, node: ZoneNode, owner: Name, type: number, found: Found): Name | undefined {
  const alias = node.rrsets.get(CNAME.code)
  if (alias !== undefined && type !== CNAME.code && type !== TYPE_ANY) {
    found.answers.push(...rrsetRecords(owner, alias))
    const target = alias.rdatas[0] === undefined ? undefined : decodeRdata(CNAME, alias.rdatas[0])
    return target?.ok ? target.value.name : undefined
  }
  const rrset = type === TYPE_ANY ? smallestSet(node) : node.rrsets.get(type)
  if (rrset === undefined) found.authorities.push(negativeSoa(zone))
  else found.answers.push(...rrsetRecords(owner, rrset))
  return undefined
}

/** The highest delegation at or above `name` and below the origin; at `name` itself not for DS, which is ours. */
function delegationAbove(zone: Zone, name: Name, type: number): ZoneNode | undefined {
  let cut: ZoneNode | undefined
  for (let at: Name | undefined = name; at !== undefined && !equalNames(at, zone.origin); at = parentName(at)) {
    const node = findNode(zone, at)
    if (node?.rrsets.has(NS.code) && !(type === DS.code && at === name)) cut = node
  }
  return cut
}

function refer(zone: Zone, cut: ZoneNode, found: Found): void {
  const servers = cut.rrsets.get(NS.code)
  if (servers === undefined) return
  found.authorities.push(...rrsetRecords(cut.name, servers))
  // With an alias before it, the answer still has authority for that alias. RFC 1034 §4.3.2 step 3b
  if (found.answers.length === 0) found.authoritative = false
  for (const rdata of servers.rdatas) {
    const server = decodeRdata(NS, rdata)
    // Glue: addresses of servers inside our zone, whether or not they lie below the cut. RFC 9471 §2
    if (server.ok && isAtOrBelow(server.value.name, zone.origin)) addAddressesOf(zone, server.value.name, found)
  }
}

/** `*.<closest encloser>`, where the closest encloser is the longest name above `name` that exists. RFC 4592 §3.3.1 */
function sourceOfSynthesis(zone: Zone, name: Name): ZoneNode | undefined {
  let encloser = parentName(name)
  while (encloser !== undefined && findNode(zone, encloser) === undefined) encloser = parentName(encloser)
  const wildcard = encloser === undefined ? undefined : wildcardOf(encloser)
  return wildcard === undefined ? undefined : findNode(zone, wildcard)
}

/** RFC 2308 §3: the SOA with the TTL that the denial may be kept. */
function negativeSoa(zone: Zone): ResourceRecord {
  const ttlSeconds = Math.min(zone.soaTtlSeconds, zone.soa.negativeTtlSeconds)
  return { name: zone.origin, type: SOA.code, class: CLASS.IN, ttlSeconds, rdata: encodeRdata(SOA, zone.soa) }
}

/** One RRset is answer enough for ANY, and no gain for who reflects it at somebody. RFC 8482 §4.1 */
function smallestSet(node: ZoneNode): RRset | undefined {
  let smallest: RRset | undefined
  let least = Number.POSITIVE_INFINITY
  for (const rrset of node.rrsets.values()) {
    const octets = rrset.rdatas.reduce((sum, rdata) => sum + rdata.length + 12, 0)
    if (octets < least) [smallest, least] = [rrset, octets]
  }
  return smallest
}

/** Addresses of the hosts that MX, SRV and NS answers name, as far as our zones have them. */
function addAddresses(zones: ZoneSet, found: Found, limits: Limits): void {
  const seen = new Set<string>()
  for (const record of found.answers) {
    const host = hostOf(record)
    if (host === undefined || seen.has(host.key)) continue
    if (seen.size >= limits.additionalNames) return
    seen.add(host.key)
    const zone = closestZone(zones, host)
    if (zone !== undefined && delegationAbove(zone, host, A.code) === undefined) addAddressesOf(zone, host, found)
  }
}

function addAddressesOf(zone: Zone, name: Name, found: Found): void {
  const node = findNode(zone, name)
  for (const type of [A.code, AAAA.code]) {
    const rrset = node?.rrsets.get(type)
    if (rrset === undefined || hasSet(found.answers, name, type) || hasSet(found.additionals, name, type)) continue
    found.additionals.push(...rrsetRecords(name, rrset))
  }
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

function hasSet(records: readonly ResourceRecord[], name: Name, type: number): boolean {
  return records.some((record) => record.type === type && equalNames(record.name, name))
}

/** A loop of aliases has come back to a name that has answered already. */
function isInAnswer(answers: readonly ResourceRecord[], name: Name): boolean {
  return answers.some((record) => equalNames(record.name, name))
}
// todo RFC 6672 §3: DNAME
