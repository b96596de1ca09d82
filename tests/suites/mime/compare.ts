// Two values of JSON compared: one line for each place where they differ, the place written as a path.

/** What JSON can say; an absent member and `null` are the same. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [member: string]: Json }

/** `place` is a path like `parts[2].headers[0].value`. */
export type Difference = { readonly place: string; readonly expected: string; readonly ours: string }

export function compare(expected: Json, ours: Json, place = ''): readonly Difference[] {
  const differences: Difference[] = []
  collect(expected ?? null, ours ?? null, place, differences)
  return differences
}

/** The difference for a person to read, on one line. */
export function describe({ place, expected, ours }: Difference): string {
  return `${place}: expected ${shorten(expected)}, ours ${shorten(ours)}`
}

function collect(expected: Json, ours: Json, place: string, differences: Difference[]): void {
  if (isList(expected) && isList(ours)) {
    if (expected.every(isNumber) && ours.every(isNumber)) collectOctets(expected, ours, place, differences)
    else {
      const length = Math.max(expected.length, ours.length)
      for (let i = 0; i < length; i++) collect(expected[i] ?? null, ours[i] ?? null, `${place}[${i}]`, differences)
    }
  } else if (isRecord(expected) && isRecord(ours)) {
    for (const member of new Set([...Object.keys(expected), ...Object.keys(ours)])) {
      const inner = place === '' ? member : `${place}.${member}`
      collect(expected[member] ?? null, ours[member] ?? null, inner, differences)
    }
  } else if (expected !== ours) {
    differences.push({ place, expected: JSON.stringify(expected), ours: JSON.stringify(ours) })
  }
}

/** Lists of numbers are octets or numbers of parts: one difference for the whole. */
function collectOctets(
  expected: readonly number[],
  ours: readonly number[],
  place: string,
  differences: Difference[],
): void {
  if (expected.length === ours.length && expected.every((number, i) => number === ours[i])) return
  differences.push({ place, expected: JSON.stringify(expected), ours: JSON.stringify(ours) })
}

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length})`
}

const isNumber = (value: Json): value is number => typeof value === 'number'
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isRecord = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const SHOWN = 120
