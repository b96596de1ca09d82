// From the closest anchor down to the zone of a name: DS, DNSKEY and the proofs that there is no DS.
// RFC 4035 §5 and §5.2, RFC 4509 §3 and RFC 6605 §2 (the best digest counts), RFC 6840 §5.2 (unknown ones do not), §5.11, §5.12

import {
  CNAME,
  decodeRdata,
  DNAME,
  DNSKEY,
  type DnskeyData,
  DS,
  type DsData,
  equalNames,
  EXTENDED_ERROR,
  type ExtendedError,
  formatName,
  labelCount,
  isAtOrBelow,
  type Name,
  parentName,
  RCODE,
} from '@scop/dns'
import { ancestorWithLabels, isRevoked, isZoneKey, keyTag, matchDs, proveNoDs, proveWildcardAnswer } from '@scop/dnssec'
import { verifiedDenials } from './denial.ts'
import type { KnownTrust, ZoneKeys, ZoneTrust } from './key-cache.ts'
import type { Fetched } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import { verifyRrset } from './rrset-validation.ts'
import type { Task } from './task.ts'
import { bogus, denialErrors } from './validation-error.ts'
import type { ValidationRun } from './validation-run.ts'

type SecureTrust = Extract<ZoneTrust, { kind: 'secure' }>
export type Trusted = { readonly ds: readonly DsData[]; readonly keys: readonly DnskeyData[] }

/** What is known of the zone that `name` is in; of the parent's side, where `name` is a zone and its DS is meant, ask for the parent name. */
export function* trustOf(name: Name, run: ValidationRun): Task<ZoneTrust> {
  const { anchors, keys } = run.state
  const point = anchors.closest(name, run.nowMs)
  if (point === undefined) return { kind: 'indeterminate' }
  if (point.kind === 'unsigned') return { kind: 'insecure', zone: point.zone, ede: [] }
  let trust: KnownTrust | undefined
  for (let count = labelCount(name); trust === undefined && count >= labelCount(point.zone); count--) {
    trust = keys.find(ancestorWithLabels(name, count), run.nowMs)
  }
  trust ??= yield* establishKeys(point.zone, point, UNBOUNDED, run)
  let at = trust.zone
  while (trust.kind === 'secure' && labelCount(at) < labelCount(name)) {
    at = ancestorWithLabels(name, labelCount(at) + 1)
    const cut: Cut = yield* cutAt(at, trust, run)
    if (cut.kind === 'none' && cut.nothingBelow) break
    if (cut.kind === 'trust') trust = cut.trust
    if (cut.kind === 'signed') trust = yield* establishKeys(at, { ds: cut.ds, keys: [] }, cut.ttlSeconds, run)
  }
  return trust
}

type Cut =
  | { readonly kind: 'none'; readonly nothingBelow: boolean }
  | { readonly kind: 'signed'; readonly ds: readonly DsData[]; readonly ttlSeconds: number }
  | { readonly kind: 'trust'; readonly trust: KnownTrust }

/** What the parent says of a zone cut at `name`. */
function* cutAt(name: Name, parent: SecureTrust, run: ValidationRun): Task<Cut> {
  const known = run.state.denials.noDs(name, parent.zone, run)
  if (known?.kind === 'unsigned-delegation') return trusted(insecure(name, []))
  if (known?.kind === 'no-delegation') return { kind: 'none', nothingBelow: false }
  const referral = run.state.denials.referral(name, run.nowMs)
  if (referral !== undefined) {
    const cut = yield* judgeCut(name, referral, parent, run)
    if (cut.kind === 'trust' && cut.trust.kind === 'insecure') return cut
  }
  const cut: Cut = yield* run.untilGood<Cut>(
    { name, type: DS.code },
    (fetched) => judgeCut(name, fetched, parent, run),
    (judged) => judged.kind === 'trust' && judged.trust.kind === 'bogus',
  )
  run.context.trace(`DS of ${formatName(name)}: ${cut.kind === 'trust' ? cut.trust.kind : cut.kind}`)
  if (cut.kind === 'trust' && cut.trust.kind === 'bogus')
    run.state.keys.keep(cut.trust, run.context.config.validation.bogusSeconds, run.nowMs)
  return cut
}

