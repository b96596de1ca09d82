// A primary server's zones in memory and in their store, kept the same: a change is durable before anybody hears of it.

import { err, ok, type Result } from '@scop/result'
import { OPCODE, RCODE } from '../codes.ts'
import { AnswerPackets } from '../answer-packets.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { responseTo } from '../message.ts'
import { formatName, type Name } from '../name.ts'
import { receiveNotify } from '../notify.ts'
import { SOA } from '../rr/soa.ts'
import { handleMessage, type Reaction, type RefusedUpdate, type Request, type ServerState } from '../server-core.ts'
import type { Answering } from '../server-reply.ts'
import { serveTransfers, type TransferSource } from '../transfer-out.ts'
import type { PeerGrant, TransferGrant } from '../transfer-policy.ts'
import type { TsigKey, VerifiedTsig } from '../tsig.ts'
import type { UpdateGrant } from '../update-policy.ts'
import { UPDATE_RATE_LIMITS, UpdateRate, type UpdateRateLimits } from '../update-rate.ts'
import { findNode, signatureSlot, type Zone, type ZoneDiff } from '../zone.ts'
import { type ZoneSet, zoneSet } from '../zone-set.ts'
import type { IncomingMessage, Reply } from './serve-dns.ts'
import type { Because, StoredChange, StoreError, ZoneStore } from './zone-store.ts'

export type PrimaryOptions = {
  readonly store: ZoneStore
  readonly keys: readonly TsigKey[]
  readonly grants: readonly UpdateGrant[]
  /** Who may take whole zones. Default: nobody. */
  readonly transfers?: readonly TransferGrant[]
  /** How strangers are answered. Default: answers are kept, nobody is held down, no cookies. */
  readonly answering?: Answering
  readonly limits?: Limits
  readonly primaryLimits?: Partial<PrimaryLimits>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  readonly onEvent?: (event: PrimaryEvent) => void
  /**
   * What goes with a change before it is kept, as signatures do. `zone` and `diff` have the records and the serial that
   * were asked for; signatures and denials are still those of `before`. The answer replaces them: one version, one diff.
   */
  readonly onChange?: OnChange
}

export type PrimaryLimits = UpdateRateLimits & {
  /** Transfers to peers under way at once; more are told SERVFAIL. */
  readonly transfersAtOnce: number
}

export const PRIMARY_LIMITS: PrimaryLimits = { ...UPDATE_RATE_LIMITS, transfersAtOnce: 32 }

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
  | { readonly kind: 'updated'; readonly zone: Zone; readonly diff: ZoneDiff; readonly because: Because }
  /** An update of a known key that was not done. */
  | ({ readonly kind: 'refused'; readonly address: string } & RefusedUpdate)
  /** The zone is another, or new. */
  | { readonly kind: 'replaced'; readonly zone: Zone; readonly because: Because }
  | { readonly kind: 'removed'; readonly origin: Name; readonly because: Because }
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
  /** Makes us a secondary of this zone: no updates; `notified` hears what these peers say. */
  follow(origin: Name, followed: Followed): Follower
}

export type Followed = {
  readonly peers: readonly PeerGrant[]
  readonly notified: (serial: number | undefined) => void
}

/** How a secondary gives us what it has got. Each throws if the disk does not take it; then nothing has changed. */
export type Follower = {
  /** The whole zone, or, with `diffs`, the version that they lead to one after the other. */
  install(zone: Zone, diffs: readonly ZoneDiff[] | undefined, because: Because): void
  /** What we have is too old: it is answered with SERVFAIL until the next `install` or `confirm`. */
  expire(): void
  /** What we have is what the primary has; it was heard then. */
  confirm(atMs: number): void
  /** When that, or what was installed, was last heard; also before the process began. */
  heardAtMs(): number | undefined
  /** It is a zone like others again. */
  unfollow(): void
}

