// Shortens an input that breaks a target, by delta debugging: whole lines are left out first, then octets, in pieces that
// get smaller; both again until nothing can be left out.
// Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002)

/** Yields shorter inputs; is told whether each still does what matters; returns the shortest that did. */
export function* shorten(input: Uint8Array): Generator<Uint8Array, Uint8Array, boolean> {
  let shortest = input
  for (let before = -1; before !== shortest.length; ) {
    before = shortest.length
    shortest = yield* leaveOut(shortest, linesOf)
    shortest = yield* leaveOut(shortest, octetsOf)
  }
  return shortest
}

/** The shortest input found for which `keeps` is true, in at most `attempts` tries. */
export function minimise(keeps: (input: Uint8Array) => boolean, input: Uint8Array, attempts: number): Uint8Array {
  const shortening = shorten(input)
  let shortest = input
  let step = attempts > 0 ? shortening.next() : undefined
  for (let left = attempts; step?.done === false && left > 0; left--) {
    const kept = keeps(step.value)
    if (kept) shortest = step.value
    step = shortening.next(kept)
  }
  return shortest
}

function* leaveOut(
  input: Uint8Array,
  divide: (input: Uint8Array) => readonly Uint8Array[],
): Generator<Uint8Array, Uint8Array, boolean> {
  let units = divide(input)
  for (let size = Math.ceil(units.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < units.length; ) {
      const fewer = [...units.slice(0, at), ...units.slice(at + size)]
      if (yield joined(fewer)) units = fewer
      else at += size
    }
  }
  return joined(units)
}

function linesOf(input: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < input.length; ) {
    const end = input.indexOf(LF, at)
    const next = end === -1 ? input.length : end + 1
    lines.push(input.subarray(at, next))
    at = next
  }
  return lines
}

function octetsOf(input: Uint8Array): readonly Uint8Array[] {
  return Array.from(input, (_, at) => input.subarray(at, at + 1))
}

function joined(units: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(units.reduce((total, unit) => total + unit.length, 0))
  let at = 0
  for (const unit of units) {
    whole.set(unit, at)
    at += unit.length
  }
  return whole
}

const LF = 0x0a
