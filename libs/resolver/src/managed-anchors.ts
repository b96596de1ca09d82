// The trust anchors that follow their zones: when they are probed, what a probe shows, what must be kept.
// RFC 5011 §2.1 (revocation), §2.2, §2.3 (probes), §5 (all keys revoked)

import {
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  equalNames,
  formatName,
  isSerialAfter,
  type Name,
  RRSIG,
  type RrsigData,
} from '@scop/dns'
import { isRevoked, KEY_FLAG, keyTag, matchDs } from '@scop/dnssec'
import { type AnchorRecord, formatAnchorFile, parseAnchorFile } from './anchor-file.ts'
import {
  acceptAnchors,
  type AnchorTimes,
  isSameKey,
  probeIntervals,
  revokeAnchors,
  type SeenKey,
  stepAnchors,
  trustedKeys,
} from './anchor-state.ts'
import { judgeKeys } from './chain-of-trust.ts'
import type { ZoneKeys } from './key-cache.ts'
import type { Fetched } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import { verifyRrset } from './rrset-validation.ts'
import type { Task } from './task.ts'
import type { Anchor } from './trust-anchor.ts'
import type { ValidationRun } from './validation-run.ts'

type Managed = { readonly file: Name; anchor: AnchorRecord; probing: boolean }

export class ManagedAnchors {
  readonly #byZone = new Map<string, Managed>()
  readonly #times: AnchorTimes

  /** Throws where a file cannot be read: to go on without it would be to trust nothing and believe all. */
  constructor(files: readonly { readonly zone: Name; readonly text: string }[], times: AnchorTimes) {
    this.#times = times
    for (const { zone, text } of files) {
      const anchor = parseAnchorFile(text)
      if (!anchor.ok) {
        const { kind, line } = anchor.error
        throw new Error(`Cannot read the trust anchors of ${formatName(zone)}: ${kind} in line ${line}`)
      }
      // From the last line to the first, as Unbound reads its files: then both write the same ones.
      const keys = anchor.value.keys.toReversed()
      this.#byZone.set(anchor.value.zone.key, { file: zone, anchor: { ...anchor.value, keys }, probing: false })
    }
  }

  /** What to trust of a zone; `undefined` for one that is not managed, or has no key that is trusted. */
  find(zone: Name): Anchor | undefined {
    const managed = this.#byZone.get(zone.key)
    if (managed === undefined) return undefined
    const { ds, keys } = trustedKeys(managed.anchor)
    return ds.length + keys.length === 0 ? undefined : { kind: 'anchor', zone, ds, keys }
  }

  /** The zones to probe now, and when the next will be. */
  due(nowSeconds: number): { readonly zones: readonly Name[]; readonly nextSeconds: number | undefined } {
    const zones: Name[] = []
    let nextSeconds: number | undefined
    for (const { anchor, probing } of this.#byZone.values()) {
      if (probing || anchor.revoked) continue
      if (anchor.nextProbe <= nowSeconds) zones.push(anchor.zone)
      nextSeconds = Math.min(nextSeconds ?? Number.POSITIVE_INFINITY, Math.max(anchor.nextProbe, nowSeconds))
    }
    return { zones, nextSeconds }
  }

  /** Asks for the keys of a zone, and steps its anchors. */
  *probe(zone: Name, run: ValidationRun): Task<void> {
    const managed = this.#byZone.get(zone.key)
    if (managed === undefined || managed.probing) return
    managed.probing = true
    let rrset: Rrset | undefined
    for (let attempt = 0; attempt < run.context.config.limits.probeAttempts; attempt++) {
      const fetched: Fetched | undefined = yield* run.context.fetch(zone, DNSKEY.code, [])
      rrset = fetched?.answer.find((one) => one.type === DNSKEY.code && equalNames(one.name, zone))
      managed.anchor = yield* this.#judge(managed.anchor, rrset, run)
      if (rrset === undefined || managed.anchor.failures === 0) break
    }
    managed.probing = false
    run.state.keys.remove(zone)
    // What was not answered changes nothing that must be kept, nor what never was true: the file may still be the operator's.
    if (rrset === undefined || managed.anchor.lastSuccess === 0) return
    run.context.persist(managed.file, formatAnchorFile(managed.anchor))
  }

