// Plays scenario files and folders of them: one line for each, and a count at the end.
// `npm run replay -- DIR|FILE… [--trace] [--only WORD]`

import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import skips from './skip.json' with { type: 'json' }
import { play } from './player.ts'
import { parseScenario, parseScenarioConfig } from './read-scenario.ts'
import { foreignFeature, unmetWish } from './scenario-config.ts'

type Line = { readonly verdict: 'passed' | 'failed' | 'skipped'; readonly reason: string }

const SKIPS: Readonly<Record<string, string>> = skips

export function replayFile(file: string, trace?: (line: string) => void): Line {
  const skip = SKIPS[path.basename(file)]
  let wish: string | undefined
  const failed = (reason: string): Line => {
    const excuse = skip ?? wish
    return excuse === undefined ? { verdict: 'failed', reason } : { verdict: 'skipped', reason: excuse }
  }
  try {
    const text = readFileSync(file, 'utf8')
    const settings = parseScenarioConfig(text)
    wish = unmetWish(settings)
    const feature = foreignFeature(settings)
    if (feature !== undefined) return { verdict: 'skipped', reason: `not our feature: ${feature}` }
    const scenario = parseScenario(text)
    if (!scenario.ok) return failed(`line ${scenario.error.line}: ${scenario.error.text}`)
    const played = play(scenario.value, trace)
    if (played.kind === 'foreign') return { verdict: 'skipped', reason: `not our feature: ${played.feature}` }
    return played.kind === 'passed' ? { verdict: 'passed', reason: '' } : failed(played.reason)
  } catch (error) {
    const what =
      error instanceof Error ? (trace === undefined ? error.message : (error.stack ?? error.message)) : String(error)
    return failed(`broken: ${what}`)
  }
}

/** Scenario files at or below `place`, in the order of their names; a place that is not there stands for itself. */
export function scenarioFiles(place: string): readonly string[] {
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [place]
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory() && /\.c?rpl$/.test(each.name))
    .map((each) => path.join(each.parentPath, each.name))
    .sort()
}

function main(arguments_: readonly string[]): void {
  const traced = arguments_.includes('--trace')
  const places = arguments_.filter((each) => !each.startsWith('--'))
  if (places.length === 0) {
    console.error('Usage: npm run replay -- DIR|FILE… [--trace]')
    process.exitCode = 2
    return
  }
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of places.flatMap(scenarioFiles)) {
    const { verdict, reason } = replayFile(file, traced ? console.log : undefined)
    counts[verdict]++
    console.log(`${verdict.padEnd(7)} ${path.basename(file)}${reason === '' ? '' : `: ${reason}`}`)
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  if (counts.failed > 0) process.exitCode = 1
}

if (import.meta.main) main(process.argv.slice(2))
