// Denials that are made and signed while the asker waits, so that nothing of the zone is shown: NSEC that says that a name
// has no records, or NSEC3 with the smallest span.      RFC 9824 §3 (compact), RFC 7129 Appendix B (NSEC3)

import type { Proof, ProofSource } from './denial.ts'
import { hashedOwner, nsec3Parameters } from './denial-source.ts'
import type { Limits } from './limits.ts'
import { type Name, prependLabel, wildcardOf } from './name.ts'
import { NSEC3_SHA1, nsec3Hash, type Nsec3Parameters } from './nsec3-hash.ts'
import { encodeRdata } from './rdata.ts'
import { DS } from './rr/ds.ts'
import { NS } from './rr/ns.ts'
import { NSEC } from './rr/nsec.ts'
import { NSEC3 } from './rr/nsec3.ts'
import { RRSIG } from './rr/rrsig.ts'
import type { TypeBitmap } from './rr/type-bitmap.ts'
import { findNode, type RRset, typesOf, type Zone, type ZoneNode } from './zone.ts'
import { lookUpInZone } from './zone-lookup.ts'

export type OnlineSigner = {
  readonly denial: 'compact' | 'nsec3'
  /** The signatures over this RRset, as they stand beside it: type RRSIG, and its TTL; `undefined`: none can be made now. */
  sign(zone: Zone, owner: Name, rrset: RRset): RRset | undefined
}

export function onlineProofs(zone: Zone, signer: OnlineSigner, limits: Limits): ProofSource {
  return signer.denial === 'compact' ? compactSource(zone, signer) : nsec3Source(zone, signer, limits)
}

function compactSource(zone: Zone, signer: OnlineSigner): ProofSource {
  const proof = (owner: Name, types: TypeBitmap): Proof | undefined => {
    // Where no name is long enough to stand behind it, its own name closes the circle: the span is empty but for the owner.
    const next = prependLabel(ZERO, owner) ?? owner
    const rdata = encodeRdata(NSEC, { next, types: [...types, NSEC.code, RRSIG.code] })
    return signed(zone, signer, owner, NSEC.code, rdata)
  }
  return {
    kind: 'compact',
    origin: zone.origin,
    matching: (name) => {
      const found = lookUpInZone(zone, name, DS.code)
      const node = found.kind === 'absent' || found.kind === 'dname' ? undefined : found.node
      return proof(name, node === undefined ? [] : ownTypes(zone, node))
    },
    covering: (name) => proof(name, [TYPE_NXNAME]),
    coveringWildcard: () => undefined, // the compact form denies no wildcards
  }
}

function nsec3Source(zone: Zone, signer: OnlineSigner, limits: Limits): ProofSource {
  const parameters = nsec3Parameters(zone, limits)[0] ?? NO_SALT
  const proof = (from: Uint8Array, next: Uint8Array, types: TypeBitmap): Proof | undefined => {
    const owner = hashedOwner(from, zone.origin)
    if (owner === undefined) return undefined
    const data = { hashAlgorithm: NSEC3_SHA1, flags: 0, ...parameters, nextHash: next, types }
    return signed(zone, signer, owner, NSEC3.code, encodeRdata(NSEC3, data))
  }
  const covering = (name: Name): Proof | undefined => {
    const hash = nsec3Hash(name, parameters)
    return proof(step(hash, -1), step(hash, 1), [])
  }
  return {
    kind: 'nsec3',
    origin: zone.origin,
    matching: (name) => {
      const node = findNode(zone, name)
      if (node === undefined) return undefined
      const hash = nsec3Hash(name, parameters)
      const types = ownTypes(zone, node)
      // An unsigned delegation and a name without records have no signature.
      const isSigned = types.some((type) => type !== NS.code) || name.key === zone.origin.key
      return proof(hash, step(hash, 1), isSigned ? [...types, RRSIG.code] : types)
    },
    covering,
    coveringWildcard: (encloser) => {
      const wildcard = wildcardOf(encloser)
      return wildcard === undefined ? undefined : covering(wildcard)
    },
  }
}

/** RFC 2308 §5, RFC 9077 §3: a denial may be kept no longer than the SOA says. */
function signed(zone: Zone, signer: OnlineSigner, owner: Name, type: number, rdata: Uint8Array): Proof {
  const ttlSeconds = Math.min(zone.soaTtlSeconds, zone.soa.negativeTtlSeconds)
  const rrset = { type, ttlSeconds, rdatas: [rdata] }
  return { owner, rrset, signatures: signer.sign(zone, owner, rrset) }
}

/** Of a delegation only what the parent has. */
function ownTypes(zone: Zone, node: ZoneNode): TypeBitmap {
  const types = typesOf(node).filter((type) => type !== NSEC.code)
  const isCut = node.rrsets.has(NS.code) && node.name.key !== zone.origin.key
  return isCut ? types.filter((type) => type === NS.code || type === DS.code) : types
}

/** The hash before or after, round the circle. */
function step(hash: Uint8Array, by: 1 | -1): Uint8Array {
  const stepped = new Uint8Array(hash)
  for (let i = stepped.length - 1; i >= 0; i--) {
    const octet = (stepped[i] ?? 0) + by
    stepped[i] = octet
    if (octet >= 0 && octet <= 0xff) break
  }
  return stepped
}

/** The type that says: there is no such name. RFC 9824 §2 */
const TYPE_NXNAME = 128
const ZERO = Uint8Array.of(0)
const NO_SALT: Nsec3Parameters = { iterations: 0, salt: new Uint8Array(0) }
