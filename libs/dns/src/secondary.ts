// The secondary role of one zone: when to ask the primary, which one, how, and when what we have is too old to be served.
// Event in, actions out; time is an argument.      RFC 1034 §4.3.5, RFC 1035 §7, RFC 1996 §3.11, §4.4, RFC 1995 §4

import { isSerialAfter } from './serial.ts'
import type { SoaData } from './rr/soa.ts'

export type SecondaryConfig = {
  /** How many primaries there are; they are asked in turn. */
  readonly primaries: number
  /** Between 0 and 1: so that zones that were loaded together are not all refreshed at once. */
  readonly random: () => number
  readonly limits?: Partial<SecondaryLimits>
}

/** What an SOA says is kept between these. */
export type SecondaryLimits = {
  readonly shortestRefreshSeconds: number
  readonly longestRefreshSeconds: number
  readonly shortestRetrySeconds: number
  readonly longestRetrySeconds: number
  readonly longestExpireSeconds: number
  /** From one question to the next, however often somebody says NOTIFY, or forges it. */
  readonly shortestGapSeconds: number
}

export const SECONDARY_LIMITS: SecondaryLimits = {
  shortestRefreshSeconds: 30,
  longestRefreshSeconds: 28 * 86_400,
  shortestRetrySeconds: 10,
  longestRetrySeconds: 14 * 86_400,
  longestExpireSeconds: 365 * 86_400,
  shortestGapSeconds: 1,
}

export type SecondaryState = {
  readonly soa: SoaData | undefined
  /** When a primary was last heard to have what we have, or gave it. */
  readonly heardAtMs: number
  readonly expired: boolean
  readonly dueAtMs: number
  /** When a primary was last asked. */
  readonly askedAtMs: number
  readonly asking: { readonly primary: number; readonly style: 'ixfr' | 'axfr' } | undefined
  /** A NOTIFY came while a primary was asked: ask again. */
  readonly again: boolean
  readonly primary: number
  /** The changes alone were not to be had: ask for the whole. */
  readonly whole: boolean
  /** Primaries in a row that did not help. */
  readonly failures: number
}

export type SecondaryEvent =
  | { readonly kind: 'tick' }
  /** From somebody who may say so. */
  | { readonly kind: 'notify'; readonly serial: number | undefined }
  /** What was asked for has come, or the primary has nothing newer: the zone as it is now. */
  | { readonly kind: 'heard'; readonly soa: SoaData }
  /** `style`: the primary is there, and the changes alone are not to be had of it. */
  | { readonly kind: 'failed'; readonly style?: 'wrong' }

export type SecondaryAction =
  | { readonly kind: 'ask'; readonly primary: number; readonly style: 'ixfr' | 'axfr' }
  | { readonly kind: 'expire' }
  | { readonly kind: 'wake-at'; readonly atMs: number }

export type SecondaryStep = { readonly state: SecondaryState; readonly actions: readonly SecondaryAction[] }

/** `kept`: the zone that we have from before, and when it was last heard of. It is asked for at once. */
export function startSecondary(
  kept: { readonly soa: SoaData; readonly heardAtMs: number } | undefined,
): SecondaryState {
  return {
    soa: kept?.soa,
    heardAtMs: kept?.heardAtMs ?? 0,
    expired: false,
    dueAtMs: 0,
    askedAtMs: Number.NEGATIVE_INFINITY,
    asking: undefined,
    again: false,
    primary: 0,
    whole: false,
    failures: 0,
  }
}

export function stepSecondary(
  state: SecondaryState,
  event: SecondaryEvent,
  nowMs: number,
  config: SecondaryConfig,
): SecondaryStep {
  const limits = { ...SECONDARY_LIMITS, ...config.limits }
  return settle(react(state, event, nowMs, config, limits), nowMs, limits)
}

function react(
  state: SecondaryState,
  event: SecondaryEvent,
  nowMs: number,
  { primaries, random }: SecondaryConfig,
  limits: SecondaryLimits,
): SecondaryState {
  const soonAtMs = Math.max(nowMs, state.askedAtMs + limits.shortestGapSeconds * 1000)
  switch (event.kind) {
    case 'tick':
      return state
    case 'notify': {
      const { soa } = state
      const known = soa !== undefined && event.serial !== undefined && !isSerialAfter(event.serial, soa.serial)
      if (known && !state.expired) return state
      return state.asking === undefined
        ? { ...state, dueAtMs: Math.min(soonAtMs, Math.max(state.dueAtMs, nowMs)) }
        : { ...state, again: true }
    }
    case 'heard': {
      const wait = between(event.soa.refreshSeconds, limits.shortestRefreshSeconds, limits.longestRefreshSeconds)
      // Up to a tenth earlier than the SOA says.
      const dueAtMs = state.again ? soonAtMs : nowMs + Math.round(wait * 1000 * (1 - random() / 10))
      return {
        ...state,
        soa: event.soa,
        heardAtMs: nowMs,
        expired: false,
        asking: undefined,
        again: false,
        whole: false,
        failures: 0,
        dueAtMs,
      }
    }
    case 'failed': {
      const { asking } = state
      if (asking === undefined) return state
      if (event.style === 'wrong' && asking.style === 'ixfr') {
        return { ...state, asking: undefined, whole: true, dueAtMs: nowMs }
      }
      const failures = state.failures + 1
      const primary = (state.primary + 1) % primaries
      const round = failures % primaries === 0
      const seconds = retrySeconds(state, Math.ceil(failures / primaries), limits)
      const dueAtMs = round ? nowMs + Math.round(seconds * 1000 * (1 - random() / 10)) : nowMs
      return {
        ...state,
        asking: undefined,
        again: false,
        whole: false,
        failures,
        primary,
        dueAtMs: state.again ? soonAtMs : dueAtMs,
      }
    }
  }
}

/** What follows from the state: an expiry, a question, or waiting. A question that has been put is not put again. */
function settle(state: SecondaryState, nowMs: number, limits: SecondaryLimits): SecondaryStep {
  const actions: SecondaryAction[] = []
  let next = state
  const expiresAtMs = expiryOf(state, limits)
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) {
    next = { ...next, expired: true }
    actions.push({ kind: 'expire' })
  }
  if (next.asking === undefined && nowMs >= next.dueAtMs) {
    // RFC 1035 §7: what has expired is no ground to build changes on.
    const style = next.soa === undefined || next.expired || next.whole ? 'axfr' : 'ixfr'
    next = { ...next, askedAtMs: nowMs, asking: { primary: next.primary, style } }
    actions.push({ kind: 'ask', primary: next.primary, style })
  }
  const wakes = [next.asking === undefined ? next.dueAtMs : undefined, expiryOf(next, limits)]
  const atMs = Math.min(...wakes.map((each) => each ?? Number.POSITIVE_INFINITY))
  if (Number.isFinite(atMs)) actions.push({ kind: 'wake-at', atMs })
  return { state: next, actions }
}

function expiryOf({ soa, expired, heardAtMs }: SecondaryState, limits: SecondaryLimits): number | undefined {
  if (soa === undefined || expired) return undefined
  return heardAtMs + Math.min(soa.expireSeconds, limits.longestExpireSeconds) * 1000
}

/** What the SOA says; where we have none, longer each time. */
function retrySeconds({ soa }: SecondaryState, rounds: number, limits: SecondaryLimits): number {
  const wanted = soa?.retrySeconds ?? limits.shortestRetrySeconds * 2 ** Math.min(rounds - 1, 8)
  return between(wanted, limits.shortestRetrySeconds, limits.longestRetrySeconds)
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
