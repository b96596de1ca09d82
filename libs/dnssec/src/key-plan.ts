// What is to be done with the keys of a zone now: new keys made, states advanced, what is published, who signs, what the
// parent is asked for, and when to look again.
// RFC 7583 §3 (rollover timelines), RFC 7344 §4, §5 (CDS, CDNSKEY), RFC 8078 §4 (deletion), RFC 6781 §4.1

import { type DnskeyData, type DsData, type Name } from '@scop/dns'
import { DIGEST } from './algorithms.ts'
import { makeDs } from './ds.ts'
import { KEY_FLAG, keyTag } from './key-tag.ts'
import {
  type KeyDelays,
  type KeyId,
  type KeyRecord,
  type KeyRole,
  type RecordPlace,
  RECORDS_OF,
  type RecordState,
  type Transition,
  TRANSITIONS,
  isIn,
  VISIBLE,
  type ZoneKeyState,
} from './key-states.ts'
import { longestDelays, noteTtls } from './key-ttls.ts'
import type { SigningKey } from './signing-key.ts'
import type { ZoneKeys } from './signing-policy.ts'

export type KeyPolicy = KeyDelays & {
  /** `false`: the zone shall become unsigned, by way of the parent. */
  readonly signed: boolean
  readonly algorithm: number
  readonly roles: 'csk' | 'ksk-and-zsk'
  /** Age at which a key of the role has been replaced; without it only by command. */
  readonly lifetimeSeconds: { readonly [Role in KeyRole]?: number }
  readonly digestTypes: readonly (typeof DIGEST.SHA256 | typeof DIGEST.SHA384)[]
}

export const DEFAULT_KEY_POLICY: KeyPolicy = {
  signed: true,
  algorithm: 13,
  roles: 'ksk-and-zsk',
  lifetimeSeconds: { zsk: 90 * 86400 },
  digestTypes: [DIGEST.SHA256],
  zonePropagationSeconds: 300,
  parentPropagationSeconds: 3600,
  keyTtlSeconds: 3600,
  zoneTtlSeconds: 86400,
  dsTtlSeconds: 86400,
  safetySeconds: 3600,
}

/** What our zone has at this moment, by key. */
export type ZoneSight = {
  readonly dnskeys: ReadonlySet<KeyId>
  /** Have signed the DNSKEY RRset. */
  readonly keySigners: ReadonlySet<KeyId>
  /** Have a signature over every RRset of the zone, and over at least one. */
  readonly signersOfAll: ReadonlySet<KeyId>
  readonly signersOfSome: ReadonlySet<KeyId>
}

/** The keys of which every server of the parent shows the DS, and of which one does. */
export type ParentSight = { readonly shownByAll: ReadonlySet<KeyId>; readonly shownBySome: ReadonlySet<KeyId> }

export type Sights = { readonly zone?: ZoneSight; readonly parent?: ParentSight }

export type KeyPlan = {
  readonly keys: readonly ZoneKeyState[]
  /** Keys that are in no cache any more and stand in `keys` no more. */
  readonly finished: readonly ZoneKeyState[]
  /** What the zone shall have. */
  readonly published: readonly KeyId[]
  readonly keySigners: readonly KeyId[]
  readonly zoneSigners: readonly KeyId[]
  /** Of which the parent is asked for a DS. */
  readonly announced: readonly KeyId[]
  /** The parent is asked to take all DS away. */
  readonly askForDeletion: boolean
  /** A sight that would lead on. */
  readonly awaits: { readonly zone: boolean; readonly parent: boolean }
  /** When time alone leads on. */
  readonly wakeSeconds: number | undefined
}

/** Makes a key of which the tag is none of those. Its private part is the caller's to keep. */
export type CreateKey = (algorithm: number, flags: number, avoidTags: ReadonlySet<number>) => DnskeyData

