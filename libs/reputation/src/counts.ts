// Counts with a half-life: what was seen so long ago is worth half. Exact at every moment: a count is kept as what it was
// worth when it was last touched, so that fading twice is the same as fading once. A clock that goes back fades nothing.

import { EVENT_CLASS_NAMES, type EventClass } from './event-class.ts'

export type Counts = Readonly<Partial<Record<EventClass, number>>>

/** What `counts` of `fromMs` are worth at `toMs`. */
export function fade(counts: Counts, fromMs: number, toMs: number, halfLifeSeconds: number): Counts {
  if (toMs <= fromMs) return counts
  const worth = 2 ** (-(toMs - fromMs) / (halfLifeSeconds * 1000))
  const faded: Partial<Record<EventClass, number>> = {}
  for (const name of EVENT_CLASS_NAMES) {
    const count = (counts[name] ?? 0) * worth
    if (count >= NOTHING) faded[name] = count
  }
  return faded
}

export function addTo(counts: Counts, name: EventClass, by: number): Counts {
  return { ...counts, [name]: (counts[name] ?? 0) + by }
}

/** All classes together. */
export function evidenceOf(counts: Counts): number {
  return EVENT_CLASS_NAMES.reduce((sum, name) => sum + (counts[name] ?? 0), 0)
}

/** Less than this of an event is none: about twenty half-lives. */
const NOTHING = 1e-6
