// Waiting for what another process will do: asked again and again, to an end.

import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.ts'

/** Asks `look` until it answers something; throws `Failure` after `limitMs`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const end = performance.now() + limitMs
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, 200)) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Failure('timeout', `Waited ${limitMs / 1000} s in vain for ${what}`)
    await sleep(pauseMs, undefined, { signal })
  }
}
