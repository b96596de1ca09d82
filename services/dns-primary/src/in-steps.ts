// Long work between answers: a few milliseconds of it at a time, so that whoever asks meanwhile does not wait for its end.

import { setImmediate } from 'node:timers/promises'

/** What the steps come to. */
export async function inSteps<T>(steps: Iterator<unknown, T, void>): Promise<T> {
  for (let since = performance.now(); ; ) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - since < STRETCH_MS) continue
    await setImmediate()
    since = performance.now()
  }
}

const STRETCH_MS = 5