/** One step. To be called again when `wakeSeconds` has come, and whenever there is something new to see. */
export function planKeys(
  before: readonly ZoneKeyState[],
  policy: KeyPolicy,
  sights: Sights,
  nowSeconds: number,
  create: CreateKey,
): KeyPlan {
  // The same for all keys: a new key waits for the TTLs that were before it.
  const ttls = noteTtls(before[0]?.ttls, policy, nowSeconds)
  const delays = longestDelays(policy, ttls)
  const seen = before.map((key) => seeKey(key, sights, delays, nowSeconds))
  let keys: readonly ZoneKeyState[] = chooseKeys(seen, policy, nowSeconds, create).map((key) => ({ ...key, ttls }))
  keys = advance(keys, delays, nowSeconds)
  const finished = keys.filter(
    (key) => key.goal === 'absent' && recordsOf(key).every(([, { state }]) => state === 'hidden'),
  )
  const left = keys.filter((key) => !finished.includes(key))
  const withRecord = (record: KeyRecord): readonly KeyId[] =>
    left.filter((key) => isIn(key, record, VISIBLE)).map(({ id }) => id)
  const askForDeletion =
    left.length > 0 && left.every(({ goal }) => goal === 'absent') && left.some((key) => !isIn(key, 'ds', ['hidden']))
  return {
    keys: left,
    finished,
    published: withRecord('dnskey'),
    keySigners: withRecord('krrsig'),
    zoneSigners: withRecord('zrrsig'),
    announced: withRecord('ds'),
    askForDeletion,
    awaits: {
      zone: left.some((key) => isUnseen(key, ['dnskey', 'krrsig', 'zrrsig'])),
      parent: left.some((key) => isUnseen(key, ['ds'])),
    },
    wakeSeconds: nextWake(left, policy, delays, nowSeconds),
  }
}

/** A key that the zone has already, and everybody knows; its DS too where the parent has it. */
export function adoptKey(dnskey: DnskeyData, role: KeyRole, nowSeconds: number, hasDs: boolean): ZoneKeyState {
  const key = newKey(dnskey, role, nowSeconds)
  const place: RecordPlace = { state: 'omnipresent', sinceSeconds: nowSeconds, seenSeconds: nowSeconds }
  const records: { [Record in KeyRecord]?: RecordPlace } = {}
  for (const record of RECORDS_OF[role])
    records[record] = record === 'ds' && !hasDs ? { ...place, state: 'hidden' } : place
  return { ...key, records, ...(role === 'zsk' || hasDs ? { activeSeconds: nowSeconds } : {}) }
}

/** The key shall be replaced at once. */
export function retireKey(keys: readonly ZoneKeyState[], id: KeyId, nowSeconds: number): readonly ZoneKeyState[] {
  return keys.map((key) => (key.id === id ? { ...key, retireSeconds: nowSeconds } : key))
}

export function keyId(dnskey: DnskeyData): KeyId {
  return `${dnskey.algorithm}+${String(keyTag(dnskey)).padStart(5, '0')}`
}

/** What `signZone` needs for this plan. `find` gives the private keys. */
export function zoneKeysOf(origin: Name, plan: KeyPlan, policy: KeyPolicy, find: (id: KeyId) => SigningKey): ZoneKeys {
  const publicOf = (id: KeyId): readonly DnskeyData[] =>
    plan.keys.filter((key) => key.id === id).map(({ dnskey }) => dnskey)
  const announced = plan.announced.flatMap(publicOf)
  return {
    dnskeys: plan.published.flatMap(publicOf),
    keySigners: plan.keySigners.map(find),
    zoneSigners: plan.zoneSigners.map(find),
    cds: plan.askForDeletion
      ? [DELETE_DS]
      : announced.flatMap((key) => policy.digestTypes.map((digestType) => makeDs(origin, key, digestType))),
    cdnskeys: plan.askForDeletion ? [DELETE_DNSKEY] : announced,
  }
}

