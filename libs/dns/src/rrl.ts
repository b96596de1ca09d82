// How often one network may get one kind of answer by UDP: who asks in another's name gets little sent there. A fixed table that
// costs the same under any flood; whoever is held down keeps its place in it before those who are not.
// RFC 5358 §4 and RFC 8482 §8 say why; a truncated answer now and then lets a real asker come again by TCP.

import { encodeIpAddress, parseIpAddress, unmapIpAddress } from '@scop/identifiers'

export type AnswerKind = 'answer' | 'denial' | 'referral' | 'error'

export type RateLimits = {
  /** Answers a second to one network (IPv4 /24, IPv6 /56), for each zone. */
  readonly perSecond: Readonly<Record<AnswerKind, number>>
  /** Who goes on asking too much is held down until it has asked less for up to so long. */
  readonly windowSeconds: number
  /** Of so many answers over the limit one is sent, truncated; 0: none. */
  readonly slip: number
  /** Counters in the table. */
  readonly counters: number
}

export const RATE_LIMITS: RateLimits = {
  perSecond: { answer: 200, denial: 100, referral: 100, error: 50 },
  windowSeconds: 15,
  slip: 2,
  counters: 65_536,
}

export type RateVerdict = 'send' | 'truncate' | 'drop'

export class RateLimiter {
  readonly #limits: RateLimits
  readonly #seed: number
  readonly #sets: number
  /** Which key each counter counts; 0: none. */
  readonly #keys: Uint32Array
  /** What is left; negative while the network is held down. */
  readonly #balances: Int32Array
  readonly #seconds: Uint32Array
  readonly #slipped: Uint8Array

  /** `seed`: a random number that nobody else knows, so that nobody can choose whose counter he shares. */
  constructor(seed: number, limits: Partial<RateLimits> = {}) {
    this.#limits = { ...RATE_LIMITS, ...limits }
    this.#seed = seed >>> 0
    this.#sets = Math.max(1, Math.floor(this.#limits.counters / WAYS))
    const counters = this.#sets * WAYS
    this.#keys = new Uint32Array(counters)
    this.#balances = new Int32Array(counters)
    this.#seconds = new Uint32Array(counters)
    this.#slipped = new Uint8Array(counters)
  }

  /** `zone`: the key of its name, or of any name that stands for what is asked. `now`: seconds since 1970. */
  judge(address: string, kind: AnswerKind, zone: string, now: number): RateVerdict {
    const rate = this.#limits.perSecond[kind]
    const at = this.#place(mixText(mixText(mixNetwork(this.#seed, address), kind), zone), rate, now)
    const passed = Math.min(Math.max(0, now - (this.#seconds[at] ?? 0)), this.#limits.windowSeconds + 1)
    const balance = Math.min(rate, (this.#balances[at] ?? 0) + passed * rate) - 1
    this.#seconds[at] = now
    this.#balances[at] = Math.max(balance, -rate * this.#limits.windowSeconds)
    if (balance >= 0) return 'send'
    const slipped = ((this.#slipped[at] ?? 0) + 1) % Math.max(1, this.#limits.slip)
    this.#slipped[at] = slipped
    return this.#limits.slip > 0 && slipped === 0 ? 'truncate' : 'drop'
  }

  /** The counter of this key, which may be taken from another: from one long silent, or from the one with most left. */
  #place(hash: number, rate: number, now: number): number {
    const first = (finish(hash) % this.#sets) * WAYS
    const key = finish(hash ^ OTHER) || 1
    let best = first
    let most = Number.NEGATIVE_INFINITY
    for (let at = first; at < first + WAYS; at++) {
      if (this.#keys[at] === key) return at
      const left = (this.#balances[at] ?? 0) + (now - (this.#seconds[at] ?? 0)) * rate
      if (left > most) [best, most] = [at, left]
    }
    this.#keys[best] = key
    this.#balances[best] = rate
    this.#seconds[best] = now
    this.#slipped[best] = 0
    return best
  }
}

/** The first 24 bits of an IPv4 address, 56 of an IPv6 one. */
function mixNetwork(hash: number, address: string): number {
  if (address.includes(':')) {
    const parsed = parseIpAddress(address.replace(/%.*$/, ''))
    const octets = parsed.ok ? encodeIpAddress(unmapIpAddress(parsed.value)) : new Uint8Array(0)
    let mixed = hash
    const network = octets.length === 4 ? octets.subarray(0, 3) : octets.subarray(0, 7)
    for (const octet of network) mixed = mix(mixed, octet)
    return mix(mixed, octets.length)
  }
  let mixed = hash
  let dots = 0
  let octet = 0
  for (let i = 0; dots < 3 && i < address.length; i++) {
    const code = address.charCodeAt(i)
    if (code === DOT) {
      mixed = mix(mixed, octet)
      octet = 0
      dots++
    } else octet = octet * 10 + code - ZERO
  }
  return mix(mixed, 4)
}

function mixText(hash: number, text: string): number {
  let mixed = hash
  for (let i = 0; i < text.length; i++) mixed = mix(mixed, text.charCodeAt(i))
  return mixed
}

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193)
}

/** Spreads the last bits over all. */
function finish(hash: number): number {
  let spread = hash ^ (hash >>> 16)
  spread = Math.imul(spread, 0x85ebca6b)
  spread ^= spread >>> 13
  spread = Math.imul(spread, 0xc2b2ae35)
  return (spread ^ (spread >>> 16)) >>> 0
}

const WAYS = 4
const OTHER = 0x5bd1e995
const DOT = 0x2e
const ZERO = 0x30
