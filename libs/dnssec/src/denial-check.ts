// The chain of a zone judged: that each name has its NSEC or NSEC3, that each leads to the next, and what types they list.
// RFC 4035 §2.3, RFC 5155 §7.1, RFC 9077 §3 (TTL), RFC 9276 §3.1 (iterations)

import {
  decodeBase32Hex,
  decodeRdata,
  findHashedNode,
  findNode,
  labels,
  type Name,
  NSEC,
  NSEC3,
  NSEC3_SHA1,
  type Nsec3Data,
  NSEC3PARAM,
  type Nsec3ParamData,
  nsec3Hash,
  parentName,
  RRSIG,
  type RRset,
  type Zone,
  type ZoneNode,
} from '@scop/dns'
import { decodeLatin1, encodeHex, equalOctets } from '@scop/octets'
import { denialTtl } from './denial-chain.ts'
import type { DnssecLimits } from './limits.ts'
import { listedTypes, standingOf } from './standing.ts'
import type { Findings } from './zone-finding.ts'

export function checkDenial(zone: Zone, findings: Findings, limits: DnssecLimits): void {
  const apex = findNode(zone, zone.origin)
  const params = apex?.rrsets.get(NSEC3PARAM.code)
  const hasNsec = apex?.rrsets.has(NSEC.code) === true
  if (hasNsec) checkNsec(zone, findings)
  if (params !== undefined) checkNsec3(zone, params, findings, limits)
  if (hasNsec || params !== undefined) return
  findings.error('no-denial', zone.origin)
}

function checkNsec(zone: Zone, findings: Findings): void {
  const links: ZoneNode[] = []
  for (let i = 0; i < zone.order.size; i++) {
    const node = findNode(zone, zone.order.at(i) ?? zone.origin)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    const has = node.rrsets.has(NSEC.code)
    if (standing === 'authoritative' || standing === 'delegation') links.push(node)
    else if (has) findings.error('nsec-not-wanted', node.name, { type: NSEC.code })
  }
  for (const [i, node] of links.entries()) {
    const rrset = node.rrsets.get(NSEC.code)
    const next = links[(i + 1) % links.length]?.name ?? zone.origin
    if (rrset === undefined) findings.error('nsec-missing', node.name, { type: NSEC.code })
    else checkLink(zone, node, rrset, next, findings)
  }
}

function checkLink(zone: Zone, node: ZoneNode, rrset: RRset, next: Name, findings: Findings): void {
  const { name } = node
  const [rdata] = rrset.rdatas
  const nsec = rdata === undefined ? undefined : decodeRdata(NSEC, rdata)
  checkTtl(zone, name, rrset, findings)
  if (rrset.rdatas.length !== 1) findings.error('nsec-repeated', name, { type: NSEC.code })
  if (nsec?.ok !== true) return
  if (nsec.value.next.key !== next.key) findings.error('nsec-next-wrong', name, { type: NSEC.code })
  const types = [...listedTypes(standingOf(zone, node), node), NSEC.code, RRSIG.code]
  if (!sameTypes(nsec.value.types, types)) findings.error('nsec-types-wrong', name, { type: NSEC.code })
}

type Hashed = { readonly hash: string; readonly owner: Name; readonly nsec3: Nsec3Data }

function checkNsec3(zone: Zone, params: RRset, findings: Findings, limits: DnssecLimits): void {
  for (const rdata of params.rdatas) {
    const param = decodeRdata(NSEC3PARAM, rdata)
    if (!param.ok || param.value.hashAlgorithm !== NSEC3_SHA1) findings.error('nsec3param-malformed', zone.origin)
    // RFC 5155 §4.1.2: with a flag that it does not know, a server takes no notice of it.
    else if (param.value.flags === 0) checkHashed(zone, param.value, params.rdatas.length > 1, findings, limits)
  }
}

