// ZONEMD: a digest of all that a zone holds, in the zone itself; computed, made and checked. Scheme SIMPLE.
// RFC 8976 §3.3 (SIMPLE), §3.4 (which records), §4 (checking)

import { createHash } from 'node:crypto'
import {
  canonicalRdata,
  decodeRdata,
  findNode,
  orderKey,
  RRSIG,
  signatureSlot,
  ZONEMD,
  type Zone,
  type ZonemdData,
  type ZoneNode,
} from '@scop/dns'
import { compareOctets, equalOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { canonicalRrset } from './signed-data.ts'

export const ZONEMD_HASH = { SHA384: 1, SHA512: 2 } as const

export type ZonemdRefusal = {
  readonly kind:
    | 'no-zonemd'
    | 'serial-differs'
    | 'scheme-unsupported'
    | 'hash-unsupported'
    | 'repeated'
    | 'digest-wrong'
}

/** The digest of the zone as it is; `undefined` for a hash that is not known. Costs as much as the zone is large. */
export function zoneDigest(zone: Zone, hashAlgorithm: number): Uint8Array | undefined {
  const name = HASHES[hashAlgorithm]
  if (name === undefined) return undefined
  const hash = createHash(name)
  const nodes = [...zone.nodes.entries()].map(([, node]) => ({ order: orderKey(node.name), node }))
  nodes.sort((a, b) => (a.order < b.order ? -1 : 1))
  for (let from = 0; from < nodes.length; ) {
    let to = from + 1
    // An NSEC3 owner may be a name of the zone as well.
    while (nodes[to]?.order === nodes[from]?.order) to++
    for (const octets of digested(
      nodes.slice(from, to).map(({ node }) => node),
      zone,
    ))
      hash.update(octets)
    from = to
  }
  return new Uint8Array(hash.digest())
}

/** The record for the zone as it is. A ZONEMD that is there already does not count, but a type list that names it does. */
export function makeZonemd(zone: Zone, hashAlgorithm: number): ZonemdData {
  const digest = zoneDigest(zone, hashAlgorithm)
  if (digest === undefined) throw new Error(`No digests are made with hash ${hashAlgorithm}`)
  return { serial: zone.soa.serial, scheme: SIMPLE, hashAlgorithm, digest }
}

/** Whether one ZONEMD of the apex is right. Whether it can be believed is for its signature to say. */
export function verifyZonemd(zone: Zone): Result<ZonemdData, ZonemdRefusal> {
  const rdatas = findNode(zone, zone.origin)?.rrsets.get(ZONEMD.code)?.rdatas ?? []
  const records: ZonemdData[] = []
  for (const rdata of rdatas) {
    const record = decodeRdata(ZONEMD, rdata)
    if (record.ok) records.push(record.value)
  }
  let refusal: ZonemdRefusal['kind'] = 'no-zonemd'
  for (const record of records) {
    const kind = refuse(zone, record, records)
    if (kind === undefined) return ok(record)
    refusal = kind
  }
  return err({ kind: refusal })
}

// RFC 8976 §4, steps 4.A to 4.G
function refuse(zone: Zone, record: ZonemdData, all: readonly ZonemdData[]): ZonemdRefusal['kind'] | undefined {
  if (record.serial !== zone.soa.serial) return 'serial-differs'
  if (record.scheme !== SIMPLE) return 'scheme-unsupported'
  if (HASHES[record.hashAlgorithm] === undefined) return 'hash-unsupported'
  const same = all.filter(({ scheme, hashAlgorithm }) => scheme === SIMPLE && hashAlgorithm === record.hashAlgorithm)
  if (same.length > 1) return 'repeated'
  const digest = zoneDigest(zone, record.hashAlgorithm)
  return digest !== undefined && equalOctets(digest, record.digest) ? undefined : 'digest-wrong'
}

/** The records of one owner by type and data, all signatures as one RRset; without the apex's ZONEMD and its signatures. */
function digested(nodes: readonly ZoneNode[], zone: Zone): readonly Uint8Array[] {
  const apex = nodes[0]?.name.key === zone.origin.key
  const sets = nodes
    .flatMap(({ rrsets }) => [...rrsets])
    .filter(([slot]) => !apex || (slot !== ZONEMD.code && slot !== signatureSlot(ZONEMD.code)))
    .map(([, rrset]) => rrset)
  const key = nodes[0]?.name.key ?? ''
  const plain = sets.filter(({ type }) => type !== RRSIG.code).sort((a, b) => a.type - b.type)
  const signatures = sets
    .filter(({ type }) => type === RRSIG.code)
    .flatMap(({ type, ttlSeconds, rdatas }) =>
      rdatas.map((rdata) => ({ type, ttlSeconds, rdatas: [canonicalRdata(type, rdata)] })),
    )
    .sort((a, b) => compareOctets(a.rdatas[0] ?? NOTHING, b.rdatas[0] ?? NOTHING))
  const at = plain.findIndex(({ type }) => type > RRSIG.code)
  const before = at < 0 ? plain : plain.slice(0, at)
  const after = at < 0 ? [] : plain.slice(at)
  return [...before, ...signatures, ...after].map((rrset) => canonicalRrset(key, rrset, rrset.ttlSeconds))
}

const SIMPLE = 1
const NOTHING = new Uint8Array(0)
const HASHES: Readonly<Record<number, string | undefined>> = {
  [ZONEMD_HASH.SHA384]: 'sha384',
  [ZONEMD_HASH.SHA512]: 'sha512',
}
