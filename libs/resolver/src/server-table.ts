// What is known of servers: how fast they answer, what they stumble over, for which zones they are of no use.
// RFC 1035 §7.2 and §7.3 (round-trip times), RFC 6891 §6.2.2 (no EDNS), RFC 7873 §5.2 (their cookies), RFC 6298 §2

import { A, type Name } from '@scop/dns'
import type { ServerAddress } from './event.ts'
import type { ResolverLimits } from './limits.ts'

type Known = {
  untilMs: number
  smoothedMs: number
  variationMs: number
  timeoutMs: number
  /** Without EDNS it has answered. */
  noEdns: boolean
  cookie: Uint8Array | undefined
  /** Zones for which its answers are none. */
  readonly lame: Map<string, Lameness>
}
export type Lameness = 'lame' | 'recursive' | 'unsigned'

export class ServerTable {
  readonly #servers = new Map<string, Known>()
  readonly #limits: ResolverLimits

  constructor(limits: ResolverLimits) {
    this.#limits = limits
  }

  /** Expected time to an answer; of an unknown server a guess that gives it its turn. */
  timeoutMs(server: ServerAddress, nowMs: number): number {
    return this.#find(server, nowMs)?.timeoutMs ?? UNKNOWN_MS
  }

  answered(server: ServerAddress, rttMs: number, nowMs: number): void {
    const known = this.#make(server, nowMs)
    if (known.smoothedMs < 0) {
      known.smoothedMs = rttMs
      known.variationMs = rttMs / 2
    } else {
      known.variationMs = 0.75 * known.variationMs + 0.25 * Math.abs(known.smoothedMs - rttMs)
      known.smoothedMs = 0.875 * known.smoothedMs + 0.125 * rttMs
    }
    known.timeoutMs = clamp(known.smoothedMs + 4 * known.variationMs)
  }

  timedOut(server: ServerAddress, nowMs: number): void {
    const known = this.#make(server, nowMs)
    known.timeoutMs = clamp(known.timeoutMs * 2)
  }

  /** For tests and for a start with what was known before. */
  setTimeoutMs(server: ServerAddress, timeoutMs: number, nowMs: number): void {
    this.#make(server, nowMs).timeoutMs = timeoutMs
  }

  hasNoEdns(server: ServerAddress, nowMs: number): boolean {
    return this.#find(server, nowMs)?.noEdns ?? false
  }

  noteNoEdns(server: ServerAddress, nowMs: number): void {
    this.#make(server, nowMs).noEdns = true
  }

  cookie(server: ServerAddress, nowMs: number): Uint8Array | undefined {
    return this.#find(server, nowMs)?.cookie
  }

  noteCookie(server: ServerAddress, cookie: Uint8Array, nowMs: number): void {
    this.#make(server, nowMs).cookie = cookie
  }

  lameness(server: ServerAddress, zone: Name, type: number, nowMs: number): Lameness | undefined {
    return this.#find(server, nowMs)?.lame.get(lameKey(zone, type))
  }

  noteLame(server: ServerAddress, zone: Name, type: number, lameness: Lameness, nowMs: number): void {
    const { lame } = this.#make(server, nowMs)
    if (lame.size < MAX_LAME_ZONES) lame.set(lameKey(zone, type), lameness)
  }

  #find(server: ServerAddress, nowMs: number): Known | undefined {
    const known = this.#servers.get(keyOf(server))
    return known !== undefined && known.untilMs > nowMs ? known : undefined
  }

  #make(server: ServerAddress, nowMs: number): Known {
    const known = this.#find(server, nowMs)
    if (known !== undefined) return known
    const key = keyOf(server)
    const made: Known = {
      untilMs: nowMs + this.#limits.serverSeconds * 1000,
      smoothedMs: -1,
      variationMs: 0,
      timeoutMs: UNKNOWN_MS,
      noEdns: false,
      cookie: undefined,
      lame: new Map(),
    }
    this.#servers.delete(key)
    this.#servers.set(key, made)
    if (this.#servers.size > this.#limits.serversRemembered)
      for (const first of this.#servers.keys()) {
        this.#servers.delete(first)
        break
      }
    return made
  }
}

/** Some balancers know A records and nothing else; for those they are good. */
function lameKey(zone: Name, type: number): string {
  return `${type === A.code ? 'a' : '-'}${zone.key}`
}

function keyOf({ address, port }: ServerAddress): string {
  return `${address}#${port}`
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 50), 120_000)
}

const UNKNOWN_MS = 376
const MAX_LAME_ZONES = 100
