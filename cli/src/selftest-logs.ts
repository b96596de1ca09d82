// The logs of a bottle while a test runs: what each service said about one message, by its trace.

import { stat } from 'node:fs/promises'
import { followEntries, type LogEntry } from './logs.ts'

export type LogWatch = {
  /** What has been logged with this trace since the watch began, in order. */
  entriesOf(trace: string): readonly LogEntry[]
  stop(): Promise<void>
}

/** Watches from the present end of the log on. */
export async function watchLog(file: string): Promise<LogWatch> {
  const traces = new Map<string, LogEntry[]>()
  const stop = new AbortController()
  const from = (await stat(file).catch(() => undefined))?.size ?? 0
  const reading = (async () => {
    for await (const entry of followEntries(file, from, stop.signal)) {
      const { trace } = entry
      if (typeof trace !== 'string') continue
      const known = traces.get(trace)
      if (known) known.push(entry)
      else if (traces.size < MAX_TRACES) traces.set(trace, [entry])
    }
  })()
  return {
    entriesOf: (trace) => traces.get(trace) ?? [],
    stop: async () => {
      stop.abort()
      await reading
    },
  }
}

/** A busy bottle logs other people's messages meanwhile: those beyond this many are not kept. */
const MAX_TRACES = 10_000
