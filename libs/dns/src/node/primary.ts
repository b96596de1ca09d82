// A primary server's zones in memory and in their store, kept the same: a change is durable before anybody hears of it.

import { err, ok, type Result } from '@scop/result'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { formatName, type Name } from '../name.ts'
import { handleMessage } from '../server-core.ts'
import type { TsigKey } from '../tsig.ts'
import type { UpdateGrant } from '../update-policy.ts'
import type { Zone, ZoneDiff } from '../zone.ts'
import { zoneSet } from '../zone-set.ts'
import type { IncomingMessage, Reply } from './serve-dns.ts'
import type { Because, StoreError, ZoneStore } from './zone-store.ts'

export type PrimaryOptions = {
  readonly store: ZoneStore
  readonly keys: readonly TsigKey[]
  readonly grants: readonly UpdateGrant[]
  readonly limits?: Limits
  readonly onEvent?: (event: PrimaryEvent) => void
}

export type PrimaryEvent =
  | { readonly kind: 'answered'; readonly rcode: number }
  | { readonly kind: 'updated'; readonly zone: Zone; readonly diff: ZoneDiff }
  /** The store did not take the change; the client was told SERVFAIL. */
  | { readonly kind: 'not-kept'; readonly zone: Zone; readonly error: unknown }

export type Primary = {
  handle(incoming: IncomingMessage): Reply | Promise<Reply>
  /** As they are now; each stays as it is while others are changed. */
  zones(): readonly Zone[]
  zone(origin: Name): Zone | undefined
  /** False if there is one of this name. Throws if the disk does not take it. */
  addZone(zone: Zone, because: Because): boolean
  /** False if there is none of this name. */
  removeZone(origin: Name, because: Because): boolean
}

export function createPrimary(options: PrimaryOptions): Result<Primary, StoreError> {
  const { store, keys, grants, onEvent } = options
  const limits = options.limits ?? DEFAULT_LIMITS
  const loaded = store.load(limits)
  if (!loaded.ok) return err(loaded.error)
  let zones = zoneSet(loaded.value)
  return ok({
    handle: (incoming) => {
      const reaction = handleMessage({ zones, keys, grants }, incoming, limits)
      if (reaction.kind === 'silence') return undefined
      if (reaction.kind === 'reply') {
        onEvent?.({ kind: 'answered', rcode: reaction.rcode })
        return reaction.octets
      }
      if (reaction.kind === 'stream') return { messages: reaction.messages }
      const { zone, diff } = reaction
      const because = {
        author: formatName(reaction.key.name),
        reason: `UPDATE from ${incoming.peer.address}`,
        atMs: incoming.now * 1000,
      }
      try {
        store.append(zone, diff, because)
      } catch (error) {
        onEvent?.({ kind: 'not-kept', zone, error })
        return reaction.failure
      }
      zones = new Map(zones).set(zone.origin.key, zone)
      onEvent?.({ kind: 'updated', zone, diff })
      return reaction.reply
    },
    zones: () => [...zones.values()],
    zone: (origin) => zones.get(origin.key),
    addZone: (zone, because) => {
      if (zones.has(zone.origin.key)) return false
      store.create(zone, because)
      zones = new Map(zones).set(zone.origin.key, zone)
      return true
    },
    removeZone: (origin, because) => {
      if (!zones.has(origin.key)) return false
      store.remove(origin, because)
      const rest = new Map(zones)
      rest.delete(origin.key)
      zones = rest
      return true
    },
  })
}