function* judgeCut(name: Name, fetched: Fetched | undefined, parent: SecureTrust, run: ValidationRun): Task<Cut> {
  if (fetched === undefined) return failed(name, bogus('the DS could not be looked up'))
  if (fetched.rcode !== RCODE.NOERROR && fetched.rcode !== RCODE.NXDOMAIN)
    return failed(name, { code: EXTENDED_ERROR.NETWORK_ERROR, text: 'no server gave the DS' })
  const ds = fetched.answer.find((rrset) => rrset.type === DS.code && equalNames(rrset.name, name))
  if (ds !== undefined) return yield* signedCut(name, ds, parent, run)
  const alias = fetched.answer.find((rrset) => isAliasOf(rrset, name))
  if (alias !== undefined) {
    const verdict = yield* verifyRrset(alias, parent.keys, run)
    const cut: Cut =
      verdict.kind === 'bogus'
        ? failed(name, verdict.ede)
        : yield* aliasAtCut(name, verdict.encloser, fetched, parent, run)
    // Else it would be followed by the questions that come next.
    if (cut.kind === 'trust' && cut.trust.kind === 'bogus') run.context.cache.judge(alias, 'bogus')
    return cut
  }
  const denials = yield* verifiedDenials(fetched.authority, parent.keys, run)
  const verdict = proveNoDs(denials.evidence, name, run.hasher)
  run.chargeHashes()
  if (verdict.kind === 'no-delegation')
    return { kind: 'none', nothingBelow: fetched.rcode === RCODE.NXDOMAIN && fetched.answer.length === 0 }
  if (verdict.kind === 'not-proven')
    return failed(
      name,
      ...(denials.fault === undefined
        ? denialErrors(verdict.because, denials.refused, fetched.authority)
        : [denials.fault]),
    )
  const trust = insecure(name, verdict.kind === 'insecure' && verdict.because === 'iterations' ? [ITERATIONS] : [])
  run.state.keys.keep(trust, Math.min(fetched.ttlSeconds, UNSIGNED_SECONDS), run.nowMs)
  return trusted(trust)
}

/** Where there is an alias there is no zone; but that of a wildcard may stand only where nothing else is. */
function* aliasAtCut(
  name: Name,
  encloser: Name | undefined,
  { authority }: Fetched,
  parent: SecureTrust,
  run: ValidationRun,
): Task<Cut> {
  if (encloser === undefined) return { kind: 'none', nothingBelow: false }
  const { evidence } = yield* verifiedDenials(authority, parent.keys, run)
  const verdict = proveWildcardAnswer(evidence, { name, encloser, zone: parent.zone }, run.hasher)
  run.chargeHashes()
  if (verdict.kind === 'proven') return { kind: 'none', nothingBelow: false }
  if (verdict.kind === 'not-proven') return failed(name, bogus(`an alias of a wildcard: ${verdict.because}`))
  return trusted(insecure(name, []))
}

function* signedCut(name: Name, rrset: Rrset, parent: SecureTrust, run: ValidationRun): Task<Cut> {
  const verdict = yield* verifyRrset(rrset, parent.keys, run)
  if (verdict.kind === 'bogus') return failed(name, verdict.ede)
  if (verdict.encloser !== undefined) return failed(name, bogus('the DS is of a wildcard'))
  const ds = rrset.rdatas.flatMap((rdata) => {
    const decoded = decodeRdata(DS, rdata)
    return decoded.ok ? [decoded.value] : []
  })
  const { ttlSeconds } = verdict.rrset
  const unusable = whyUnusable(ds, run)
  if (unusable === undefined) return { kind: 'signed', ds, ttlSeconds }
  const trust = insecure(name, [unusable])
  run.state.keys.keep(trust, ttlSeconds, run.nowMs)
  return trusted(trust)
}

