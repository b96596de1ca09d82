// Which zones are ours, and by which keys they are signed: asked at our own primary over its pipe, again and again.
// Law: what the pipe says is trusted, so our zones need nobody else's word; an unsigned zone of ours is unsigned.

import type { Calls } from '@scop/bottle/node'
import { err, ok, type Result } from '@scop/result'

export type OwnZone = {
  readonly zone: string
  /** DS records of the keys that sign it, in zone-file form; none: it is not signed. */
  readonly ds: readonly string[]
}

export type OwnZones = {
  /** Asks now; the number of zones, or why they are not known. */
  reload(): Promise<Result<number, string>>
  /** For a name that was not found: whether there is news that is worth another try. Asks once a second at most. */
  news(): Promise<boolean>
  stop(): void
}

/** Tells `changed` whenever the zones or their keys are others than before; the first time before it resolves. */
export async function watchOwnZones(options: {
  readonly calls: Calls
  readonly everyMs: number
  readonly changed: (zones: readonly OwnZone[]) => void
  readonly failed: (reason: string) => void
  /** Milliseconds of any clock. */
  readonly now: () => number
}): Promise<OwnZones> {
  const { calls, everyMs, changed, failed, now } = options
  let known: string | undefined
  const reload = async (): Promise<Result<number, string>> => {
    const zones = await askOwnZones(calls)
    if (!zones.ok) {
      failed(zones.error)
      return zones
    }
    const told = JSON.stringify(zones.value)
    if (told !== known) {
      known = told
      changed(zones.value)
    }
    return ok(zones.value.length)
  }
  const first = await reload()
  if (!first.ok) throw new Error(`Cannot learn which zones are ours: ${first.error}`)
  let timer: NodeJS.Timeout
  const plan = (): void => {
    timer = setTimeout(() => void reload().then(plan), everyMs)
    timer.unref()
  }
  plan()
  let askedAtMs = now()
  return {
    reload,
    news: async () => {
      if (now() - askedAtMs < NEWS_MS) return false
      askedAtMs = now()
      const before = known
      await reload()
      return known !== before
    },
    stop: () => clearTimeout(timer),
  }
}

async function askOwnZones(calls: Calls): Promise<Result<readonly OwnZone[], string>> {
  const how = { trace: TRACE, timeoutMs: ASK_MS }
  const listed = await calls.call('dns-primary', 'list-zones', {}, how)
  if (!listed.ok) return err(listed.error.reason)
  const zones: OwnZone[] = []
  for (const { zone, dnssec } of listed.value.response.zones) {
    if (dnssec === 'off') {
      zones.push({ zone, ds: [] })
      continue
    }
    const asked = await calls.call('dns-primary', 'zone-ds', { zone, digestTypes: [SHA256] }, how)
    if (!asked.ok) return err(asked.error.reason)
    zones.push({ zone, ds: asked.value.response.wanted.map(({ record }) => record).toSorted() })
  }
  return ok(zones)
}

const TRACE = '0000000000000000'
const ASK_MS = 10_000
const NEWS_MS = 1000
const SHA256 = 2
