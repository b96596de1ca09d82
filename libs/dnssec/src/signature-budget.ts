// How many signatures are made in a second while somebody waits, of all zones together: questions for names that are not
// there cost nothing to think of, and a signature each to deny. RFC 4470 §5 leaves the bound to the server.

export type SignatureBudget = {
  /** Takes `count` from what is left, or nothing at all if there is less. */
  take(count: number): boolean
}

export type OnlineSigningLimits = {
  /** Also how many may be made at once after a rest. */
  readonly signaturesPerSecond: number
}

/** 2,000 by P-256 are a tenth of a core, by RSA-2048 two thirds. */
export const ONLINE_SIGNING_LIMITS: OnlineSigningLimits = { signaturesPerSecond: 2000 }

export function createSignatureBudget(limits: OnlineSigningLimits, nowMs: () => number): SignatureBudget {
  const most = limits.signaturesPerSecond
  let left = most
  let last = nowMs()
  return {
    take: (count) => {
      const now = nowMs()
      // A clock that steps back gives nothing, and takes nothing.
      left = Math.min(most, left + (Math.max(0, now - last) * most) / 1000)
      last = now
      if (left < count) return false
      left -= count
      return true
    },
  }
}
