// Denials that were verified, by zone and in the order of their names, from which answers are made without asking; and the
// wildcards that gave verified answers, for names that those denials say have nothing nearer.
// RFC 8198 §5 (NSEC §5.1, NSEC3 §5.2 without opt-out, wildcards §5.3, §5.4 how long), RFC 9077 §3 (TTL), RFC 8020

import {
  CLASS,
  decodeRdata,
  DS,
  equalNames,
  isMetaType,
  labelCount,
  type Name,
  NSEC,
  NSEC3,
  orderKey,
  parentName,
  type Question,
  RCODE,
  type RrsigData,
  SOA,
  wildcardOf,
  nsec3Hash,
} from '@scop/dns'
import {
  type DelegationVerdict,
  type DenialEvidence,
  type DenialVerdict,
  Nsec3Hasher,
  type Nsec3Evidence,
  nsec3Evidence,
  nsecEncloser,
  type NsecEvidence,
  nsecEvidence,
  proveNameError,
  proveNoData,
  proveNoDs,
  proveWildcardAnswer,
} from '@scop/dnssec'
import { decodeLatin1 } from '@scop/octets'
import type { Fetched } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import type { ValidationRun } from './validation-run.ts'

type Believed = { readonly rrset: Rrset; readonly storedAtMs: number; readonly expiresAtMs: number }
type Kept<Evidence> = Believed & { readonly order: string; readonly evidence: Evidence }

type ZoneDenials = {
  readonly zone: Name
  nsec: Kept<NsecEvidence>[]
  nsec3: Kept<Nsec3Evidence>[]
  soa: Believed | undefined
  /** By the name above the wildcard and the type; the owner is whatever name was asked for. */
  readonly wildcards: Map<string, Believed>
}

export type DenialCacheLimits = {
  readonly denialZones: number
  readonly denialsPerZone: number
  readonly hashesPerSynthesis: number
}

export class DenialCache {
  readonly #zones = new Map<string, ZoneDenials>()
  readonly #referrals = new Map<string, { readonly fetched: Fetched; readonly expiresAtMs: number }>()
  readonly #limits: DenialCacheLimits

  constructor(limits: DenialCacheLimits) {
    this.#limits = limits
  }

