// Finds the NSEC and NSEC3 records that a signed zone has.      RFC 4035 §3.1.3, RFC 5155 §7.1, §7.2

import { encodeLatin1 } from '@scop/octets'
import { encodeBase32Hex } from './base32hex.ts'
import type { Proof, ProofSource } from './denial.ts'
import type { Limits } from './limits.ts'
import { type Name, prependLabel, wildcardOf } from './name.ts'
import { NSEC3_SHA1, nsec3Hash, type Nsec3Parameters } from './nsec3-hash.ts'
import { decodeRdata } from './rdata.ts'
import { NS } from './rr/ns.ts'
import { NSEC } from './rr/nsec.ts'
import { NSEC3 } from './rr/nsec3.ts'
import { NSEC3PARAM } from './rr/nsec3param.ts'
import { findHashedNode, findNode, signatureSlot, type Zone, type ZoneNode } from './zone.ts'
import { lookUpInZone } from './zone-lookup.ts'

/** `undefined`: the zone proves no denial. Found out once for each version. */
export function storedProofs(zone: Zone, limits: Limits): ProofSource | undefined {
  const known = SOURCES.get(zone)
  if (known !== undefined) return known === 'none' ? undefined : known
  const source = makeSource(zone, limits)
  SOURCES.set(zone, source ?? 'none')
  return source
}

/** How the zone's NSEC3 names are hashed, if one of its NSEC3PARAM can be used here. RFC 5155 §4.1.2: flags must be zero */
export function nsec3Parameters(zone: Zone, limits: Limits): readonly Nsec3Parameters[] {
  const rdatas = findNode(zone, zone.origin)?.rrsets.get(NSEC3PARAM.code)?.rdatas ?? []
  return rdatas.flatMap((rdata) => {
    const param = decodeRdata(NSEC3PARAM, rdata)
    if (!param.ok || param.value.hashAlgorithm !== NSEC3_SHA1 || param.value.flags !== 0) return []
    return param.value.iterations > limits.nsec3Iterations ? [] : [param.value]
  })
}

/** The name of the NSEC3 for this hash. */
export function hashedOwner(hash: Uint8Array, origin: Name): Name | undefined {
  return prependLabel(encodeLatin1(encodeBase32Hex(hash)), origin)
}

function makeSource(zone: Zone, limits: Limits): ProofSource | undefined {
  if (findNode(zone, zone.origin)?.rrsets.has(NSEC.code)) return nsecSource(zone)
  for (const parameters of nsec3Parameters(zone, limits)) {
    const source = nsec3Source(zone, parameters)
    if (source.matching(zone.origin) !== undefined) return source // the chain of these parameters is there
  }
  return undefined
}

function nsecSource(zone: Zone): ProofSource {
  const { order } = zone
  const covering = (name: Name): Proof | undefined => {
    for (let index = order.floor(name); index >= 0; ) {
      const before = order.at(index)
      if (before === undefined) return undefined
      const proof = proofOf(findNode(zone, before), NSEC.code)
      if (proof !== undefined) return proof
      // Names below a cut have none, and may be many: on with the cut.
      const found = lookUpInZone(zone, before, NS.code)
      const hidden = found.kind === 'cut' || found.kind === 'dname'
      index = hidden && found.node.name.key !== before.key ? order.floor(found.node.name) : index - 1
    }
    return undefined
  }
  return {
    kind: 'nsec',
    origin: zone.origin,
    matching: (name) => proofOf(findNode(zone, name), NSEC.code),
    covering,
    coveringWildcard: coveringWildcards(covering),
  }
}

function nsec3Source(zone: Zone, parameters: Nsec3Parameters): ProofSource {
  const { hashedOrder: order, origin } = zone
  const owner = remembered((name) => hashedOwner(nsec3Hash(name, parameters), origin))
  const at = (hashed: Name): Proof | undefined => {
    const proof = proofOf(findHashedNode(zone, hashed), NSEC3.code)
    return proof?.rrset.rdatas.some((rdata) => isHashedBy(rdata, parameters)) ? proof : undefined
  }
  const covering = (name: Name): Proof | undefined => {
    const hashed = owner(name)
    if (hashed === undefined) return undefined
    const first = order.floor(hashed)
    // Before the first is the last; others between are of a chain with other parameters.
    for (let step = 0; step < order.size; step++) {
      const before = order.at((first - step + 2 * order.size) % order.size)
      const proof = before === undefined ? undefined : at(before)
      if (proof !== undefined) return proof
    }
    return undefined
  }
  return {
    kind: 'nsec3',
    origin,
    matching: (name) => {
      const hashed = owner(name)
      return hashed === undefined ? undefined : at(hashed)
    },
    covering,
    coveringWildcard: coveringWildcards(covering),
  }
}

function coveringWildcards(covering: ProofSource['covering']): ProofSource['coveringWildcard'] {
  return remembered((encloser) => {
    const wildcard = wildcardOf(encloser)
    return wildcard === undefined ? undefined : covering(wildcard)
  })
}

/** The same, with what was found of late: the enclosers of one denial are those of the next. */
function remembered<Found>(find: (name: Name) => Found): (name: Name) => Found {
  const known = new Map<string, { readonly found: Found }>()
  return (name) => {
    const before = known.get(name.key)
    if (before !== undefined) return before.found
    const found = find(name)
    if (known.size >= REMEMBERED) known.clear()
    known.set(name.key, { found })
    return found
  }
}

function isHashedBy(rdata: Uint8Array, { iterations, salt }: Nsec3Parameters): boolean {
  if (rdata[0] !== NSEC3_SHA1 || ((rdata[2] ?? 0) << 8) + (rdata[3] ?? 0) !== iterations) return false
  return rdata[4] === salt.length && salt.every((octet, i) => octet === rdata[5 + i])
}

function proofOf(node: ZoneNode | undefined, type: number): Proof | undefined {
  const rrset = node?.rrsets.get(type)
  if (node === undefined || rrset === undefined) return undefined
  return { owner: node.name, rrset, signatures: node.rrsets.get(signatureSlot(type)) }
}

const REMEMBERED = 1024
const SOURCES = new WeakMap<Zone, ProofSource | 'none'>()