/** The keys of a zone, by the DS records or keys that are trusted. */
function* establishKeys(zone: Name, trust: Trusted, maxSeconds: number, run: ValidationRun): Task<KnownTrust> {
  const { config } = run.context
  const unusable = trust.keys.some(({ algorithm }) => run.state.algorithms.supports(algorithm))
    ? undefined
    : whyUnusable(trust.ds, run)
  if (unusable !== undefined) return insecure(zone, [unusable])
  const judged: JudgedKeys = yield* run.untilGood<JudgedKeys>(
    { name: zone, type: DNSKEY.code },
    (fetched) => {
      const rrset = fetched?.answer.find((one) => one.type === DNSKEY.code && equalNames(one.name, zone))
      return judgeKeys(zone, rrset, trust, run)
    },
    ({ kind }) => kind === 'bogus',
  )
  run.context.trace(`DNSKEY of ${formatName(zone)}: ${judged.kind}`)
  if (judged.kind === 'secure') {
    const found: KnownTrust = { kind: 'secure', zone, keys: judged.keys }
    run.state.keys.keep(found, Math.min(judged.ttlSeconds, maxSeconds), run.nowMs)
    return found
  }
  const ede = [judged.ede]
  const missing = ede.some(({ code }) => code === EXTENDED_ERROR.DNSKEY_MISSING)
  const stripped = missing && !config.validation.hardenDnssecStripped
  const found: KnownTrust = stripped ? insecure(zone, ede) : { kind: 'bogus', zone, ede }
  run.state.keys.keep(found, config.validation.bogusSeconds, run.nowMs)
  return found
}

export type JudgedKeys =
  | { readonly kind: 'secure'; readonly keys: ZoneKeys; readonly ttlSeconds: number }
  | { readonly kind: 'bogus'; readonly ede: ExtendedError }

/** Whether one of the keys that are trusted signed this DNSKEY set. */
export function* judgeKeys(zone: Name, rrset: Rrset | undefined, trust: Trusted, run: ValidationRun): Task<JudgedKeys> {
  if (rrset === undefined) return noKey(EXTENDED_ERROR.DNSKEY_MISSING, 'no DNSKEY')
  const keys = decodeKeys(zone, rrset)
  if (keys.byTag.size === 0) return noKey(EXTENDED_ERROR.NO_ZONE_KEY_BIT_SET, 'no key of the DNSKEY set may sign zones')
  const entries = entryKeys(zone, keys, trust, run)
  if (entries.length === 0) return noKey(EXTENDED_ERROR.DNSKEY_MISSING, 'no key is the one that is trusted')
  const wanted = run.context.config.validation.hardenAlgorithmDowngrade ? algorithmsOf(trust, run) : undefined
  let verified: Rrset | undefined
  let fault: ExtendedError | undefined
  for (const key of entries) {
    if (wanted !== undefined && verified !== undefined && !wanted.has(key.algorithm)) continue
    const only: ZoneKeys = { zone, byTag: new Map([[keyTag(key), [key]]]) }
    // A set that was verified before may have been so by another key.
    const verdict = yield* verifyRrset({ ...rrset, security: 'unchecked' }, only, run)
    if (verdict.kind === 'bogus') {
      const { ede } = verdict
      fault ??= ede.code === EXTENDED_ERROR.DNSKEY_MISSING ? bogus('no key that is trusted signed the DNSKEY set') : ede
      continue
    }
    verified = verdict.rrset
    wanted?.delete(key.algorithm)
    if (wanted === undefined || wanted.size === 0) break
  }
  if (verified === undefined) return { kind: 'bogus', ede: fault ?? bogus('DNSKEY') }
  if (wanted !== undefined && wanted.size > 0)
    return { kind: 'bogus', ede: fault ?? bogus(`no key set of algorithm ${[...wanted].join(', ')}`) }
  return { kind: 'secure', keys: usableKeys(keys), ttlSeconds: verified.ttlSeconds }
}

/** Every key that may sign its zone; also revoked ones, which sign the set that says so. RFC 5011 §2.1 */
export function decodeKeys(zone: Name, rrset: Rrset): ZoneKeys {
  const byTag = new Map<number, DnskeyData[]>()
  for (const rdata of rrset.rdatas) {
    const key = decodeRdata(DNSKEY, rdata)
    if (!key.ok || !isZoneKey(key.value)) continue
    const tag = keyTag(key.value)
    const same = byTag.get(tag)
    if (same === undefined) byTag.set(tag, [key.value])
    else same.push(key.value)
  }
  return { zone, byTag }
}

