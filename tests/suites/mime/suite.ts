// The expected parses of a folder, run: each file passes, or differs as `differences.ts` says and no otherwise.

import path from 'node:path'
import { type Case, findCases, type Skipped } from './cases.ts'
import { type Difference, describe } from './compare.ts'
import { type Accepted, DIFFERENCES } from './differences.ts'

export type Outcome =
  | { readonly file: string; readonly result: 'passed'; readonly accepted: number }
  | { readonly file: string; readonly result: 'failed'; readonly lines: readonly string[] }

export type SuiteRun = { readonly outcomes: readonly Outcome[]; readonly skipped: readonly Skipped[] }

export function runSuite(folder: string, differences: readonly Accepted[] = DIFFERENCES): SuiteRun {
  const { cases, skipped } = findCases(folder)
  return { outcomes: cases.map((one) => outcomeOf(one, differences)), skipped }
}

function outcomeOf(one: Case, differences: readonly Accepted[]): Outcome {
  const { file } = one
  let found: readonly Difference[]
  try {
    found = one.run()
  } catch (error) {
    // An expected parse that is not of its form, or our own mistake: either way the file has not passed.
    return { file, result: 'failed', lines: [error instanceof Error ? error.message : String(error)] }
  }
  const absolute = one.path.split(path.sep).join('/')
  const listed = differences.filter((entry) => absolute.endsWith(`/${entry.file}`))
  const unknown = found.filter((difference) => !listed.some(({ places }) => isWithin(difference, places)))
  const stale = listed.flatMap(({ places }) =>
    places.filter((place) => !found.some((difference) => isWithin(difference, [place]))),
  )
  const lines = [...unknown.map(describe), ...stale.map((place) => `${place}: listed as different, and is not`)]
  if (lines.length > 0) return { file, result: 'failed', lines }
  return { file, result: 'passed', accepted: found.length }
}

/** A place stands for all that is in it. */
const isWithin = ({ place }: Difference, places: readonly string[]): boolean =>
  places.some((outer) => place === outer || (place.startsWith(outer) && '.['.includes(place.charAt(outer.length))))
