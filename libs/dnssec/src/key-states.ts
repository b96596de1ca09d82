// The life of a zone's keys as one table: each record of a key is hidden, rumoured (some caches have it), omnipresent (all
// have it), unretentive (some still have it). A row says from where to where, on which condition, and how long it takes.
// RFC 7583 §3.1 (timelines), RFC 6781 §4.1 (rollovers; §4.1.4 algorithms), RFC 6840 §5.11

import type { DnskeyData } from '@scop/dns'
import type { ServedTtls } from './key-ttls.ts'

/** The public key in the zone, its signatures over the zone, those over the keys, and its DS in the parent. */
export type KeyRecord = 'dnskey' | 'zrrsig' | 'krrsig' | 'ds'

export type RecordState = 'hidden' | 'rumoured' | 'omnipresent' | 'unretentive'

export type RecordPlace = {
  readonly state: RecordState
  /** When the state began. */
  readonly sinceSeconds: number
  /** When it was first seen to be so: published, or withdrawn, in the zone or the parent. What it takes counts from here. */
  readonly seenSeconds?: number
}

/** `ksk` signs the keys and has a DS, `zsk` signs the zone, `csk` does both. */
export type KeyRole = 'ksk' | 'zsk' | 'csk'

/** Names a key in its zone: `13+04711`, algorithm and tag. */
export type KeyId = string

export type ZoneKeyState = {
  readonly id: KeyId
  readonly role: KeyRole
  readonly dnskey: DnskeyData
  readonly createdSeconds: number
  /** When it took over its work. */
  readonly activeSeconds?: number
  /** When it shall be replaced, if by command and not by its age. */
  readonly retireSeconds?: number
  readonly goal: 'present' | 'absent'
  /** What caches may still have, since there is this key. */
  readonly ttls?: ServedTtls
  /** Those of its role. */
  readonly records: { readonly [Record in KeyRecord]?: RecordPlace }
}

export type KeyDelays = {
  /** Until each of our servers has a change. */
  readonly zonePropagationSeconds: number
  /** Until each server of the parent has one. */
  readonly parentPropagationSeconds: number
  readonly keyTtlSeconds: number
  /** The largest of the zone's data. */
  readonly zoneTtlSeconds: number
  /** Of the DS in the parent. */
  readonly dsTtlSeconds: number
  /** Added to each wait, for what is not foreseen. */
  readonly safetySeconds: number
}

export type Transition = {
  readonly record: KeyRecord
  readonly from: readonly RecordState[]
  readonly to: RecordState
  /** The goal that the key must have; `undefined`: any. */
  readonly goal?: ZoneKeyState['goal']
  readonly when?: (key: ZoneKeyState, keys: readonly ZoneKeyState[]) => boolean
  /** From the moment when the state before was seen in effect. */
  readonly wait?: (delays: KeyDelays) => number
}

const ttlOfKeys = (delays: KeyDelays): number =>
  delays.keyTtlSeconds + delays.zonePropagationSeconds + delays.safetySeconds
const ttlOfZone = (delays: KeyDelays): number =>
  delays.zoneTtlSeconds + delays.zonePropagationSeconds + delays.safetySeconds
const ttlOfDs = (delays: KeyDelays): number =>
  delays.dsTtlSeconds + delays.parentPropagationSeconds + delays.safetySeconds

/** Every transition there is. One is done at a time, and the conditions are asked again after each. */
export const TRANSITIONS: readonly Transition[] = [
  { record: 'zrrsig', from: ['hidden'], to: 'rumoured', goal: 'present', when: maySignZone },
  { record: 'dnskey', from: ['hidden'], to: 'rumoured', goal: 'present', when: mayPublish },
  { record: 'krrsig', from: ['hidden'], to: 'rumoured', goal: 'present', when: (key) => isIn(key, 'dnskey', VISIBLE) },
  { record: 'ds', from: ['hidden'], to: 'rumoured', goal: 'present', when: mayAnnounce },

  { record: 'zrrsig', from: ['rumoured'], to: 'omnipresent', wait: ttlOfZone },
  { record: 'dnskey', from: ['rumoured'], to: 'omnipresent', wait: ttlOfKeys },
  { record: 'krrsig', from: ['rumoured'], to: 'omnipresent', wait: ttlOfKeys },
  { record: 'ds', from: ['rumoured'], to: 'omnipresent', wait: ttlOfDs },

  { record: 'ds', from: ['rumoured', 'omnipresent'], to: 'unretentive', goal: 'absent', when: mayDisown },
  { record: 'dnskey', from: ['rumoured', 'omnipresent'], to: 'unretentive', goal: 'absent', when: mayUnpublish },
  {
    record: 'krrsig',
    from: ['rumoured', 'omnipresent'],
    to: 'unretentive',
    goal: 'absent',
    when: (key) => !isIn(key, 'dnskey', VISIBLE),
  },
  { record: 'zrrsig', from: ['rumoured', 'omnipresent'], to: 'unretentive', goal: 'absent', when: mayStopSigning },

  { record: 'zrrsig', from: ['unretentive'], to: 'hidden', wait: ttlOfZone },
  { record: 'dnskey', from: ['unretentive'], to: 'hidden', wait: ttlOfKeys },
  { record: 'krrsig', from: ['unretentive'], to: 'hidden', wait: ttlOfKeys },
  { record: 'ds', from: ['unretentive'], to: 'hidden', wait: ttlOfDs },
]