function usableKeys({ zone, byTag }: ZoneKeys): ZoneKeys {
  const kept = [...byTag].map(([tag, keys]) => [tag, keys.filter((key) => !isRevoked(key))] as const)
  return { zone, byTag: new Map(kept.filter(([, keys]) => keys.length > 0)) }
}

/** The keys that are anchors, or that a DS names. A DS that names a key and is not its digest counts against a bound. */
function entryKeys(zone: Name, keys: ZoneKeys, trust: Trusted, run: ValidationRun): readonly DnskeyData[] {
  const found: DnskeyData[] = []
  // An anchor signs the set whether it stands in it or not.
  for (const anchor of trust.keys) if (run.state.algorithms.supports(anchor.algorithm)) found.push(anchor)
  let mismatches = 0
  const { limits } = run.context.config
  for (const ds of bestDigests(trust.ds, run)) {
    const named = (keys.byTag.get(ds.keyTag) ?? []).filter(({ algorithm }) => algorithm === ds.algorithm)
    for (const key of named.slice(0, limits.keyCollisions)) {
      if (mismatches > limits.dsMismatches) return found
      if (matchDs(zone, key, ds, run.state.algorithms) !== 'match') mismatches++
      else if (!found.includes(key)) found.push(key)
    }
  }
  return found
}

/** Those whose digest and algorithm are known; weaker digests only where there is no stronger one. RFC 4509 §3 */
function bestDigests(ds: readonly DsData[], run: ValidationRun): readonly DsData[] {
  const known = ds.filter((one) => isUsable(one, run))
  const strong = known.filter(({ digestType }) => digestType !== SHA1)
  return strong.length > 0 ? strong : known
}

function algorithmsOf(trust: Trusted, run: ValidationRun): Set<number> {
  const keys = trust.keys.filter(({ algorithm }) => run.state.algorithms.supports(algorithm))
  return new Set([...bestDigests(trust.ds, run), ...keys].map(({ algorithm }) => algorithm))
}

function isUsable({ algorithm, digestType }: DsData, run: ValidationRun): boolean {
  return run.state.algorithms.supports(algorithm) && run.state.algorithms.supportsDigest(digestType)
}

/** Why no DS can be followed, which makes the zone insecure; `undefined` if one can. RFC 4035 §5.2, RFC 6840 §5.2 */
function whyUnusable(ds: readonly DsData[], run: ValidationRun): ExtendedError | undefined {
  if (ds.some((one) => isUsable(one, run))) return undefined
  const digest = ds.some(({ algorithm }) => run.state.algorithms.supports(algorithm))
  return digest
    ? { code: EXTENDED_ERROR.UNSUPPORTED_DS_DIGEST_TYPE, text: 'no DS has a digest that is known' }
    : { code: EXTENDED_ERROR.UNSUPPORTED_DNSKEY_ALGORITHM, text: 'no DS has an algorithm that is known' }
}

function isAliasOf(rrset: Rrset, name: Name): boolean {
  if (rrset.type === CNAME.code) return equalNames(rrset.name, name) && rrset.signatures.length > 0
  return rrset.type === DNAME.code && !equalNames(rrset.name, name) && isAtOrBelow(name, rrset.name)
}

/** The name whose zone says what DS there is: the parent's, but for the root. */
export function dsOwnerZone(name: Name): Name {
  return parentName(name) ?? name
}

function insecure(zone: Name, ede: readonly ExtendedError[]): KnownTrust {
  return { kind: 'insecure', zone, ede }
}

function trusted(trust: KnownTrust): Cut {
  return { kind: 'trust', trust }
}

function failed(zone: Name, ...ede: readonly ExtendedError[]): Cut {
  return trusted({ kind: 'bogus', zone, ede })
}

function noKey(code: number, text: string): JudgedKeys {
  return { kind: 'bogus', ede: { code, text } }
}

const SHA1 = 1
const UNBOUNDED = Number.POSITIVE_INFINITY
const UNSIGNED_SECONDS = 3600
const ITERATIONS: ExtendedError = {
  code: EXTENDED_ERROR.UNSUPPORTED_NSEC3_ITERATIONS_VALUE,
  text: 'too many NSEC3 iterations',
}
