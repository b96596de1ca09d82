// Answers a query from our zones: aliases, wildcards, delegations, denials with their proofs. Pure: the same zones and query give
// the same answer.      RFC 1034 §4.3.2 (algorithm), RFC 2308 §2 (denials), RFC 4592 §3 (wildcards), RFC 6672 §3.2 (DNAME),
// RFC 8482 §4.1 (ANY), RFC 8020 §2 (empty names exist), RFC 4035 §3.1 (DNSSEC), RFC 6604 §3 (the last name's code counts)

import { addAddresses, addGlue } from './answer-additional.ts'
import { type AnswerOptions, AnswerSections } from './answer-sections.ts'
import { CLASS, RCODE } from './codes.ts'
import { type Absence, lookUpInZone } from './zone-lookup.ts'
import { proveExpansion, proveNoName, proveNoType, proveNoTypeAtWildcard } from './denial.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { type Message, responseTo } from './message.ts'
import { equalNames, MAX_NAME_OCTETS, Name, parentName } from './name.ts'
import { decodeRdata, encodeRdata } from './rdata.ts'
import { CNAME } from './rr/cname.ts'
import { DNAME } from './rr/dname.ts'
import { DS } from './rr/ds.ts'
import { NS } from './rr/ns.ts'
import { NSEC } from './rr/nsec.ts'
import { RRSIG } from './rr/rrsig.ts'
import { isMetaType, TYPE_ANY, TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
import { type RRset, typesOf, type Zone, type ZoneNode } from './zone.ts'
import { closestZone, type ZoneSet } from './zone-set.ts'

/** The answer to a QUERY of one question. Without EDNS: the caller knows what the transport can take. */
export function answer(zones: ZoneSet, query: Message, options: Partial<AnswerOptions> = {}): Message {
  const question = query.questions[0]
  // RFC 9619 §4: one question, no more and no less.
  if (question === undefined || query.questions.length !== 1) return responseTo(query, RCODE.FORMERR)
  if (question.class !== CLASS.IN) return responseTo(query, RCODE.REFUSED)
  // Transfers, where they are allowed, are answered elsewhere.
  if (question.type === TYPE_AXFR || question.type === TYPE_IXFR) return responseTo(query, RCODE.REFUSED)
  if (isMetaType(question.type) && question.type !== TYPE_ANY) return responseTo(query, RCODE.NOTIMP)
  const { limits = DEFAULT_LIMITS, wholeAny = false, onlineSigner, zone: closest } = options
  const sections = new AnswerSections(query.edns?.dnssecOk ?? false, { limits, wholeAny, onlineSigner, zone: closest })
  let { name } = question
  for (let hop = 0; hop <= limits.aliasHops; hop++) {
    const zone = zoneFor(zones, name, question.type, hop === 0 ? closest : undefined)
    if (zone === undefined) {
      if (hop === 0) return responseTo(query, RCODE.REFUSED)
      break // the alias leads out of our zones: the asker goes on
    }
    const target = answerFrom(zone, name, question.type, sections, wholeAny)
    if (target === undefined || sections.hasAnswered(target)) break
    name = target
  }
  addAddresses(zones, sections, limits)
  if (sections.lacksSignature) return responseTo(query, RCODE.SERVFAIL)
  return { ...responseTo(query, sections.rcode), ...sections.finish() }
}

/** The DS of a zone is in its parent. RFC 4035 §3.1.4.1 */
function zoneFor(zones: ZoneSet, name: Name, type: number, closest: Zone | undefined): Zone | undefined {
  const zone = closest ?? closestZone(zones, name)
  if (type !== DS.code || zone === undefined || !equalNames(zone.origin, name)) return zone
  const parent = parentName(name)
  return (parent === undefined ? undefined : closestZone(zones, parent)) ?? zone
}

/** Puts in what `zone` knows of `name`; gives the name to go on with, if it is an alias. */
function answerFrom(
  zone: Zone,
  name: Name,
  type: number,
  sections: AnswerSections,
  wholeAny: boolean,
): Name | undefined {
  const found = lookUpInZone(zone, name, type)
  switch (found.kind) {
    case 'cut':
      refer(zone, found.node, sections)
      return undefined
    case 'dname':
      return redirect(zone, found.node, name, type, sections)
    case 'absent': {
      sections.deny(zone)
      sections.prove(zone, (source) => proveNoName(source, name, found))
      // RFC 9824 §3.1: the compact form denies types, for it has no way to deny the name.
      sections.rcode = sections.proofs(zone)?.kind === 'compact' ? RCODE.NOERROR : RCODE.NXDOMAIN
      return undefined
    }
    case 'wildcard':
      return answerFromNode(zone, found.node, name, type, sections, wholeAny, found)
    case 'node':
      return answerFromNode(zone, found.node, name, type, sections, wholeAny, undefined)
  }
}

/** `absence`: of the name asked for, where the node is a wildcard. */
function answerFromNode(
  zone: Zone,
  node: ZoneNode,
  owner: Name,
  type: number,
  sections: AnswerSections,
  wholeAny: boolean,
  absence: Absence | undefined,
): Name | undefined {
  const rrsets = chosenSets(zone, node, type, sections.dnssec, wholeAny, absence !== undefined)
  const alias = rrsets.length === 0 ? node.rrsets.get(CNAME.code) : undefined
  if (rrsets.length === 0 && alias === undefined) {
    sections.deny(zone)
    sections.prove(zone, (source) => {
      if (absence === undefined) return proveNoType(source, owner)
      return proveNoTypeAtWildcard(source, node.name, owner, absence)
    })
    return undefined
  }
  for (const rrset of alias === undefined ? rrsets : [alias]) {
    if (rrset.type === RRSIG.code) sections.answerAlone(owner, rrset)
    else sections.answer(zone, node, owner, rrset)
  }
  if (absence !== undefined) sections.prove(zone, (source) => proveExpansion(source, owner, absence))
  const target = alias?.rdatas[0] === undefined ? undefined : decodeRdata(CNAME, alias.rdatas[0])
  return target?.ok ? target.value.name : undefined
}

/** What answers this type. NSEC and signatures of an alias are asked for as they stand, and not at its target. */
function chosenSets(
  zone: Zone,
  node: ZoneNode,
  type: number,
  dnssec: boolean,
  wholeAny: boolean,
  expanded: boolean,
): readonly RRset[] {
  // A DS at the apex speaks of a delegation that is not here. RFC 4035 §2.4
  if (type === DS.code && node.name.key === zone.origin.key) return []
  if (type === RRSIG.code) {
    return smallest([...node.rrsets].flatMap(([slot, set]) => (slot > 0xffff ? [set] : [])))
  }
  if (type !== TYPE_ANY) {
    const rrset = node.rrsets.get(type)
    return rrset === undefined ? [] : [rrset]
  }
  const all = typesOf(node).flatMap((each) => node.rrsets.get(each) ?? [])
  const plain = all.filter((rrset) => rrset.type !== NSEC.code)
  if (!wholeAny) return smallest(plain)
  return dnssec && !expanded && !node.rrsets.has(CNAME.code) ? all : plain
}

/** One RRset is answer enough for ANY and RRSIG, and no gain for who reflects it at somebody. RFC 8482 §4.1, §7 */
function smallest(rrsets: readonly RRset[]): readonly RRset[] {
  let least = Number.POSITIVE_INFINITY
  let found: readonly RRset[] = []
  for (const rrset of rrsets) {
    const octets = rrset.rdatas.reduce((sum, rdata) => sum + rdata.length + 12, 0)
    if (octets < least) [found, least] = [[rrset], octets]
  }
  return found
}

function refer(zone: Zone, cut: ZoneNode, sections: AnswerSections): void {
  const servers = cut.rrsets.get(NS.code)
  if (servers === undefined) return
  // With an alias before it, the answer still has authority for that alias. RFC 1034 §4.3.2 step 3b
  if (sections.answers.length === 0) sections.authoritative = false
  sections.refer(cut, servers)
  const ds = cut.rrsets.get(DS.code)
  // RFC 4035 §3.1.4: the DS, or the proof that there is none; nothing in a zone that proves nothing.
  if (ds !== undefined && sections.proofs(zone) !== undefined) sections.authority(zone, cut, ds)
  if (ds === undefined) sections.prove(zone, (source) => proveNoType(source, cut.name))
  addGlue(zone, servers, sections)
}

/** The DNAME and the CNAME that follows from it, which needs no signature. RFC 6672 §3.1, §5.3.1 */
function redirect(zone: Zone, node: ZoneNode, name: Name, type: number, sections: AnswerSections): Name | undefined {
  const rrset = node.rrsets.get(DNAME.code)
  const dname = rrset?.rdatas[0] === undefined ? undefined : decodeRdata(DNAME, rrset.rdatas[0])
  if (rrset === undefined || !dname?.ok) return undefined
  sections.answer(zone, node, node.name, rrset)
  const target = replaceSuffix(name, node.name, dname.value.name)
  if (target === undefined) {
    sections.rcode = RCODE.YXDOMAIN
    return undefined
  }
  const rdatas = [encodeRdata(CNAME, { name: target })]
  const looped = sections.hasAnswered(name)
  sections.answerAlone(name, { type: CNAME.code, ttlSeconds: rrset.ttlSeconds, rdatas })
  return looped || type === CNAME.code || type === TYPE_ANY ? undefined : target
}

/** `undefined` if that is longer than a name may be. */
function replaceSuffix(name: Name, suffix: Name, by: Name): Name | undefined {
  const kept = name.octets.length - suffix.octets.length
  if (kept + by.octets.length > MAX_NAME_OCTETS) return undefined
  const octets = new Uint8Array(kept + by.octets.length)
  octets.set(name.octets.subarray(0, kept))
  octets.set(by.octets, kept)
  return new Name(octets)
}
