// What was seen of clients, told to the verifier in batches. Bounded: what does not fit is counted and forgotten; nobody
// waits for it, and nothing of the mail depends on it.

import type { Figures, Request } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'

export type Observation = Request<'verifier', 'observe'>['events'][number]

export type Observer = {
  note(observation: Observation): void
  /** Tells what is left. */
  close(): Promise<void>
}

export function startObserver(options: {
  readonly calls: Calls
  readonly log: Log
  readonly figures: Figures
  readonly trace: () => string
  /** Default 500. */
  readonly pauseMs?: number
}): Observer {
  const { calls, log, figures, trace, pauseMs = 500 } = options
  const waiting: Observation[] = []
  let telling: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const tell = async (): Promise<void> => {
    while (waiting.length > 0) {
      const events = waiting.slice(0, BATCH)
      const answer = await calls.call('verifier', 'observe', { events }, { trace: trace() })
      if (!answer.ok) {
        log.warn('observations not taken', { events: waiting.length, reason: answer.error.reason })
        return
      }
      waiting.splice(0, events.length)
    }
  }
  const begin = (): void => {
    timer = undefined
    telling ??= tell().finally(() => {
      telling = undefined
      if (waiting.length > 0) plan()
    })
  }
  let closed = false
  const plan = (): void => {
    if (closed) return
    timer ??= setTimeout(begin, pauseMs)
    timer.unref()
  }
  return {
    note: (observation) => {
      if (waiting.length >= WAITING) return figures.add('observations_lost_total')
      waiting.push(observation)
      return plan()
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await telling
      await tell()
    },
  }
}

const BATCH = 256
const WAITING = 4096
