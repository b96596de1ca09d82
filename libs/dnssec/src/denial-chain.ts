// The chain of NSEC or NSEC3 records of a zone: written for the whole, or for some names and those beside them.
// RFC 4035 §2.3, RFC 5155 §7.1 (with §3.1.2.1 opt-out), RFC 9276 §3.1 (no iterations, no salt), RFC 9077 §3 (TTL)

import {
  decodeBase32Hex,
  encodeBase32Hex,
  encodeRdata,
  findHashedNode,
  findNode,
  type Name,
  NSEC,
  NSEC3,
  NSEC3_SHA1,
  NSEC3PARAM,
  nsec3Hash,
  prependLabel,
  RRSIG,
  type Zone,
  type ZoneNode,
} from '@scop/dns'
import { decodeLatin1, encodeAscii, equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import type { Denial } from './signing-policy.ts'
import { listedTypes, type Standing, standingOf } from './standing.ts'
import type { SignedEdit } from './signed-edit.ts'
import type { Steps } from './steps.ts'

/** A name that was touched, with its node of now; `undefined` if the name is gone. */
export type Touched = ReadonlyMap<string, { readonly name: Name; readonly node: ZoneNode | undefined }>

/** RFC 9077 §3: as long as any denial may be kept. */
export function denialTtl(zone: Zone): number {
  return Math.min(zone.soaTtlSeconds, zone.soa.negativeTtlSeconds)
}

/** Whether the zone has the chain that the policy asks for, as its apex shows it. */
export function hasChain(zone: Zone, denial: Denial): boolean {
  const apex = findNode(zone, zone.origin)
  const param = apex?.rrsets.get(NSEC3PARAM.code)
  if (denial.kind === 'nsec') return param === undefined && apex?.rrsets.has(NSEC.code) === true
  if (denial.kind === 'online')
    return param === undefined && apex?.rrsets.has(NSEC.code) !== true && zone.hashedOrder.size === 0
  const [rdata] = param?.rdatas ?? []
  const first = findHashedNode(zone, hashedName(zone.origin, zone.origin))?.rrsets.get(NSEC3.code)?.rdatas[0]
  const optOut = ((first?.[1] ?? 0) & OPT_OUT) !== 0
  return (
    param?.rdatas.length === 1 &&
    rdata !== undefined &&
    equalOctets(rdata, PLAIN_NSEC3PARAM) &&
    first !== undefined &&
    optOut === denial.optOut
  )
}

/** Removes what stands of a chain, of either kind. `zone` is the version whose records the editor has. */
export function removeChain(edit: SignedEdit, zone: Zone): void {
  for (let i = 0; i < zone.order.size; i++) {
    const name = zone.order.at(i)
    const node = name === undefined ? undefined : findNode(zone, name)
    if (node?.rrsets.has(NSEC.code) !== true) continue
    edit.removeRrset(node, NSEC.code)
    edit.removeSignatures(node, NSEC.code)
  }
  for (let i = 0; i < zone.hashedOrder.size; i++) removeHashed(edit, zone, zone.hashedOrder.at(i))
}

/**
 * Writes the records of the touched names and of their neighbours. `zone` has the content of now; `whole` says that all
 * its names are touched, and that nothing stands there yet.
 */
export function* writeChain(
  edit: SignedEdit,
  zone: Zone,
  denial: Denial,
  touched: Touched,
  whole: boolean,
): Steps<void> {
  if (denial.kind === 'nsec') yield* writeNsec(edit, zone, touched, whole)
  else if (denial.kind === 'nsec3') yield* writeNsec3(edit, zone, denial.optOut, touched)
}

function* writeNsec(edit: SignedEdit, zone: Zone, touched: Touched, whole: boolean): Steps<void> {
  const ttlSeconds = denialTtl(zone)
  const written = new Set<string>()
  const write = ({ index, node, standing }: Link): void => {
    if (written.has(node.name.key)) return
    written.add(node.name.key)
    const next = linkFrom(zone, index, 1).node.name
    const types = [...listedTypes(standing, node), RRSIG.code, NSEC.code]
    edit.set(node.name, node, { type: NSEC.code, ttlSeconds, rdatas: [encodeRdata(NSEC, { next, types })] })
  }
  for (const { name, node } of touched.values()) {
    const index = zone.order.floor(name)
    const standing = node === undefined ? 'empty' : standingOf(zone, node)
    if (node !== undefined && isLink(standing)) write({ index, node, standing })
    else if (node?.rrsets.has(NSEC.code) === true) edit.set(name, node, { type: NSEC.code, ttlSeconds, rdatas: [] })
    // The one before points to this name, or past it.
    if (!whole) write(linkFrom(zone, node === undefined ? index + 1 : index, -1))
    yield
  }
}

/** A name that has an NSEC. */
type Link = { readonly index: number; readonly node: ZoneNode; readonly standing: Standing }

function isLink(standing: Standing): boolean {
  return standing === 'authoritative' || standing === 'delegation'
}

/** The next name that has an NSEC, up or down, around the end. The apex is always one. */
function linkFrom(zone: Zone, from: number, step: 1 | -1): Link {
  const { size } = zone.order
  for (let i = 1; i <= size; i++) {
    const index = (from + step * i + size) % size
    const name = zone.order.at(index)
    const node = name === undefined ? undefined : findNode(zone, name)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    if (isLink(standing)) return { index, node, standing }
  }
  throw new Error('A zone without an apex')
}

function* writeNsec3(edit: SignedEdit, zone: Zone, optOut: boolean, touched: Touched): Steps<void> {
  const ttlSeconds = denialTtl(zone)
  const listed = new Map<string, { readonly owner: Name; readonly types: readonly number[] }>()
  const [added, removed]: [Name[], Name[]] = [[], []]
  for (const { name, node } of touched.values()) {
    const standing = node === undefined ? 'occluded' : standingOf(zone, node)
    const types = node === undefined ? [] : listedTypes(standing, node)
    const owner = hashedName(name, zone.origin)
    const exists = findHashedNode(zone, owner) !== undefined
    if (standing !== 'occluded' && !(optOut && standing === 'delegation' && types.length === 1)) {
      listed.set(owner.key, { owner, types: withSignatureType(standing, types) })
      if (!exists) added.push(owner)
    } else if (exists) {
      removed.push(owner)
      removeHashed(edit, zone, owner)
    }
    yield
  }
  const order = zone.hashedOrder.with(added, removed)
  const nextOf = (owner: Name): Uint8Array => hashOf(nameAt(order, order.floor(owner) + 1))
  const rest = { hashAlgorithm: NSEC3_SHA1, flags: optOut ? OPT_OUT : 0, iterations: 0, salt: EMPTY }
  for (const { owner, types } of listed.values()) {
    const rdata = encodeRdata(NSEC3, { ...rest, nextHash: nextOf(owner), types })
    edit.set(owner, findHashedNode(zone, owner), { type: NSEC3.code, ttlSeconds, rdatas: [rdata] })
    yield
  }
  // The ones before point to what was added, or past what was removed.
  const before = new Map<string, Name>()
  for (const owner of [
    ...added.map((name) => nameAt(order, order.floor(name) - 1)),
    ...removed.map((name) => nameAt(order, order.floor(name))),
  ]) {
    if (!listed.has(owner.key)) before.set(owner.key, owner)
  }
  for (const owner of before.values()) {
    const node = findHashedNode(zone, owner)
    const rdata = node?.rrsets.get(NSEC3.code)?.rdatas[0]
    if (rdata !== undefined)
      edit.set(owner, node, { type: NSEC3.code, ttlSeconds, rdatas: [withNext(rdata, nextOf(owner))] })
  }
}

/** RRSIG is among the types where anything is signed. RFC 5155 §7.1 */
function withSignatureType(standing: Standing, types: readonly number[]): readonly number[] {
  const signed = standing === 'authoritative' ? types.length > 0 : types.length > 1
  return signed ? [...types, RRSIG.code] : types
}

// owner = base32hex(H(name)) "." zone      RFC 5155 §3
function hashedName(name: Name, origin: Name): Name {
  const label = encodeAscii(encodeBase32Hex(nsec3Hash(name, PLAIN)))
  const owner = prependLabel(label, origin)
  // RFC 5155 §8.1: a zone whose own name is this long cannot have NSEC3.
  if (owner === undefined) throw new Error('The name of the zone is too long for NSEC3')
  return owner
}

function hashOf(owner: Name): Uint8Array {
  return expectOk(decodeBase32Hex(decodeLatin1(owner.octets.subarray(1, 33))), 'read the owner of an NSEC3')
}

function nameAt(order: Zone['order'], index: number): Name {
  const name = order.at((index + order.size) % order.size)
  if (name === undefined) throw new Error('A chain without a name')
  return name
}

function removeHashed(edit: SignedEdit, zone: Zone, owner: Name | undefined): void {
  const node = owner === undefined ? undefined : findHashedNode(zone, owner)
  if (node !== undefined) for (const slot of node.rrsets.keys()) edit.removeRrset(node, slot)
}

/** Record data without salt, with another next hash. */
function withNext(rdata: Uint8Array, nextHash: Uint8Array): Uint8Array {
  const changed = new Uint8Array(rdata)
  changed.set(nextHash, NEXT_HASH_AT)
  return changed
}

const OPT_OUT = 1
const EMPTY = new Uint8Array(0)
const PLAIN = { iterations: 0, salt: EMPTY }
const NEXT_HASH_AT = 6
/** SHA-1, no flags, no iterations, no salt. */
export const PLAIN_NSEC3PARAM: Uint8Array = new Uint8Array([NSEC3_SHA1, 0, 0, 0, 0])