function checkHashed(
  zone: Zone,
  param: Nsec3ParamData,
  severalSets: boolean,
  findings: Findings,
  limits: DnssecLimits,
): void {
  const { origin } = zone
  if (param.iterations > 0) findings.warning('nsec3-iterations', origin, { detail: String(param.iterations) })
  if (param.iterations > limits.checkedIterations) {
    findings.error('nsec3-iterations', origin, { detail: String(param.iterations) })
    return
  }
  const chain = readChain(zone, param, severalSets, findings)
  const byHash = new Map(chain.map((each) => [each.hash, each]))
  for (const [i, { owner, nsec3 }] of chain.entries()) {
    const next = chain[(i + 1) % chain.length]?.hash
    if (encodeHex(nsec3.nextHash) !== next) findings.error('nsec3-next-wrong', owner, { type: NSEC3.code })
  }
  const named = new Set<string>()
  for (let i = 0; i < zone.order.size; i++) {
    const node = findNode(zone, zone.order.at(i) ?? origin)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    if (standing === 'occluded') continue
    const hash = encodeHex(nsec3Hash(node.name, param))
    const there = byHash.get(hash)
    named.add(hash)
    if (there === undefined) {
      if (!mayBeLeftOut(zone, node, hash, chain)) findings.error('nsec3-missing', node.name, { type: NSEC3.code })
      continue
    }
    const own = listedTypes(standing, node)
    const signed = standing === 'authoritative' ? own.length > 0 : own.length > 1
    // Where NSEC stands beside, in a zone on its way from one to the other, it is a type as others are.
    const types = [...own, ...(signed ? [RRSIG.code] : []), ...(node.rrsets.has(NSEC.code) ? [NSEC.code] : [])]
    if (!sameTypes(there.nsec3.types, types)) findings.error('nsec3-types-wrong', there.owner, { type: NSEC3.code })
  }
  for (const { hash, owner } of chain) {
    if (!named.has(hash)) findings.error('nsec3-of-no-name', owner, { type: NSEC3.code })
  }
}

/** The records with these parameters, in the order of their hashes. */
function readChain(zone: Zone, param: Nsec3ParamData, severalSets: boolean, findings: Findings): readonly Hashed[] {
  const chain: Hashed[] = []
  for (let i = 0; i < zone.hashedOrder.size; i++) {
    const owner = zone.hashedOrder.at(i) ?? zone.origin
    const rrset = findHashedNode(zone, owner)?.rrsets.get(NSEC3.code)
    if (rrset === undefined) continue // only signatures, which is a finding already
    checkTtl(zone, owner, rrset, findings)
    const hash = hashIn(owner, zone.origin)
    let fits = false
    for (const rdata of rrset.rdatas) {
      const nsec3 = decodeRdata(NSEC3, rdata)
      if (!nsec3.ok || nsec3.value.iterations !== param.iterations || !equalOctets(nsec3.value.salt, param.salt))
        continue
      fits = true
      if (hash === undefined) findings.error('nsec3-owner-malformed', owner)
      else chain.push({ hash, owner, nsec3: nsec3.value })
    }
    if (!fits && !severalSets) findings.error('nsec3-parameters-differ', owner, { type: NSEC3.code })
  }
  return chain
}

/** Opt-out: an insecure delegation, or what is above such ones only, where the span over it says so. RFC 5155 §7.1 */
function mayBeLeftOut(zone: Zone, node: ZoneNode, hash: string, chain: readonly Hashed[]): boolean {
  const covering = chain[before(chain, hash)] ?? chain.at(-1)
  if (covering === undefined || (covering.nsec3.flags & OPT_OUT) === 0) return false
  const standing = standingOf(zone, node)
  if (standing === 'delegation') return listedTypes(standing, node).length === 1
  return standing === 'empty' && holdsOnlyInsecure(zone, node)
}

/** The index of the last that stands before this hash; -1 if there is none. */
function before(chain: readonly Hashed[], hash: string): number {
  let [low, high] = [0, chain.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((chain[middle]?.hash ?? '') < hash) low = middle + 1
    else high = middle
  }
  return low - 1
}

function holdsOnlyInsecure(zone: Zone, above: ZoneNode): boolean {
  for (let i = zone.order.floor(above.name) + 1; i < zone.order.size; i++) {
    const name = zone.order.at(i)
    const node = name === undefined ? undefined : findNode(zone, name)
    if (node === undefined || !node.name.key.endsWith(above.name.key)) break
    const standing = standingOf(zone, node)
    if (standing === 'authoritative') return false
    if (standing === 'delegation' && listedTypes(standing, node).length > 1) return false
  }
  return true
}

function hashIn(owner: Name, origin: Name): string | undefined {
  const [label] = labels(owner)
  const hash = label === undefined ? undefined : decodeBase32Hex(decodeLatin1(label))
  if (hash?.ok !== true || hash.value.length !== SHA1_OCTETS || parentName(owner)?.key !== origin.key) return undefined
  return encodeHex(hash.value)
}

function checkTtl(zone: Zone, name: Name, { type, ttlSeconds }: RRset, findings: Findings): void {
  if (ttlSeconds !== denialTtl(zone)) findings.warning('denial-ttl-differs', name, { type, detail: String(ttlSeconds) })
}

function sameTypes(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [new Set(a), new Set(b)]
  return left.size === right.size && [...left].every((type) => right.has(type))
}

const OPT_OUT = 1
const SHA1_OCTETS = 20
