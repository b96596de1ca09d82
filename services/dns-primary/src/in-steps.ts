// Long work between answers: a few milliseconds of it at a time, so that whoever asks meanwhile does not wait for its end.

import { setImmediate } from 'node:timers/promises'

/** Asked after each step: what has to come first, if the work has gone on for long enough. */
export type Pause = () => Promise<void> | undefined

/** What the steps come to. Without a pause all of it is done when this returns. */
export async function inSteps<T>(steps: Iterator<unknown, T, void>, pause: Pause): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    const others = pause()
    if (others !== undefined) await others
  }
}

/** Lets others go on after each stretch. One for all work of a process: together they take no longer. */
export function pauseAfterStretches(): Pause {
  let since = performance.now()
  return () => {
    if (performance.now() - since < STRETCH_MS) return undefined
    return setImmediate().then(() => {
      since = performance.now()
    })
  }
}

const STRETCH_MS = 5
