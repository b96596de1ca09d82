// Keeps a zone of ours the same as its primary's: asks at its time and when told, installs what fits, drops what is too old.
// RFC 1034 §4.3.5, RFC 1996 §3.11, RFC 9103 §7 (over TLS)

import { randomInt } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { parseAddressPrefix } from '@scop/identifiers'
import { RCODE } from '../codes.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import type { Name } from '../name.ts'
import {
  type SecondaryAction,
  type SecondaryEvent,
  type SecondaryLimits,
  startSecondary,
  stepSecondary,
} from '../secondary.ts'
import { isSerialAfter } from '../serial.ts'
import { encodeTransferRequest, type TransferOutcome } from '../transfer-in.ts'
import type { PeerGrant } from '../transfer-policy.ts'
import type { TsigKey } from '../tsig.ts'
import type { Zone } from '../zone.ts'
import type { DnsEndpoint } from './exchange.ts'
import { fetchZone, type FetchZoneError, type FetchZoneTimeouts } from './fetch-zone.ts'
import type { Primary } from './primary.ts'

export type ZoneSource = {
  readonly server: DnsEndpoint
  readonly key?: TsigKey
  readonly tls?: ConnectionOptions
}

export type SecondaryOptions = {
  /** Serves the zone, keeps it, and hears NOTIFY for it. */
  readonly primary: Primary
  readonly origin: Name
  /** Asked in turn; at least one. NOTIFY is heard from their addresses and with their keys. */
  readonly from: readonly ZoneSource[]
  /** The address that questions come from. */
  readonly localAddress?: string
  readonly limits?: Limits
  readonly secondaryLimits?: Partial<SecondaryLimits>
  readonly timeouts?: Partial<FetchZoneTimeouts>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  readonly onEvent?: (event: SecondaryNews) => void
}

export type SecondaryNews =
  | { readonly kind: 'installed'; readonly zone: Zone; readonly style: 'whole' | 'changes' }
  | { readonly kind: 'up-to-date'; readonly serial: number }
  | { readonly kind: 'failed'; readonly source: ZoneSource; readonly error: FetchZoneError | NotInstalled }
  | { readonly kind: 'expired' }

/** The primary's zone is older than ours, or the disk did not take it. */
export type NotInstalled = { readonly kind: 'older' | 'not-kept'; readonly reason: string }

export type Secondary = {
  /** Asks as soon as it may. */
  refresh(): void
  /** Stops asking; the zone stays as it is. */
  close(): void
}

export function createSecondary(options: SecondaryOptions): Secondary {
  const { primary, origin, from, onEvent } = options
  const now = options.now ?? Date.now
  const limits = options.limits ?? DEFAULT_LIMITS
  const closing = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const follower = primary.follow(origin, {
    peers: from.flatMap(grantsOf),
    notified: (serial) => react({ kind: 'notify', serial }),
  })
  const kept = primary.zone(origin)
  // A zone that was brought in by hand has not been heard of; a clock that went back does not make it last longer.
  const heardAtMs = Math.min(follower.heardAtMs() ?? now(), now())
  let state = startSecondary(kept && { soa: kept.soa, heardAtMs })
  const config = {
    primaries: from.length,
    random: () => randomInt(0x100000) / 0x100000,
    ...(options.secondaryLimits && { limits: options.secondaryLimits }),
  }

  const react = (event: SecondaryEvent): void => {
    if (closing.signal.aborted) return
    const step = stepSecondary(state, event, now(), config)
    state = step.state
    for (const action of step.actions) perform(action)
  }
  const perform = (action: SecondaryAction): void => {
    switch (action.kind) {
      case 'ask': {
        const source = from[action.primary]
        if (source !== undefined) void ask(source, action.style)
        return
      }
      case 'expire':
        follower.expire()
        return onEvent?.({ kind: 'expired' })
      case 'wake-at':
        clearTimeout(timer)
        timer = setTimeout(() => react({ kind: 'tick' }), Math.min(Math.max(action.atMs - now(), 0), LONGEST_TIMER_MS))
        timer.unref()
    }
  }
  const ask = async (source: ZoneSource, style: 'ixfr' | 'axfr'): Promise<void> => {
    const before = style === 'ixfr' ? primary.zone(origin) : undefined
    const { server, key, tls } = source
    const sent = encodeTransferRequest(
      { id: randomInt(0x10000), zone: origin, transport: 'tcp', ...(before && { before }), ...(key && { key }) },
      Math.floor(now() / 1000),
    )
    const { localAddress, timeouts } = options
    const got = await fetchZone({ server, tls, localAddress, sent, now, limits, timeouts, signal: closing.signal })
    if (closing.signal.aborted) return
    const failure = got.ok ? (install(got.value, source) ?? confirm()) : got.error
    if (failure === undefined) {
      const soa = primary.zone(origin)?.soa
      return react(soa === undefined ? { kind: 'failed' } : { kind: 'heard', soa })
    }
    onEvent?.({ kind: 'failed', source, error: failure })
    react(style === 'ixfr' && isStyleWrong(failure) ? { kind: 'failed', style: 'wrong' } : { kind: 'failed' })
  }
  const install = (outcome: TransferOutcome, { server }: ZoneSource): NotInstalled | undefined => {
    if (outcome.kind === 'up-to-date') {
      onEvent?.(outcome)
      return undefined
    }
    if (outcome.kind === 'use-tcp') return { kind: 'older', reason: 'only a serial' }
    const mine = primary.zone(origin)
    const { zone } = outcome
    if (mine !== undefined && mine.soa.serial === zone.soa.serial) {
      onEvent?.({ kind: 'up-to-date', serial: mine.soa.serial })
      return undefined
    }
    if (mine !== undefined && !isSerialAfter(zone.soa.serial, mine.soa.serial)) {
      return { kind: 'older', reason: `serial ${zone.soa.serial} is older than ${mine.soa.serial}` }
    }
    const because = { author: server.address, reason: `transfer from ${server.address}`, atMs: now() }
    try {
      follower.install(zone, outcome.kind === 'changes' ? outcome.diffs : undefined, because)
    } catch (error) {
      return { kind: 'not-kept', reason: error instanceof Error ? error.message : String(error) }
    }
    onEvent?.({ kind: 'installed', zone, style: outcome.kind === 'changes' ? 'changes' : 'whole' })
    return undefined
  }
  const confirm = (): NotInstalled | undefined => {
    try {
      follower.confirm(now())
      return undefined
    } catch (error) {
      return { kind: 'not-kept', reason: error instanceof Error ? error.message : String(error) }
    }
  }
  react({ kind: 'tick' })
  return {
    refresh: () => react({ kind: 'notify', serial: undefined }),
    close: () => {
      closing.abort()
      clearTimeout(timer)
      follower.unfollow()
    },
  }
}

/** What the server said is not what IXFR should be, but it was there and may be asked for the whole. */
function isStyleWrong(failure: FetchZoneError | NotInstalled): boolean {
  if (failure.kind !== 'bad-transfer') return false
  const { error } = failure
  if (error.kind === 'refused') return error.rcode !== RCODE.REFUSED && error.rcode !== RCODE.NOTAUTH
  return error.kind !== 'bad-tsig' && error.kind !== 'serial-older'
}

function grantsOf({ server, key }: ZoneSource): readonly PeerGrant[] {
  const from = parseAddressPrefix(server.address)
  const grants: PeerGrant[] = key === undefined ? [] : [{ key: key.name }]
  if (from.ok) grants.push({ from: from.value })
  return grants
}

const LONGEST_TIMER_MS = 0x7fffffff
