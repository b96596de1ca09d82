// A zone is made to show the keys of a plan and their signatures, in steps: whole where it is not signed so yet, else what is
// due. What is wrong or about to end goes on until it is done; what only grows old, some at a time.
// RFC 6781 §4.4

import type { Zone, ZoneError } from '@scop/dns'
import type { Change } from '@scop/dns/node'
import {
  dueSignaturesInSteps,
  hasChain,
  resign,
  signInSteps,
  type SigningMoment,
  signZone,
  signZoneInSteps,
  type Steps,
} from '@scop/dnssec'
import { ok, type Result } from '@scop/result'
import { isSigned, showsDigest, showsKeys } from './shown-keys.ts'

/** Where the zone is. */
export type Place = {
  zone(): Zone | undefined
  /** Makes a version of the zone as it is at that moment; whether there is one more. */
  change(edit: (zone: Zone) => Result<Change | undefined, ZoneError>): boolean
  /** The keys are others since: what they sign is not wanted any more. */
  isOver(): boolean
  /** Milliseconds since 1970. */
  now(): number
}

/** `nextMs`: when there is more to do, if it is known. */
export type Shown = { readonly nextMs: number | undefined; readonly changed: boolean }

export function* showSignatures(place: Place, moment: SigningMoment): Steps<Shown> {
  const zone = place.zone()
  if (zone === undefined) return { nextMs: undefined, changed: false }
  const { policy } = moment
  if (!isSigned(zone) || !hasChain(zone, policy.denial)) return yield* signWhole(place, moment)
  const { due, nextSeconds } = yield* dueSignaturesInSteps(zone, moment, Number.POSITIVE_INFINITY)
  const urgent = due.filter(({ secondsLeft }) => secondsLeft <= policy.refreshSeconds / URGENT_PART).length
  let [at, changed] = [0, false]
  do {
    const batch = due.slice(at, at + (urgent > 0 ? URGENT_BATCH : BATCH))
    const made = yield* signInSteps(place.zone() ?? zone, batch, moment)
    if (place.isOver()) return { nextMs: AT_ONCE_MS, changed }
    const kept = place.change((latest) =>
      batch.length === 0 && showsKeys(latest, moment.keys) && showsDigest(latest, policy.zonemdHash)
        ? ok(undefined)
        : resign(latest, batch, { ...moment, made }),
    )
    if (!kept) break
    changed = true
    at += batch.length
    yield
  } while (at < urgent)
  if (at < due.length) return { nextMs: BETWEEN_BATCHES_MS, changed }
  if (nextSeconds === undefined) return { nextMs: undefined, changed }
  // Each pass is a version of the zone for all who follow it: what is due about the same time waits for one.
  const restMs = (policy.refreshSeconds * 1000) / PASSES
  return { nextMs: Math.max(restMs, nextSeconds * 1000 - place.now()), changed }
}

/** All signatures and denials anew, in one version. A zone that is changed time and again meanwhile is signed in one go. */
function* signWhole(place: Place, moment: SigningMoment): Steps<Shown> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const zone = place.zone()
    if (zone === undefined) break
    const signed = yield* signZoneInSteps(zone, moment)
    if (place.isOver()) return { nextMs: AT_ONCE_MS, changed: false }
    let isLatest = false
    const changed = place.change((latest) => {
      isLatest = latest === zone
      return isLatest ? signed : ok(undefined)
    })
    if (isLatest) return { nextMs: undefined, changed }
  }
  return { nextMs: undefined, changed: place.change((latest) => signZone(latest, moment)) }
}

/** Signatures made anew in one version of the zone, at most, while all are good. */
const BATCH = 250
/** The same while some are wrong or about to end: as many as can be put in their places before anybody notices. */
const URGENT_BATCH = 1000
/** Urgent is what has this part of its time between being due and its end left. */
const URGENT_PART = 10
/** A zone is signed whole beside its changes so often before they have to wait. */
const MOST_ATTEMPTS = 3
/** At most so many passes over the signatures in the time between their being due and their end. */
const PASSES = 20
const AT_ONCE_MS = 0
const BETWEEN_BATCHES_MS = 1000
