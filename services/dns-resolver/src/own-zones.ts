// Which zones are ours, and by which keys they are signed: asked at our own primary over its pipe, again and again.
// Law: what the pipe says is trusted, so our zones need nobody else's word; an unsigned zone of ours is unsigned.

import type { Response } from '@scop/bottle'
import type { Calls } from '@scop/bottle/node'

export type OwnZone = Response<'dns-primary', 'list-zones'>['zones'][number]

export type OwnZones = {
  /** Asks now; the number of zones, or why they are not known. */
  reload(): Promise<{ readonly zones: number } | { readonly reason: string }>
  stop(): void
}

/** Tells `changed` whenever the zones or their keys are others than before; the first time before it resolves. */
export async function watchOwnZones(options: {
  readonly calls: Calls
  readonly everyMs: number
  readonly changed: (zones: readonly OwnZone[]) => void
  readonly failed: (reason: string) => void
}): Promise<OwnZones> {
  const { calls, everyMs, changed, failed } = options
  let known: string | undefined
  const ask = async (): ReturnType<OwnZones['reload']> => {
    const answer = await calls.call('dns-primary', 'list-zones', {}, { trace: TRACE, timeoutMs: ASK_MS })
    if (!answer.ok) {
      failed(answer.error.reason)
      return { reason: answer.error.reason }
    }
    const { zones } = answer.value.response
    const now = JSON.stringify(zones.map(({ zone, ds }) => [zone, ds]))
    if (now !== known) {
      known = now
      changed(zones)
    }
    return { zones: zones.length }
  }
  const first = await ask()
  if ('reason' in first) throw new Error(`Cannot learn which zones are ours: ${first.reason}`)
  let timer = setTimeout(again, everyMs)
  timer.unref()
  function again(): void {
    void ask().then(() => {
      timer = setTimeout(again, everyMs)
      timer.unref()
    })
  }
  return { reload: ask, stop: () => clearTimeout(timer) }
}

const TRACE = '0000000000000000'
const ASK_MS = 10_000