/** Notes when a state that was begun is first seen in effect. */
function seeKey(key: ZoneKeyState, sights: Sights, delays: KeyDelays, nowSeconds: number): ZoneKeyState {
  const records: { [Record in KeyRecord]?: RecordPlace } = {}
  for (const [record, place] of recordsOf(key)) {
    const seen = place.seenSeconds === undefined && isSeen(key.id, record, place, sights, delays, nowSeconds)
    records[record] = seen ? { ...place, seenSeconds: nowSeconds } : place
  }
  return { ...key, records }
}

function isSeen(
  id: KeyId,
  record: KeyRecord,
  place: RecordPlace,
  { zone, parent }: Sights,
  delays: KeyDelays,
  nowSeconds: number,
): boolean {
  const coming = place.state === 'rumoured'
  if (!coming && place.state !== 'unretentive') return false
  if (record === 'ds') {
    if (parent === undefined) return false
    if (coming) return parent.shownByAll.has(id)
    return nowSeconds >= heardSeconds(place, delays) && !parent.shownBySome.has(id)
  }
  if (zone === undefined) return false
  switch (record) {
    case 'dnskey':
      return zone.dnskeys.has(id) === coming
    case 'krrsig':
      return zone.keySigners.has(id) === coming
    case 'zrrsig':
      return coming ? zone.signersOfAll.has(id) : !zone.signersOfSome.has(id)
  }
}

/** Until then the parent may act upon the CDS of before. */
function heardSeconds(place: RecordPlace, delays: KeyDelays): number {
  return place.sinceSeconds + delays.keyTtlSeconds + delays.zonePropagationSeconds + delays.safetySeconds
}

/** Makes the keys that the policy wants and are not there, and lets go of those that it does not want. */
function chooseKeys(
  keys: readonly ZoneKeyState[],
  policy: KeyPolicy,
  nowSeconds: number,
  create: CreateKey,
): ZoneKeyState[] {
  const roles: readonly KeyRole[] = !policy.signed ? [] : policy.roles === 'csk' ? ['csk'] : ['ksk', 'zsk']
  const kept = new Set<KeyId>()
  const made: ZoneKeyState[] = []
  for (const role of roles) {
    const fitting = keys.filter(
      (key) => key.goal === 'present' && key.role === role && key.dnskey.algorithm === policy.algorithm,
    )
    const newest = fitting.at(-1)
    if (newest !== undefined && nowSeconds < successorSeconds(newest, policy)) kept.add(newest.id)
    else {
      const avoid = new Set([...keys, ...made].map(({ dnskey }) => keyTag(dnskey)))
      const flags = role === 'zsk' ? KEY_FLAG.ZONE : KEY_FLAG.ZONE | KEY_FLAG.SEP
      made.push(newKey(create(policy.algorithm, flags, avoid), role, nowSeconds))
    }
  }
  return [...keys.map((key): ZoneKeyState => (kept.has(key.id) ? key : { ...key, goal: 'absent' })), ...made]
}

/** When the one after it must be made, so that it is known everywhere when this one's time is over. */
function successorSeconds(key: ZoneKeyState, policy: KeyPolicy): number {
  const { activeSeconds, retireSeconds } = key
  if (retireSeconds !== undefined) return retireSeconds
  const lifetime = policy.lifetimeSeconds[key.role]
  // One generation after the other: its own records have come to rest before it is replaced by age.
  const settled = recordsOf(key).every(([, { state }]) => state === 'omnipresent')
  if (activeSeconds === undefined || lifetime === undefined || !settled) return Number.POSITIVE_INFINITY
  const lead = policy.keyTtlSeconds + policy.zonePropagationSeconds + policy.safetySeconds
  return activeSeconds + Math.max(lifetime - lead, 0)
}

function newKey(dnskey: DnskeyData, role: KeyRole, nowSeconds: number): ZoneKeyState {
  const records: { [Record in KeyRecord]?: RecordPlace } = {}
  for (const record of RECORDS_OF[role]) records[record] = { state: 'hidden', sinceSeconds: nowSeconds }
  return { id: keyId(dnskey), role, dnskey, createdSeconds: nowSeconds, goal: 'present', records }
}

