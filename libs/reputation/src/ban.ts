// A ban: what is done to a network, why, and until when. Each further one of the same network is four times as long, up to
// the longest; one that ended long ago is forgiven.

import type { ReputationPolicy } from './limits.ts'

export type Measure = 'greylist' | 'tarpit' | 'refuse'

export type Ban = {
  readonly measure: Measure
  readonly reason: string
  readonly sinceMs: number
  readonly untilMs: number
  /** 1 for the first. */
  readonly repetition: number
}

export function isRunning(ban: Ban | undefined, nowMs: number): ban is Ban {
  return ban !== undefined && nowMs < ban.untilMs
}

/**
 * The ban that follows `before`. While that one runs, a harsher measure takes its place and counts as the same offence; a
 * milder or equal one changes nothing.
 */
export function nextBan(
  before: Ban | undefined,
  measure: Measure,
  reason: string,
  nowMs: number,
  policy: ReputationPolicy,
): Ban | undefined {
  const running = isRunning(before, nowMs) ? before : undefined
  if (running !== undefined && HARSHNESS[measure] <= HARSHNESS[running.measure]) return undefined
  const remembered = before !== undefined && nowMs < before.untilMs + policy.forgivenAfterSeconds * 1000
  const repetition = running?.repetition ?? (remembered ? before.repetition : 0) + 1
  const seconds = Math.min(policy.firstBanSeconds * GROWTH ** (repetition - 1), policy.longestBanSeconds)
  return { measure, reason, sinceMs: nowMs, untilMs: nowMs + Math.ceil(seconds * 1000), repetition }
}

export function isMeasure(text: string): text is Measure {
  return Object.hasOwn(HARSHNESS, text)
}

const HARSHNESS: Readonly<Record<Measure, number>> = { greylist: 1, tarpit: 2, refuse: 3 }
const GROWTH = 4
