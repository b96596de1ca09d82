// What a probe of a zone's keys does to its trust anchors: the table of RFC 5011, as a function of the keys seen.
// RFC 5011 §2.3 (when to ask), §2.4.1 (hold-down), §4 (states), §4.2 (removal)

import type { DnskeyData, DsData } from '@scop/dns'
import { isRevoked, KEY_FLAG } from '@scop/dnssec'
import { equalOctets } from '@scop/octets'
import type { AnchorKey, AnchorRecord } from './anchor-file.ts'

export type AnchorTimes = {
  readonly addHoldDownSeconds: number
  readonly removeHoldDownSeconds: number
  readonly keepMissingSeconds: number
}

export type SeenKey = {
  readonly key: DnskeyData
  readonly ttlSeconds: number
  /** It carries REVOKE and signed the set itself. */
  readonly selfRevoked: boolean
  /** A DS that is trusted is its digest. */
  readonly trustedByDs: boolean
}

/** The keys that a probe showed in a set that verified. Keys without SEP are no anchors. */
export function stepAnchors(
  anchor: AnchorRecord,
  seen: readonly SeenKey[],
  nowSeconds: number,
  times: AnchorTimes,
): AnchorRecord {
  const after: AnchorKey[] = []
  for (const known of anchor.keys) {
    const now = seen.find(({ key }) => isSameKey(key, known.key))
    const next = stepKey(known, now, nowSeconds, times)
    if (next !== undefined) after.push(next)
  }
  // Keys without SEP cannot be followed: where the configuration has no others, they hand over to those that can.
  const handsOver = anchor.keys.length > 0 && anchor.keys.every(({ key }) => (key.flags & KEY_FLAG.SEP) === 0)
  for (const { key, ttlSeconds, trustedByDs } of seen) {
    if (isRevoked(key) || (key.flags & KEY_FLAG.SEP) === 0) continue
    if (anchor.keys.some((known) => isSameKey(known.key, key))) continue
    const begun = { ttlSeconds, key, changedSeconds: nowSeconds }
    after.unshift(
      trustedByDs || handsOver ? { ...begun, state: 'valid', seen: 0 } : { ...begun, state: 'add-pending', seen: 1 },
    )
  }
  return withoutVeryOld({ ...anchor, keys: after, ds: [] }, nowSeconds, times)
}

/** The keys whose revocation a probe showed, which counts even if the rest of the set does not verify. RFC 5011 §2.1 */
export function revokeAnchors(anchor: AnchorRecord, seen: readonly SeenKey[], nowSeconds: number): AnchorRecord {
  const keys = anchor.keys.map((known): AnchorKey => {
    const now = seen.find(({ key }) => isSameKey(key, known.key))
    const wasTrusted = known.state === 'valid' || known.state === 'missing'
    return now?.selfRevoked === true && wasTrusted ? revoked(known, now, nowSeconds) : known
  })
  return { ...anchor, keys }
}

/** Keys that were pending for long enough, whether this probe shows them or not: they may be the only ones that still sign. */
export function acceptAnchors(anchor: AnchorRecord, nowSeconds: number, times: AnchorTimes): AnchorRecord {
  const keys = anchor.keys.map((known): AnchorKey => {
    const held = nowSeconds - known.changedSeconds >= times.addHoldDownSeconds && known.seen >= LEAST_SEEN
    return known.state === 'add-pending' && held
      ? { ...known, state: 'valid', seen: 0, changedSeconds: nowSeconds }
      : known
  })
  return { ...anchor, keys }
}

/** What to trust: keys that are valid or missing, and the DS records while there are no keys yet. */
export function trustedKeys(anchor: AnchorRecord): {
  readonly ds: readonly DsData[]
  readonly keys: readonly DnskeyData[]
} {
  if (anchor.revoked) return { ds: [], keys: [] }
  const keys = anchor.keys.filter(({ state }) => state === 'valid' || state === 'missing').map(({ key }) => key)
  return { ds: anchor.ds, keys }
}

/** How long until the next probe after success and after failure. RFC 5011 §2.3 */
export function probeIntervals(
  originalTtlSeconds: number,
  expiresInSeconds: number,
): { readonly queryIntervalSeconds: number; readonly retrySeconds: number } {
  const interval = Math.min(15 * DAY, Math.floor(originalTtlSeconds / 2), Math.floor(expiresInSeconds / 2))
  const retry = Math.min(DAY, Math.floor(originalTtlSeconds / 10), Math.floor(expiresInSeconds / 10))
  return { queryIntervalSeconds: Math.max(HOUR, interval), retrySeconds: Math.max(HOUR, retry) }
}

export function isSameKey(a: DnskeyData, b: DnskeyData): boolean {
  return a.algorithm === b.algorithm && a.protocol === b.protocol && equalOctets(a.publicKey, b.publicKey)
}

// RFC 5011 §4.1; `undefined`: START or REMOVED, which are forgotten.
function stepKey(
  known: AnchorKey,
  now: SeenKey | undefined,
  nowSeconds: number,
  times: AnchorTimes,
): AnchorKey | undefined {
  const present = now !== undefined && !isRevoked(now.key)
  const heldFor = nowSeconds - known.changedSeconds
  switch (known.state) {
    case 'add-pending': {
      if (!present) return undefined
      const seen = known.seen + 1
      const held = heldFor >= times.addHoldDownSeconds && seen >= LEAST_SEEN
      return held ? { ...known, state: 'valid', seen: 0, changedSeconds: nowSeconds } : { ...known, seen }
    }
    case 'valid':
      if ((known.key.flags & KEY_FLAG.SEP) === 0) return undefined
      if (now?.selfRevoked === true) return revoked(known, now, nowSeconds)
      if (!present) return { ...known, state: 'missing', changedSeconds: nowSeconds }
      return known.changedSeconds === 0 ? { ...known, changedSeconds: nowSeconds } : known
    case 'missing':
      if (now?.selfRevoked === true) return revoked(known, now, nowSeconds)
      return present ? { ...known, state: 'valid', changedSeconds: nowSeconds } : known
    case 'revoked':
      if (present) return { ...known, changedSeconds: nowSeconds } // it is back without the bit: it stays revoked
      return heldFor >= times.removeHoldDownSeconds ? undefined : known
  }
}

function revoked(known: AnchorKey, now: SeenKey, nowSeconds: number): AnchorKey {
  return { ...known, key: now.key, state: 'revoked', seen: 0, changedSeconds: nowSeconds }
}

/** Keys missing for very long go, but never the last that are trusted. */
function withoutVeryOld(anchor: AnchorRecord, nowSeconds: number, times: AnchorTimes): AnchorRecord {
  if (!anchor.keys.some(({ state }) => state === 'valid')) return anchor
  const keys = anchor.keys.filter(
    ({ state, changedSeconds }) => state !== 'missing' || nowSeconds - changedSeconds < times.keepMissingSeconds,
  )
  return { ...anchor, keys }
}

/** Seen more than once: one answer alone never makes an anchor. */
const LEAST_SEEN = 2
const HOUR = 3600
const DAY = 86_400