/** Does one transition after the other until none is left. Each record goes at most around once. */
function advance(before: readonly ZoneKeyState[], delays: KeyDelays, nowSeconds: number): readonly ZoneKeyState[] {
  let keys = before
  for (;;) {
    const next = oneStep(keys, delays, nowSeconds)
    if (next === undefined) return keys
    keys = next
  }
}

function oneStep(
  keys: readonly ZoneKeyState[],
  delays: KeyDelays,
  nowSeconds: number,
): readonly ZoneKeyState[] | undefined {
  for (const transition of TRANSITIONS) {
    for (const key of keys) {
      if (!isDue(transition, key, keys, delays, nowSeconds)) continue
      const moved = move(key, transition, nowSeconds)
      return keys.map((other) => (other === key ? moved : other))
    }
  }
  return undefined
}

function isDue(
  transition: Transition,
  key: ZoneKeyState,
  keys: readonly ZoneKeyState[],
  delays: KeyDelays,
  nowSeconds: number,
): boolean {
  const place = key.records[transition.record]
  if (place === undefined || !transition.from.includes(place.state)) return false
  if (transition.goal !== undefined && transition.goal !== key.goal) return false
  if (transition.when?.(key, keys) === false) return false
  const wait = transition.wait?.(delays)
  return wait === undefined || (place.seenSeconds !== undefined && nowSeconds >= place.seenSeconds + wait)
}

function move(key: ZoneKeyState, { record, to }: Transition, nowSeconds: number): ZoneKeyState {
  const records = { ...key.records, [record]: { state: to, sinceSeconds: nowSeconds } }
  const active = TAKES_OVER[key.role]
  const starts = record === active.record && to === active.state && key.activeSeconds === undefined
  return { ...key, records, ...(starts ? { activeSeconds: nowSeconds } : {}) }
}

function nextWake(
  keys: readonly ZoneKeyState[],
  policy: KeyPolicy,
  delays: KeyDelays,
  nowSeconds: number,
): number | undefined {
  const times: number[] = []
  for (const key of keys) {
    if (key.goal === 'present') times.push(successorSeconds(key, policy))
    for (const { record, from, wait } of TRANSITIONS) {
      const place = key.records[record]
      if (wait === undefined || place === undefined || !from.includes(place.state)) continue
      if (place.seenSeconds !== undefined) times.push(place.seenSeconds + wait(delays))
      else if (record === 'ds' && place.state === 'unretentive' && heardSeconds(place, delays) > nowSeconds)
        times.push(heardSeconds(place, delays))
    }
  }
  const next = Math.min(...times)
  return Number.isFinite(next) ? Math.max(next, nowSeconds) : undefined
}

function isUnseen(key: ZoneKeyState, records: readonly KeyRecord[]): boolean {
  return recordsOf(key).some(
    ([record, { state, seenSeconds }]) =>
      records.includes(record) && MOVING.includes(state) && seenSeconds === undefined,
  )
}

function recordsOf(key: ZoneKeyState): readonly (readonly [KeyRecord, RecordPlace])[] {
  const all: (readonly [KeyRecord, RecordPlace])[] = []
  for (const record of RECORDS_OF[key.role]) {
    const place = key.records[record]
    if (place !== undefined) all.push([record, place])
  }
  return all
}

const MOVING: readonly RecordState[] = ['rumoured', 'unretentive']
/** What begins the working life of a key, from which its age counts. */
const TAKES_OVER: Readonly<Record<KeyRole, { readonly record: KeyRecord; readonly state: RecordState }>> = {
  ksk: { record: 'ds', state: 'omnipresent' },
  zsk: { record: 'zrrsig', state: 'rumoured' },
  csk: { record: 'ds', state: 'omnipresent' },
}
/** "0 0 0 00" and "0 3 0 AA==". RFC 8078 §4 */
const DELETE_DS: DsData = { keyTag: 0, algorithm: 0, digestType: 0, digest: new Uint8Array(1) }
const DELETE_DNSKEY: DnskeyData = { flags: 0, protocol: 3, algorithm: 0, publicKey: new Uint8Array(1) }
