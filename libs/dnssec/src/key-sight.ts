// What the zone and its parent show of the keys at this moment: the ground on which the plan goes on.
// RFC 7583 §3.1 (a time counts from when something is really published), RFC 7344 §6.1 (the parent is asked)

import {
  decodeRdata,
  DNSKEY,
  DS,
  findHashedNode,
  findNode,
  type Name,
  NSEC3,
  type RRset,
  signatureSlot,
  typesOf,
  type Zone,
} from '@scop/dns'
import type { AlgorithmTable } from './algorithms.ts'
import { matchDs } from './ds.ts'
import { keyId, type ParentSight, type ZoneSight } from './key-plan.ts'
import type { KeyId, ZoneKeyState } from './key-states.ts'
import { isKeyType, signerOf } from './signed-edit.ts'
import { isSigned, standingOf } from './standing.ts'
import { allSteps, type Steps } from './steps.ts'

/** Goes through all signatures of the zone. */
export function seeZone(zone: Zone): ZoneSight {
  return allSteps(seeZoneInSteps(zone))
}

/** The same in steps of one RRset each. */
export function* seeZoneInSteps(zone: Zone): Steps<ZoneSight> {
  const dnskeys = new Set<KeyId>()
  const apex = findNode(zone, zone.origin)
  for (const rdata of apex?.rrsets.get(DNSKEY.code)?.rdatas ?? []) {
    const key = decodeRdata(DNSKEY, rdata)
    if (key.ok) dnskeys.add(keyId(key.value))
  }
  const counts = new Map<KeyId, number>()
  let total = 0
  for (const signatures of zoneSignatures(zone)) {
    total++
    for (const id of signersIn(signatures)) counts.set(id, (counts.get(id) ?? 0) + 1)
    yield
  }
  return {
    dnskeys,
    keySigners: signersIn(apex?.rrsets.get(signatureSlot(DNSKEY.code))),
    signersOfAll: new Set([...counts].filter(([, count]) => count === total).map(([id]) => id)),
    signersOfSome: new Set(counts.keys()),
  }
}

/** `answers` are the DS records that each server of the parent gave; none at all is no sight. */
export function seeParent(
  origin: Name,
  keys: readonly ZoneKeyState[],
  answers: readonly (readonly Uint8Array[])[],
  algorithms: AlgorithmTable,
): ParentSight | undefined {
  if (answers.length === 0) return undefined
  const shows = (key: ZoneKeyState, rdatas: readonly Uint8Array[]): boolean =>
    rdatas.some((rdata) => {
      const ds = decodeRdata(DS, rdata)
      return ds.ok && matchDs(origin, key.dnskey, ds.value, algorithms) === 'match'
    })
  const idsWhere = (test: (key: ZoneKeyState) => boolean): ReadonlySet<KeyId> =>
    new Set(keys.filter(test).map(({ id }) => id))
  return {
    shownByAll: idsWhere((key) => answers.every((rdatas) => shows(key, rdatas))),
    shownBySome: idsWhere((key) => answers.some((rdatas) => shows(key, rdatas))),
  }
}

/** The signatures over each RRset that the zone's own keys sign; `undefined` where one is missing. */
function* zoneSignatures(zone: Zone): IterableIterator<RRset | undefined> {
  for (let i = 0; i < zone.order.size; i++) {
    const node = findNode(zone, zone.order.at(i) ?? zone.origin)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    for (const type of typesOf(node)) {
      if (isSigned(standing, type) && !isKeyType(type)) yield node.rrsets.get(signatureSlot(type))
    }
  }
  for (let i = 0; i < zone.hashedOrder.size; i++) {
    const name = zone.hashedOrder.at(i)
    if (name !== undefined) yield findHashedNode(zone, name)?.rrsets.get(signatureSlot(NSEC3.code))
  }
}

function signersIn(signatures: RRset | undefined): ReadonlySet<KeyId> {
  return new Set(signatures?.rdatas.map((rdata) => formatId(signerOf(rdata))) ?? [])
}

function formatId({ algorithm, keyTag }: { readonly algorithm: number; readonly keyTag: number }): KeyId {
  return `${algorithm}+${String(keyTag).padStart(5, '0')}`
}