export const RECORDS_OF: Readonly<Record<KeyRole, readonly KeyRecord[]>> = {
  ksk: ['dnskey', 'krrsig', 'ds'],
  zsk: ['dnskey', 'zrrsig'],
  csk: ['dnskey', 'krrsig', 'zrrsig', 'ds'],
}

/** Whether this record of the key is in one of these states; a record that its role does not have is hidden. */
export function isIn(key: ZoneKeyState, record: KeyRecord, states: readonly RecordState[]): boolean {
  return states.includes(key.records[record]?.state ?? 'hidden')
}

/** In the zone, or in what we ask of the parent. */
export const VISIBLE: readonly RecordState[] = ['rumoured', 'omnipresent']
const EVERYWHERE: readonly RecordState[] = ['omnipresent']
const NOWHERE: readonly RecordState[] = ['hidden']

/** No cache has a DS of ours: nobody validates. */
export function isInsecure(keys: readonly ZoneKeyState[]): boolean {
  return keys.every((key) => isIn(key, 'ds', NOWHERE))
}

function sameAlgorithm(key: ZoneKeyState, keys: readonly ZoneKeyState[]): readonly ZoneKeyState[] {
  return keys.filter((other) => other.dnskey.algorithm === key.dnskey.algorithm)
}

/**
 * A key of an algorithm that the zone has must be known everywhere before it signs (pre-publication); of a new algorithm
 * the signatures come first, for whoever sees its key may ask for them. RFC 6781 §4.1.1.1, §4.1.4
 */
function maySignZone(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  if (isInsecure(keys) || isIn(key, 'dnskey', EVERYWHERE)) return true
  return !sameAlgorithm(key, keys).some((other) => isIn(other, 'dnskey', VISIBLE))
}

/** Of a new algorithm all keys are published at once, when the zone is signed by it everywhere. */
function mayPublish(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  const same = sameAlgorithm(key, keys)
  if (isInsecure(keys) || same.some((other) => isIn(other, 'dnskey', VISIBLE))) return true
  const coming = same.filter(({ goal }) => goal === 'present')
  return coming.some((other) => isIn(other, 'zrrsig', EVERYWHERE)) && coming.some(({ role }) => role !== 'zsk')
}

/** The chain below the DS must stand everywhere, for each algorithm that a cache can know of. */
function mayAnnounce(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  if (!isIn(key, 'dnskey', EVERYWHERE) || !isIn(key, 'krrsig', EVERYWHERE)) return false
  return keys
    .filter((other) => !isIn(other, 'dnskey', NOWHERE))
    .every((other) => {
      const same = sameAlgorithm(other, keys)
      const [signing, vouching] = [same.some(signsEverywhere), same.some(vouchesEverywhere)]
      return signing && vouching
    })
}

/** The parent may swap it for the DS of a key that is known everywhere; or take it away where all keys go. */
function mayDisown(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  if (keys.every(({ goal }) => goal === 'absent')) return true
  return keys.some((other) => other !== key && isIn(other, 'ds', VISIBLE) && vouchesEverywhere(other))
}

/**
 * A key goes when no signature of it and no DS is in any cache, and another of its algorithm does its work; or when its
 * whole algorithm goes: then the keys go first, at once, and the signatures after them. RFC 6781 §4.1.4
 */
function mayUnpublish(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  if (isInsecure(keys)) return true
  const same = sameAlgorithm(key, keys)
  const others = keys.filter((other) => other !== key)
  const goes = same.every((other) => other.goal === 'absent' && isIn(other, 'ds', NOWHERE))
  if (goes) {
    const rest = keys.filter((other) => other.dnskey.algorithm !== key.dnskey.algorithm)
    return rest.some(signsEverywhere) && rest.some((other) => vouchesEverywhere(other) && isIn(other, 'ds', EVERYWHERE))
  }
  if (!isIn(key, 'ds', NOWHERE) || !isIn(key, 'zrrsig', NOWHERE)) return false
  const peers = sameAlgorithm(key, others)
  const signing = key.role === 'ksk' || peers.some(signsEverywhere)
  const vouching =
    key.role === 'zsk' || peers.some((other) => vouchesEverywhere(other) && isIn(other, 'ds', EVERYWHERE))
  return signing && vouching
}

/** Another key of the algorithm signs, or no cache knows any key of it. */
function mayStopSigning(key: ZoneKeyState, keys: readonly ZoneKeyState[]): boolean {
  if (isInsecure(keys)) return true
  const same = sameAlgorithm(key, keys)
  if (same.every((other) => isIn(other, 'dnskey', NOWHERE))) return true
  return same.some((other) => other !== key && isIn(other, 'dnskey', EVERYWHERE) && isIn(other, 'zrrsig', VISIBLE))
}

function signsEverywhere(key: ZoneKeyState): boolean {
  return isIn(key, 'dnskey', EVERYWHERE) && isIn(key, 'zrrsig', EVERYWHERE)
}

function vouchesEverywhere(key: ZoneKeyState): boolean {
  return isIn(key, 'dnskey', EVERYWHERE) && isIn(key, 'krrsig', EVERYWHERE)
}
