// A primary server's zones in memory and in their store, kept the same: a change is durable before anybody hears of it.

import { err, ok, type Result } from '@scop/result'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { formatName, type Name } from '../name.ts'
import { SOA } from '../rr/soa.ts'
import { handleMessage } from '../server-core.ts'
import type { TsigKey } from '../tsig.ts'
import type { UpdateGrant } from '../update-policy.ts'
import { findNode, signatureSlot, type Zone, type ZoneDiff } from '../zone.ts'
import { zoneSet } from '../zone-set.ts'
import type { IncomingMessage, Reply } from './serve-dns.ts'
import type { Because, StoreError, ZoneStore } from './zone-store.ts'

export type PrimaryOptions = {
  readonly store: ZoneStore
  readonly keys: readonly TsigKey[]
  readonly grants: readonly UpdateGrant[]
  readonly limits?: Limits
  readonly onEvent?: (event: PrimaryEvent) => void
  /**
   * What goes with a change before it is kept, as signatures do. `zone` and `diff` have the records and the serial that
   * were asked for; signatures and denials are still those of `before`. The answer replaces them: one version, one diff.
   */
  readonly onChange?: OnChange
}

export type Change = { readonly zone: Zone; readonly diff: ZoneDiff }

export type OnChange = (before: Zone, zone: Zone, diff: ZoneDiff) => Result<Change, { readonly kind: string }>

export type ChangeError =
  | { readonly kind: 'no-such-zone' }
  /** The edit, or what goes with each change, says no. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The disk did not take it; nothing has changed. */
  | { readonly kind: 'not-kept'; readonly error: unknown }

export type PrimaryEvent =
  | { readonly kind: 'answered'; readonly rcode: number }
  | { readonly kind: 'updated'; readonly zone: Zone; readonly diff: ZoneDiff }
  /** The change could not be signed, or the store did not take it; the client was told SERVFAIL. */
  | { readonly kind: 'not-kept'; readonly zone: Zone; readonly error: unknown }

export type Primary = {
  handle(incoming: IncomingMessage): Reply | Promise<Reply>
  /** As they are now; each stays as it is while others are changed. */
  zones(): readonly Zone[]
  zone(origin: Name): Zone | undefined
  /** False if there is one of this name. Throws if the disk does not take it. */
  addZone(zone: Zone, because: Because): boolean
  /**
   * Another change than by UPDATE: `edit` gives the next version, or `undefined` where nothing has to change. It goes
   * through `onChange` unless `whole` says that it needs nothing more, as when it comes from the signer.
   */
  change(
    origin: Name,
    because: Because,
    edit: (zone: Zone) => Result<Change | undefined, { readonly kind: string }>,
    options?: { readonly whole?: boolean },
  ): Result<Change | undefined, ChangeError>
  /** False if there is none of this name. */
  removeZone(origin: Name, because: Because): boolean
}

export function createPrimary(options: PrimaryOptions): Result<Primary, StoreError> {
  const { store, keys, grants, onEvent, onChange } = options
  const limits = options.limits ?? DEFAULT_LIMITS
  const loaded = store.load(limits)
  if (!loaded.ok) return err(loaded.error)
  let zones = zoneSet(loaded.value)
  const complete = (before: Zone, change: Change): Result<Change, { readonly kind: string }> => {
    if (onChange !== undefined) return onChange(before, change.zone, change.diff)
    // Without a signer the signatures would no longer be true.
    return isSigned(before) ? err({ kind: 'nobody signs this zone' }) : ok(change)
  }
  const keep = ({ zone, diff }: Change, because: Because): void => {
    store.append(zone, diff, because)
    zones = new Map(zones).set(zone.origin.key, zone)
    onEvent?.({ kind: 'updated', zone, diff })
  }
  return ok({
    handle: (incoming) => {
      const reaction = handleMessage({ zones, keys, grants }, incoming, limits)
      if (reaction.kind === 'silence') return undefined
      if (reaction.kind === 'reply') {
        onEvent?.({ kind: 'answered', rcode: reaction.rcode })
        return reaction.octets
      }
      if (reaction.kind === 'stream') return { messages: reaction.messages }
      const { zone } = reaction
      const because = {
        author: formatName(reaction.key.name),
        reason: `UPDATE from ${incoming.peer.address}`,
        atMs: incoming.now * 1000,
      }
      const before = zones.get(zone.origin.key)
      const completed = before === undefined ? err({ kind: 'no-such-zone' }) : complete(before, reaction)
      if (!completed.ok) {
        onEvent?.({ kind: 'not-kept', zone, error: completed.error.kind })
        return reaction.failure
      }
      try {
        keep(completed.value, because)
      } catch (error) {
        onEvent?.({ kind: 'not-kept', zone, error })
        return reaction.failure
      }
      return reaction.reply
    },
    change: (origin, because, edit, { whole = false } = {}) => {
      const before = zones.get(origin.key)
      if (before === undefined) return err({ kind: 'no-such-zone' })
      const edited = edit(before)
      if (!edited.ok) return err({ kind: 'refused', reason: edited.error.kind })
      if (edited.value === undefined) return ok(undefined)
      const completed = whole ? ok(edited.value) : complete(before, edited.value)
      if (!completed.ok) return err({ kind: 'refused', reason: completed.error.kind })
      try {
        keep(completed.value, because)
      } catch (error) {
        return err({ kind: 'not-kept', error })
      }
      return ok(completed.value)
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

function isSigned(zone: Zone): boolean {
  return findNode(zone, zone.origin)?.rrsets.has(signatureSlot(SOA.code)) === true
}
