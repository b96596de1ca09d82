// Failed logins by where they come from: who guesses passwords over many sessions is turned away for a while.
// Counted for an IPv4 address, or a /64 of IPv6.

import { addressBlock, type IpAddress } from '@scop/identifiers'

export type FailedLoginLimits = {
  /** From one block within `windowMs`; beyond it no session is begun. */
  readonly failures: number
  readonly windowMs: number
  /** Remembered at once; the oldest is forgotten first. */
  readonly blocks: number
}

export const FAILED_LOGIN_LIMITS: FailedLoginLimits = { failures: 100, windowMs: 600_000, blocks: 10_000 }

export class FailedLogins {
  readonly #limits: FailedLoginLimits
  readonly #now: () => number
  readonly #blocks = new Map<string, { readonly sinceMs: number; readonly failures: number }>()

  /** `now`: milliseconds of any clock. */
  constructor(now: () => number, limits: FailedLoginLimits = FAILED_LOGIN_LIMITS) {
    this.#now = now
    this.#limits = limits
  }

  note(address: IpAddress): void {
    const block = addressBlock(address)
    const { sinceMs, failures } = this.#of(block) ?? { sinceMs: this.#now(), failures: 0 }
    this.#blocks.set(block, { sinceMs, failures: failures + 1 })
    if (this.#blocks.size <= this.#limits.blocks) return
    for (const oldest of this.#blocks.keys()) {
      this.#blocks.delete(oldest)
      return
    }
  }

  tooMany(address: IpAddress): boolean {
    return (this.#of(addressBlock(address))?.failures ?? 0) >= this.#limits.failures
  }

  #of(block: string): { readonly sinceMs: number; readonly failures: number } | undefined {
    const found = this.#blocks.get(block)
    if (found === undefined || this.#now() - found.sinceMs < this.#limits.windowMs) return found
    this.#blocks.delete(block)
    return undefined
  }
}
