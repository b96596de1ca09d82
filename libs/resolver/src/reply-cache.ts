// Replies kept as octets, for questions that come again octet for octet: copied, with the id and the TTLs put in.
// Law: only what the cache of RRsets would answer too, and no longer than the first of its TTLs; bounded in octets.
// RFC 1035 §3.2.1 (TTLs count down), RFC 8767 §4 (what is past its time is not for here)

import type { Outcome } from './outcome.ts'

type Kept = {
  readonly octets: Uint8Array
  readonly ttlAt: readonly number[]
  readonly keptMs: number
  readonly untilMs: number
}

export class ReplyCache {
  readonly #maxOctets: number
  /** Two generations: what is used moves to the young one; when that is half full, the old one goes. */
  #young = new Map<string, Kept>()
  #old = new Map<string, Kept>()
  #youngOctets = 0
  #oldOctets = 0

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  get octets(): number {
    return this.#youngOctets + this.#oldOctets
  }

  /** The reply to `request` as it is now; `undefined` when there is none. `channel` keeps apart what takes different sizes. */
  answer(request: Uint8Array, channel: 'datagram' | 'stream', nowMs: number): Uint8Array | undefined {
    const key = keyOf(request, channel)
    if (key === undefined) return undefined
    let kept = this.#young.get(key)
    if (kept === undefined) {
      kept = this.#old.get(key)
      if (kept === undefined) return undefined
      this.#old.delete(key)
      this.#oldOctets -= cost(key, kept)
      if (nowMs < kept.untilMs) this.#put(key, kept)
    }
    if (nowMs >= kept.untilMs) {
      if (this.#young.delete(key)) this.#youngOctets -= cost(key, kept)
      return undefined
    }
    const octets = new Uint8Array(kept.octets)
    octets[0] = request[0] ?? 0
    octets[1] = request[1] ?? 0
    const elapsed = Math.floor((nowMs - kept.keptMs) / 1000)
    if (elapsed > 0) for (const at of kept.ttlAt) countDown(octets, at, elapsed)
    return octets
  }

  /** Keeps `reply`, which says `outcome`, if it may be told again. */
  keep(
    request: Uint8Array,
    channel: 'datagram' | 'stream',
    reply: Uint8Array,
    { status, ttlSeconds, stale, ede }: Outcome,
    nowMs: number,
  ): void {
    if (stale || ede.length > 0 || (status !== 'secure' && status !== 'insecure')) return
    const ttlAt = ttlPositions(reply)
    if (ttlAt === undefined) return
    // The last tenth is the RRset cache's: that is where it renews.
    const seconds = Math.min(ttlSeconds, ...ttlAt.map((at) => readTtl(reply, at))) * 0.9
    const key = keyOf(request, channel)
    if (key === undefined || !(seconds >= 1)) return
    this.#put(key, { octets: reply, ttlAt, keptMs: nowMs, untilMs: nowMs + seconds * 1000 })
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
    this.#youngOctets = 0
    this.#oldOctets = 0
  }

  #put(key: string, kept: Kept): void {
    const before = this.#young.get(key)
    if (before !== undefined) this.#youngOctets -= cost(key, before)
    this.#young.set(key, kept)
    this.#youngOctets += cost(key, kept)
    if (this.#youngOctets <= this.#maxOctets / 2) return
    this.#old = this.#young
    this.#oldOctets = this.#youngOctets
    this.#young = new Map()
    this.#youngOctets = 0
  }
}

/** All but the id. A message that is longer than a plain question is not worth keeping. */
function keyOf(request: Uint8Array, channel: 'datagram' | 'stream'): string | undefined {
  if (request.length > LONGEST_REQUEST) return undefined
  let key = channel === 'datagram' ? 'd' : 's'
  for (let i = 2; i < request.length; i++) key += String.fromCharCode(request[i] ?? 0)
  return key
}

/** Where the TTLs of its records stand, OPT's apart; `undefined` for what is no whole message. */
function ttlPositions(octets: Uint8Array): readonly number[] | undefined {
  const u16 = (at: number): number => ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
  const positions: number[] = []
  let at = 12
  const skipName = (): void => {
    for (let length = octets[at] ?? 0; length !== 0; length = octets[at] ?? 0) {
      if (length >= 0xc0) {
        at += 2
        return
      }
      at += 1 + length
    }
    at++
  }
  for (let left = u16(4); left > 0; left--) {
    skipName()
    at += 4
  }
  for (let left = u16(6) + u16(8) + u16(10); left > 0; left--) {
    skipName()
    if (u16(at) !== OPT) positions.push(at + 4)
    at += 10 + u16(at + 8)
    if (at > octets.length) return undefined
  }
  return positions
}

const readTtl = (octets: Uint8Array, at: number): number =>
  (octets[at] ?? 0) * 0x1000000 + (((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0))

function countDown(octets: Uint8Array, at: number, seconds: number): void {
  const left = Math.max(0, readTtl(octets, at) - seconds)
  octets[at] = left >>> 24
  octets[at + 1] = left >>> 16
  octets[at + 2] = left >>> 8
  octets[at + 3] = left
}

/** With what the engine adds to a string, an object and two array headers. */
const cost = (key: string, { octets, ttlAt }: Kept): number => key.length + octets.length + 8 * ttlAt.length + 320

const LONGEST_REQUEST = 320
const OPT = 41
