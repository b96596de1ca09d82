// The gate before costly password checks: a few at once, some that wait, and a refusal for the rest, so that a storm of
// wrong passwords takes neither all cores nor all memory.

import { err, ok, type Result } from '@scop/result'

export type PasswordGate = {
  /** Does `work` when there is room; `busy` at once when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<Result<T, { readonly kind: 'busy' }>>
  /** Under way and waiting. */
  readonly load: number
}

export function createPasswordGate(atOnce: number, waitingMost: number): PasswordGate {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    get load() {
      return running + waiting.length
    },
    run: async (work) => {
      if (running >= atOnce) {
        if (waiting.length >= waitingMost) return err({ kind: 'busy' })
        await new Promise<void>((resolve) => waiting.push(resolve)) // whoever leaves hands its place on
      } else running++
      try {
        return ok(await work())
      } finally {
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
