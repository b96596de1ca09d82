// The TTLs that caches may still have records with: a TTL that was made shorter counts as long as it was, until what was
// served with it is gone from every cache. Remembered while the zone has keys: who signs a zone whose TTLs were just made
// shorter waits himself.      RFC 7583 §3.1 (the TTL of what is replaced), RFC 6781 §4.1

import type { KeyDelays } from './key-states.ts'

/** A TTL, and the last moment at which records were served with it. */
export type ServedTtl = { readonly seconds: number; readonly lastSeconds: number }

/** Of DNSKEY, of the zone's data, of the DS; the one of now last. */
export type ServedTtls = {
  readonly keys: readonly ServedTtl[]
  readonly zone: readonly ServedTtl[]
  readonly ds: readonly ServedTtl[]
}

/** Notes the TTLs of now. */
export function noteTtls(before: ServedTtls | undefined, delays: KeyDelays, nowSeconds: number): ServedTtls {
  const { keyTtlSeconds, zoneTtlSeconds, dsTtlSeconds, safetySeconds } = delays
  const zoneLag = delays.zonePropagationSeconds + safetySeconds
  const parentLag = delays.parentPropagationSeconds + safetySeconds
  return {
    keys: note(before?.keys ?? [], keyTtlSeconds, zoneLag, nowSeconds),
    zone: note(before?.zone ?? [], zoneTtlSeconds, zoneLag, nowSeconds),
    ds: note(before?.ds ?? [], dsTtlSeconds, parentLag, nowSeconds),
  }
}

/** The delays with the longest TTLs that any cache can have. */
export function longestDelays(delays: KeyDelays, ttls: ServedTtls | undefined): KeyDelays {
  if (ttls === undefined) return delays
  return {
    ...delays,
    keyTtlSeconds: longest(ttls.keys, delays.keyTtlSeconds),
    zoneTtlSeconds: longest(ttls.zone, delays.zoneTtlSeconds),
    dsTtlSeconds: longest(ttls.ds, delays.dsTtlSeconds),
  }
}

function note(
  before: readonly ServedTtl[],
  seconds: number,
  lagSeconds: number,
  nowSeconds: number,
): readonly ServedTtl[] {
  // What was in force at the last look was so until now.
  const until = before.map((ttl, i) => (i === before.length - 1 ? { ...ttl, lastSeconds: nowSeconds } : ttl))
  const left = until.filter((ttl) => ttl.seconds > seconds && ttl.lastSeconds + lagSeconds + ttl.seconds >= nowSeconds)
  return [...bounded(left), { seconds, lastSeconds: nowSeconds }]
}

/** Of many the shortest are forgotten, and the longest counts from the last moment of any of them. */
function bounded(ttls: readonly ServedTtl[]): readonly ServedTtl[] {
  if (ttls.length <= REMEMBERED) return ttls
  const lastSeconds = Math.max(...ttls.map((ttl) => ttl.lastSeconds))
  return [{ seconds: longest(ttls, 0), lastSeconds }]
}

function longest(ttls: readonly ServedTtl[], seconds: number): number {
  return Math.max(seconds, ...ttls.map((ttl) => ttl.seconds))
}

const REMEMBERED = 8
