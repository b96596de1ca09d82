// Work in steps: each costs little, and who has other things to do takes some at a time.

export type Steps<Value> = Generator<undefined, Value, undefined>

/** All of it at once. */
export function allSteps<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
