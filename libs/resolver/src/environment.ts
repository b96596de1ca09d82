// What the tasks of one resolver share.

import type { ExtendedError, Name } from '@scop/dns'
import type { Clock } from './clock.ts'
import type { ResolverConfig } from './config.ts'
import type { MessageCache } from './message-cache.ts'
import type { ParentSide } from './parent-side.ts'
import type { RrsetCache } from './rrset-cache.ts'
import type { Job } from './scheduler.ts'
import type { ServerTable } from './server-table.ts'
import type { Validator } from './validation-context.ts'

export type Environment = {
  readonly config: ResolverConfig
  readonly clock: Clock
  readonly random: (octets: number) => Uint8Array
  readonly rrsets: RrsetCache
  readonly messages: MessageCache
  readonly servers: ServerTable
  readonly parents: ParentSide
  readonly validator: Validator | undefined
  readonly persist: (zone: Name, text: string) => void
  readonly trace: (job: Job, what: string) => void
}

/** Codes of RFC 8914 §4 that iteration gives. */
export const EDE = {
  OTHER: 0,
  STALE_ANSWER: 3,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  PROHIBITED: 18,
  STALE_NXDOMAIN: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const

export function why(code: number, text: string): readonly ExtendedError[] {
  return [{ code, text }]
}

/** The most specific of the zones that `name` is at or below. */
export function closest<T extends { readonly zone: Name }>(
  zones: readonly T[],
  covers: (zone: Name) => boolean,
): T | undefined {
  let best: T | undefined
  for (const each of zones) {
    if (covers(each.zone) && (best === undefined || each.zone.octets.length > best.zone.octets.length)) best = each
  }
  return best
}