/** Reads what the store has. Updates that come at the same moment are made durable together, and then answered. */
export function createPrimary(options: PrimaryOptions): Result<Primary, StoreError> {
  const { store, onEvent, onChange } = options
  const limits = options.limits ?? DEFAULT_LIMITS
  const bounds = { ...PRIMARY_LIMITS, ...options.primaryLimits }
  const now = options.now ?? Date.now
  const loaded = store.load(limits)
  if (!loaded.ok) return err(loaded.error)
  const rate = new UpdateRate(bounds)
  const answering = { packets: new AnswerPackets(), ...options.answering }
  const followed = new Map<string, Followed>()
  const withdrawn = new Set<string>()
  /** What everybody sees, which is what the disk has. */
  let zones: ZoneSet = zoneSet(loaded.value)
  /** With the changes that are on their way to the disk: what the next update changes. */
  let latest: ZoneSet = zones
  let group: Group | undefined
  let transfers = 0

  const admitUpdate = (signer: VerifiedTsig): boolean => rate.admit(signer.key.name, now())
  const stateOf = (of: ZoneSet): ServerState => {
    const served = withoutKeys(of, withdrawn)
    const source: TransferSource = {
      zones: served,
      grants: options.transfers ?? [],
      changesSince: (zone, serial) => store.changesSince(zone.origin, serial)?.map(({ diff }) => diff),
      now: () => Math.floor(now() / 1000),
    }
    const transfer = serveTransfers(source, limits)
    return {
      ...answering,
      zones: served,
      keys: options.keys,
      grants: options.grants,
      transfer: (request) => (transfers < bounds.transfersAtOnce ? transfer(request) : busy(request)),
      notify: receiveNotify(new Map([...followed].map(([key, { peers }]) => [key, peers]))),
      admitUpdate,
      ...(withdrawn.size > 0 && { withdrawn }),
    }
  }
  let state = stateOf(zones)
  const use = (next: ZoneSet): void => {
    zones = next
    latest = next
    state = stateOf(next)
  }
  const complete = (before: Zone, change: Change): Result<Change, { readonly kind: string }> => {
    if (onChange !== undefined) return onChange(before, change.zone, change.diff)
    // Without a signer the signatures would no longer be true.
    return isSigned(before) ? err({ kind: 'nobody signs this zone' }) : ok(change)
  }
  /** One sync of the disk for all that has come since the last. Each change stands on the one before: all of them or none. */
  const flush = (): void => {
    const mine = group
    if (mine === undefined) return
    group = undefined
    clearImmediate(mine.planned)
    try {
      store.append(mine.changes)
      use(latest)
    } catch (error) {
      latest = zones
      for (const { zone } of mine.changes) onEvent?.({ kind: 'not-kept', zone, error })
      return mine.settle(false)
    }
    for (const { zone, diff, because } of mine.changes) onEvent?.({ kind: 'updated', zone, diff, because })
    mine.settle(true)
  }
  const enqueue = (change: StoredChange): Promise<boolean> => {
    if (group === undefined) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      group = { changes: [], done: promise, settle: resolve, planned: setImmediate(flush) }
    }
    group.changes.push(change)
    latest = new Map(latest).set(change.zone.origin.key, change.zone)
    return group.done
  }
  const update = (reaction: Reaction & { kind: 'change' }, incoming: IncomingMessage): Reply | Promise<Reply> => {
    const { zone, key, reply, failure } = reaction
    const before = latest.get(zone.origin.key)
    const completed = before === undefined ? err({ kind: 'no-such-zone' }) : complete(before, reaction)
    if (!completed.ok) {
      onEvent?.({ kind: 'not-kept', zone, error: completed.error.kind })
      return failure
    }
    const because = {
      author: formatName(key.name),
      reason: `UPDATE from ${incoming.peer.address}`,
      atMs: incoming.now * 1000,
    }
    return enqueue({ ...completed.value, because }).then((kept) => (kept ? reply : failure))
  }
  const counted = (messages: Iterator<Uint8Array, void, void>): Iterator<Uint8Array, void, void> => {
    let open = true
    transfers++
    const end = (): IteratorResult<Uint8Array, void> => {
      if (open) transfers--
      open = false
      return { done: true, value: undefined }
    }
    return {
      next: () => {
        const next = messages.next()
        return next.done === true ? end() : next
      },
      return: () => {
        messages.return?.()
        return end()
      },
    }
  }
  return ok({
    handle: (incoming) => {
      const isUpdate = (((incoming.octets[2] ?? 0) >>> 3) & 0xf) === OPCODE.UPDATE
      const primaries = isUpdate ? { ...state, zones: withoutKeys(latest, followed) } : state
      const reaction = handleMessage(primaries, incoming, limits)
      switch (reaction.kind) {
        case 'silence':
          return undefined
        case 'reply':
          onEvent?.({ kind: 'answered', rcode: reaction.rcode })
          if (reaction.refused !== undefined)
            onEvent?.({ kind: 'refused', address: incoming.peer.address, ...reaction.refused })
          // What an update found, such as a prerequisite, may be in a change that the disk does not have yet.
          if (isUpdate && group !== undefined) return group.done.then((kept) => (kept ? reaction.octets : undefined))
          return reaction.octets
        case 'stream':
          onEvent?.({ kind: 'answered', rcode: RCODE.NOERROR })
          return { messages: counted(reaction.messages) }
        case 'notified':
          followed.get(reaction.origin.key)?.notified(reaction.serial)
          return reaction.octets
        case 'change':
          return update(reaction, incoming)
      }
    },
    change: (origin, because, edit, { whole = false } = {}) => {
      flush()
      const before = zones.get(origin.key)
      if (before === undefined) return err({ kind: 'no-such-zone' })
      const edited = edit(before)
      if (!edited.ok) return err({ kind: 'refused', reason: edited.error.kind })
      if (edited.value === undefined) return ok(undefined)
      const completed = whole ? ok(edited.value) : complete(before, edited.value)
      if (!completed.ok) return err({ kind: 'refused', reason: completed.error.kind })
      try {
        store.append([{ ...completed.value, because }])
      } catch (error) {
        return err({ kind: 'not-kept', error })
      }
      use(new Map(zones).set(origin.key, completed.value.zone))
      onEvent?.({ kind: 'updated', ...completed.value, because })
      return ok(completed.value)
    },
    zones: () => [...zones.values()],
    zone: (origin) => zones.get(origin.key),
    addZone: (zone, because) => {
      flush()
      if (zones.has(zone.origin.key)) return false
      store.create(zone, because)
      use(new Map(zones).set(zone.origin.key, zone))
      onEvent?.({ kind: 'replaced', zone, because })
      return true
    },
    removeZone: (origin, because) => {
      flush()
      if (!zones.has(origin.key)) return false
      store.remove(origin, because)
      use(withoutKeys(zones, new Set([origin.key])))
      onEvent?.({ kind: 'removed', origin, because })
      return true
    },
    follow: (origin, one) => {
      flush()
      followed.set(origin.key, one)
      use(zones)
      return {
        install: (zone, diffs, because) => {
          flush()
          if (diffs === undefined || !zones.has(origin.key)) store.replace(zone, because)
          else store.append(diffs.map((diff) => ({ zone, diff, because })))
          store.heard(origin, because.atMs)
          withdrawn.delete(origin.key)
          use(new Map(zones).set(origin.key, zone))
          if (diffs === undefined) onEvent?.({ kind: 'replaced', zone, because })
          else for (const diff of diffs) onEvent?.({ kind: 'updated', zone, diff, because })
        },
        expire: () => {
          flush()
          withdrawn.add(origin.key)
          use(zones)
        },
        confirm: (atMs) => {
          flush()
          if (withdrawn.delete(origin.key)) use(zones)
          store.heard(origin, atMs)
        },
        heardAtMs: () => store.heardAtMs(origin),
        unfollow: () => {
          flush()
          if (followed.get(origin.key) === one) followed.delete(origin.key)
          withdrawn.delete(origin.key)
          use(zones)
        },
      }
    },
  })
}

type Group = {
  readonly changes: StoredChange[]
  readonly done: Promise<boolean>
  readonly settle: (kept: boolean) => void
  readonly planned: NodeJS.Immediate
}

function busy({ query, encode }: Request): Reaction {
  return { kind: 'reply', octets: encode(responseTo(query, RCODE.SERVFAIL)), rcode: RCODE.SERVFAIL }
}

function withoutKeys(zones: ZoneSet, keys: { readonly size: number; has(key: string): boolean }): ZoneSet {
  return keys.size === 0 ? zones : new Map([...zones].filter(([key]) => !keys.has(key)))
}

function isSigned(zone: Zone): boolean {
  return findNode(zone, zone.origin)?.rrsets.has(signatureSlot(SOA.code)) === true
}
