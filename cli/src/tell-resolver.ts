// The bottle's resolver learns which zones are ours by asking now and then; after a change it is told to ask at once.

import type { RunningBottle } from './running-bottle.ts'

/** It would learn of the change by itself within seconds: what it says now does not matter. */
export async function tellResolver(bottle: RunningBottle): Promise<void> {
  await bottle.ask('dns-resolver', 'reload-zones', {}).catch(() => undefined)
}