  *#judge(before: AnchorRecord, rrset: Rrset | undefined, run: ValidationRun): Task<AnchorRecord> {
    const now = Math.floor(run.nowMs / 1000)
    const asked: AnchorRecord = { ...before, lastQueried: now }
    if (rrset === undefined) return failed(asked, now, run)
    const seen = yield* seenKeys(asked, rrset, run)
    let anchor = revokeAnchors(acceptAnchors(asked, now, this.#times), seen, now)
    const { ds, keys } = trustedKeys(anchor)
    if (ds.length + keys.length === 0) return { ...anchor, revoked: true, lastSuccess: now, failures: 0, nextProbe: 0 }
    const judged = yield* judgeKeys(anchor.zone, rrset, { ds, keys }, run)
    if (judged.kind === 'bogus') return failed(anchor, now, run)
    anchor = stepAnchors(anchor, seen, now, this.#times)
    const timed = { ...anchor, ...intervalsOf(rrset, run), lastSuccess: now, failures: 0 }
    return { ...timed, nextProbe: now + jitter(timed.queryIntervalSeconds, run) }
  }
}

function failed(anchor: AnchorRecord, now: number, run: ValidationRun): AnchorRecord {
  const failures = anchor.lastSuccess === 0 ? 0 : anchor.failures + 1
  return { ...anchor, failures, nextProbe: now + jitter(anchor.retrySeconds, run) }
}

function* seenKeys(anchor: AnchorRecord, rrset: Rrset, run: ValidationRun): Task<readonly SeenKey[]> {
  const seen: SeenKey[] = []
  for (const rdata of rrset.rdatas) {
    const key = decodeRdata(DNSKEY, rdata)
    if (!key.ok || (key.value.flags & KEY_FLAG.SEP) === 0) continue
    if (!run.state.algorithms.supports(key.value.algorithm)) continue
    const selfRevoked = isRevoked(key.value) && isAnchor(anchor, key.value) && (yield* signs(key.value, rrset, run))
    const trustedByDs = anchor.ds.some((ds) => matchDs(anchor.zone, key.value, ds, run.state.algorithms) === 'match')
    seen.push({ key: key.value, ttlSeconds: rrset.ttlSeconds, selfRevoked, trustedByDs })
  }
  return seen
}

function isAnchor(anchor: AnchorRecord, key: DnskeyData): boolean {
  return anchor.keys.some((known) => isSameKey(known.key, key))
}

function* signs(key: DnskeyData, rrset: Rrset, run: ValidationRun): Task<boolean> {
  const only: ZoneKeys = { zone: rrset.name, byTag: new Map([[keyTag(key), [key]]]) }
  const verdict = yield* verifyRrset({ ...rrset, security: 'unchecked' }, only, run)
  return verdict.kind === 'secure'
}

function intervalsOf(
  rrset: Rrset,
  run: ValidationRun,
): { readonly queryIntervalSeconds: number; readonly retrySeconds: number } {
  const now = run.signatureSeconds ?? Math.floor(run.nowMs / 1000)
  let originalTtlSeconds = rrset.ttlSeconds
  let expiresInSeconds = Number.POSITIVE_INFINITY
  for (const rrsig of signaturesOf(rrset)) {
    originalTtlSeconds = rrsig.originalTtlSeconds
    const left = isSerialAfter(rrsig.expiration, now >>> 0) ? (rrsig.expiration - now) >>> 0 : 0
    expiresInSeconds = Math.min(expiresInSeconds, left)
  }
  return probeIntervals(originalTtlSeconds, expiresInSeconds)
}

function signaturesOf(rrset: Rrset): readonly RrsigData[] {
  return rrset.signatures.flatMap((rdata) => {
    const rrsig = decodeRdata(RRSIG, rdata)
    return rrsig.ok ? [rrsig.value] : []
  })
}

/** Nine tenths of it and a random part of the last, so that not all resolvers ask at once. */
function jitter(seconds: number, run: ValidationRun): number {
  const tenth = Math.floor(seconds / 10)
  const [high = 0, low = 0] = run.context.random(2)
  return seconds - tenth + Math.floor((tenth * ((high << 8) | low)) / 0x10000)
}