  /** Keeps a verified NSEC or NSEC3 RRset, to speak of other names for so long. */
  keep(rrset: Rrset, rrsig: RrsigData, believedSeconds: number, nowMs: number): void {
    const [rdata] = rrset.rdatas
    if (rdata === undefined || rrset.rdatas.length > 1) return
    const { name, type, class: klass, ttlSeconds } = rrset
    const record = { name, type, class: klass, ttlSeconds, rdata }
    const zone = this.#zone(rrsig.signer)
    const expiresAtMs = nowMs + Math.min(believedSeconds, MAX_SECONDS) * 1000
    const kept = { rrset, storedAtMs: nowMs, expiresAtMs }
    if (type === NSEC.code) {
      const evidence = nsecEvidence(record, rrsig)
      if (evidence.ok) insert(zone.nsec, { order: orderKey(name), evidence: evidence.value, ...kept })
    } else {
      const evidence = nsec3Evidence(record, rrsig)
      if (!evidence.ok || evidence.value.optOut) return
      const [one] = zone.nsec3
      if (one !== undefined && !sameParameters(one.evidence, evidence.value)) zone.nsec3 = []
      insert(zone.nsec3, { order: evidence.value.hash, evidence: evidence.value, ...kept })
    }
    if (zone.nsec.length > this.#limits.denialsPerZone) zone.nsec.shift()
    if (zone.nsec3.length > this.#limits.denialsPerZone) zone.nsec3.shift()
  }

  /** Keeps a verified SOA: without one no answer is made. */
  keepSoa(rrset: Rrset, nowMs: number): void {
    const [rdata] = rrset.rdatas
    const soa = rdata === undefined ? undefined : decodeRdata(SOA, rdata)
    if (soa?.ok !== true) return
    const ttlSeconds = Math.min(rrset.ttlSeconds, soa.value.negativeTtlSeconds, MAX_SECONDS)
    this.#zone(rrset.name).soa = { rrset, storedAtMs: nowMs, expiresAtMs: nowMs + ttlSeconds * 1000 }
  }

  /** Keeps a verified RRset that the wildcard below `encloser` gave. RFC 8198 §5.3 */
  keepWildcard(rrset: Rrset, encloser: Name, zone: Name, nowMs: number): void {
    const { wildcards } = this.#zone(zone)
    const key = wildcardKey(encloser, rrset.type)
    wildcards.delete(key)
    wildcards.set(key, { rrset, storedAtMs: nowMs, expiresAtMs: nowMs + rrset.ttlSeconds * 1000 })
    if (wildcards.size > this.#limits.denialsPerZone) removeOldest(wildcards)
  }

  /** Keeps what a referral said, unverified, for when the chain of trust comes to that zone. */
  keepReferral(zone: Name, authority: readonly Rrset[], nowMs: number): void {
    const denials = authority.filter(({ type }) => type === NSEC.code || type === NSEC3.code)
    this.#referrals.delete(zone.key)
    if (denials.length === 0) return
    const ttlSeconds = Math.min(MAX_SECONDS, ...denials.map((rrset) => rrset.ttlSeconds))
    const question = { name: zone, type: DS.code, class: CLASS.IN }
    const sections = { answer: [], authority: denials, additional: [] }
    const kept: Fetched = { question, rcode: RCODE.NOERROR, ...sections, ...UNCHECKED, zone, ttlSeconds }
    this.#referrals.set(zone.key, { fetched: kept, expiresAtMs: nowMs + ttlSeconds * 1000 })
    if (this.#referrals.size > this.#limits.denialZones) removeOldest(this.#referrals)
  }

  /** As an answer to the question for its DS. */
  referral(zone: Name, nowMs: number): Fetched | undefined {
    const kept = this.#referrals.get(zone.key)
    return kept !== undefined && kept.expiresAtMs > nowMs ? kept.fetched : undefined
  }

  /** What is known of the zone cut at `name` in `zone`; `undefined` if nothing. */
  noDs(name: Name, zone: Name, run: ValidationRun): DelegationVerdict | undefined {
    const denials = this.#zones.get(zone.key)
    if (denials === undefined) return undefined
    const hasher = this.#hasher(run.context.config.validation.nsec3Iterations)
    const { evidence } = this.#about(denials, name, run.nowMs, hasher)
    const verdict = proveNoDs(evidence, name, hasher)
    return verdict.kind === 'unsigned-delegation' || verdict.kind === 'no-delegation' ? verdict : undefined
  }

  /** An answer made of what is known; `undefined`: ask. */
  synthesise(question: Question, nowMs: number, iterations: number): Fetched | undefined {
    const { name, type } = question
    if (isMetaType(type)) return undefined
    let zone: Name | undefined = type === DS.code ? parentName(name) : name
    for (; zone !== undefined; zone = labelCount(zone) === 0 ? undefined : parentName(zone)) {
      const denials = this.#zones.get(zone.key)
      if (denials === undefined) continue
      const expanded = this.#expand(denials, question, nowMs, iterations)
      if (expanded !== undefined) return expanded
      if (denials.soa === undefined || denials.soa.expiresAtMs <= nowMs) continue
      const hasher = this.#hasher(iterations)
      const about = this.#about(denials, name, nowMs, hasher)
      const [rcode, verdict] = judge(about.evidence, name, type, hasher)
      if (verdict.kind !== 'proven') continue
      return made(question, denials.zone, rcode, [], [denials.soa, ...about.kept], nowMs)
    }
    return undefined
  }

  /** What a wildcard of this zone gives the name, where its denials say that nothing is nearer. */
  #expand(denials: ZoneDenials, question: Question, nowMs: number, iterations: number): Fetched | undefined {
    const { zone, wildcards } = denials
    const { name, type } = question
    if (wildcards.size === 0 || equalNames(name, zone)) return undefined
    let nextCloser = name
    for (let encloser = parentName(name); encloser !== undefined; encloser = parentName(encloser)) {
      const source = wildcards.get(wildcardKey(encloser, type))
      if (source !== undefined && source.expiresAtMs > nowMs) {
        const hasher = this.#hasher(iterations)
        const cover = coverOf(denials, name, nextCloser, nowMs, hasher)
        const verdict = cover && proveWildcardAnswer(cover.evidence, { name, encloser, zone }, hasher)
        if (cover === undefined || verdict?.kind !== 'proven') return undefined
        const answer: Believed = { ...source, rrset: { ...source.rrset, name } }
        return made(question, zone, RCODE.NOERROR, [answer], [cover.kept], nowMs)
      }
      if (equalNames(encloser, zone)) return undefined
      nextCloser = encloser
    }
    return undefined
  }

  #zone(zone: Name): ZoneDenials {
    const known = this.#zones.get(zone.key) ?? { zone, nsec: [], nsec3: [], soa: undefined, wildcards: new Map() }
    this.#zones.delete(zone.key)
    this.#zones.set(zone.key, known)
    if (this.#zones.size > this.#limits.denialZones) removeOldest(this.#zones)
    return known
  }

  #hasher(iterations: number): Nsec3Hasher {
    return new Nsec3Hasher({ records: 8, iterations, hashes: this.#limits.hashesPerSynthesis })
  }

  /** The few records that may speak of `name`. */
  #about(
    { zone, nsec, nsec3 }: ZoneDenials,
    name: Name,
    nowMs: number,
    hasher: Nsec3Hasher,
  ): { readonly evidence: DenialEvidence; readonly kept: readonly Kept<unknown>[] } {
    const byName = new Set<Kept<NsecEvidence>>()
    const first = floor(nsec, orderKey(name), nowMs)
    if (first !== undefined) {
      byName.add(first)
      const wildcard = equalNames(first.evidence.owner, name)
        ? undefined
        : wildcardOf(nsecEncloser(first.evidence, name))
      const second = wildcard === undefined ? undefined : floor(nsec, orderKey(wildcard), nowMs)
      if (second !== undefined) byName.add(second)
    }
    const byHash = nsec3.length === 0 ? [] : aboutByHash(nsec3, zone, name, nowMs, hasher)
    return {
      evidence: { nsec: [...byName].map(({ evidence }) => evidence), nsec3: byHash.map(({ evidence }) => evidence) },
      kept: [...byName, ...byHash],
    }
  }
}

function removeOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}

/** The record at the closest encloser, the one that covers the next closer name, and the one for the wildcard. */
function aboutByHash(
  nsec3: Kept<Nsec3Evidence>[],
  zone: Name,
  name: Name,
  nowMs: number,
  hasher: Nsec3Hasher,
): readonly Kept<Nsec3Evidence>[] {
  const [any] = nsec3
  if (any === undefined || any.evidence.iterations > hasher.limits.iterations) return []
  const placeOf = (sought: Name): Kept<Nsec3Evidence> | undefined => {
    const hash = hasher.hash(sought, any.evidence.iterations, any.evidence.salt)
    return hash === undefined ? undefined : (floor(nsec3, hash, nowMs) ?? last(nsec3, nowMs))
  }
  const found = new Set<Kept<Nsec3Evidence>>()
  let nextCloser: Name | undefined
  let at: Name = name
  for (let left = labelCount(name) - labelCount(zone); left >= 0; left--) {
    const place = placeOf(at)
    if (place === undefined) return []
    if (isAt(place.evidence, at)) {
      found.add(place)
      const cover = nextCloser === undefined ? undefined : placeOf(nextCloser)
      if (cover !== undefined) found.add(cover)
      const wildcard = nextCloser === undefined ? undefined : wildcardOf(at)
      const denial = wildcard === undefined ? undefined : placeOf(wildcard)
      if (denial !== undefined) found.add(denial)
      return [...found]
    }
    nextCloser = at
    at = parentName(at) ?? zone
  }
  return []
}

/** The record that says that `nextCloser`, the name below the encloser, is not there. */
function coverOf(
  { nsec, nsec3 }: ZoneDenials,
  name: Name,
  nextCloser: Name,
  nowMs: number,
  hasher: Nsec3Hasher,
): { readonly evidence: DenialEvidence; readonly kept: Kept<unknown> } | undefined {
  const byName = floor(nsec, orderKey(name), nowMs)
  if (byName !== undefined) return { evidence: { nsec: [byName.evidence], nsec3: [] }, kept: byName }
  const [any] = nsec3
  if (any === undefined || any.evidence.iterations > hasher.limits.iterations) return undefined
  const hash = hasher.hash(nextCloser, any.evidence.iterations, any.evidence.salt)
  const byHash = hash === undefined ? undefined : (floor(nsec3, hash, nowMs) ?? last(nsec3, nowMs))
  return byHash && { evidence: { nsec: [], nsec3: [byHash.evidence] }, kept: byHash }
}

const wildcardKey = (encloser: Name, type: number): string => `${encloser.key} ${type}`

function isAt(evidence: Nsec3Evidence, name: Name): boolean {
  return decodeLatin1(nsec3Hash(name, evidence)) === evidence.hash
}

function judge(
  evidence: DenialEvidence,
  name: Name,
  type: number,
  hasher: Nsec3Hasher,
): readonly [rcode: number, DenialVerdict] {
  const nameError = proveNameError(evidence, name, hasher)
  if (nameError.kind === 'proven') return [RCODE.NXDOMAIN, nameError]
  return [RCODE.NOERROR, proveNoData(evidence, name, type, hasher)]
}

function made(
  question: Question,
  zone: Name,
  rcode: number,
  found: readonly Believed[],
  denials: readonly Believed[],
  nowMs: number,
): Fetched {
  const aged = ({ rrset, storedAtMs }: Believed): Rrset => {
    return { ...rrset, ttlSeconds: rrset.ttlSeconds - Math.floor((nowMs - storedAtMs) / 1000) }
  }
  const answer = found.map(aged)
  const authority = denials.map(aged)
  const endsAtMs = Math.min(...[...found, ...denials].map(({ expiresAtMs }) => expiresAtMs))
  const ttls = [...answer, ...authority].map((rrset) => rrset.ttlSeconds)
  const ttlSeconds = Math.min(Math.ceil((endsAtMs - nowMs) / 1000), ...ttls)
  const sections = { answer, authority, additional: [] }
  return { question, rcode, ...sections, zone, security: 'secure', ttlSeconds, ede: [], stale: false }
}

/** In order; one with the same name is replaced. */
function insert<Evidence>(list: Kept<Evidence>[], kept: Kept<Evidence>): void {
  const at = after(list, kept.order)
  if (list[at - 1]?.order === kept.order) list[at - 1] = kept
  else list.splice(at, 0, kept)
}

/** The last that is not after `order`, unless its time is over. */
function floor<Evidence>(list: readonly Kept<Evidence>[], order: string, nowMs: number): Kept<Evidence> | undefined {
  const found = list[after(list, order) - 1]
  return found !== undefined && found.expiresAtMs > nowMs ? found : undefined
}

function last<Evidence>(list: readonly Kept<Evidence>[], nowMs: number): Kept<Evidence> | undefined {
  const found = list.at(-1)
  return found !== undefined && found.expiresAtMs > nowMs ? found : undefined
}

function after<Evidence>(list: readonly Kept<Evidence>[], order: string): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle]?.order ?? '') <= order) low = middle + 1
    else high = middle
  }
  return low
}

function sameParameters(a: Nsec3Evidence, b: Nsec3Evidence): boolean {
  return a.iterations === b.iterations && decodeLatin1(a.salt) === decodeLatin1(b.salt)
}

const MAX_SECONDS = 10_800 // RFC 2308 §5
const UNCHECKED = { security: 'unchecked', ede: [], stale: false } as const
