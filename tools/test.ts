// `npm test`: the static checks, then all tests, then a slice of fuzzing. One line per stage, a count at the end.
// `npm test -- lint unit` runs only the stages whose names contain one of the words.

import { globSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fuzzTarget, type Replay, replay } from './fuzzing/fuzz-target.ts'
import { inParallel } from './fuzzing/in-parallel.ts'
import { keptInputs } from './fuzzing/kept-inputs.ts'
import { findTargets } from './fuzzing/targets.ts'
import { runNodeTests } from './test-run/node-tests.ts'
import type { Outcome } from './test-run/outcome.ts'
import { runProcess } from './test-run/run-process.ts'
import { runStages, type Stage } from './test-run/stage.ts'

const CHECK_LIMIT_SECONDS = 300
const TESTS_LIMIT_SECONDS = 900
const SLICE_SECONDS = 1
/** For all slices together, so that more targets do not mean more waiting. */
const SLICES_SECONDS = 40
const FUZZ_JOBS = 2
/** The target whose law is that a mail loses no octet. */
const LOSSLESS = 'mime/message-tree'
const SHOWN = 8000
const QUIET = '--disable-warning=ExperimentalWarning'

const root = fileURLToPath(new URL('../', import.meta.url))
const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name)

const stages: readonly Stage[] = [
  check('types (tsc)', bin('tsc'), '-p', 'tsconfig.json'),
  check('lint (oxlint, type-aware)', bin('oxlint'), '--type-aware'),
  check('format (biome)', bin('biome'), 'format', '.'),
  check('imports (check-imports)', process.execPath, QUIET, 'tools/check-imports.ts'),
  check('exports (check-exports)', process.execPath, 'tools/check-exports.ts'),
  check('rfc index (rfc-index --check)', process.execPath, 'tools/rfc-index.ts', '--check'),
  check('fuzz targets (check-fuzz)', process.execPath, QUIET, 'tools/check-fuzz.ts'),
  tests('unit tests', 'none', ['libs/*/test/**/*.test.ts', 'tools/test/*.test.ts']),
  tests('service tests', 'process', ['services/*/test/**/*.test.ts', 'cli/test/**/*.test.ts']),
  tests('end-to-end tests', 'process', ['tests/**/*.test.ts']),
  { name: 'kept inputs, replayed', run: replayAll },
  { name: 'fuzz slice', run: fuzzAll },
]

const words = process.argv.slice(2)
const chosen = stages.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
if (chosen.length === 0)
  console.error(`No stage is called ${words.join(' or ')}. There are: ${stages.map(({ name }) => name).join('; ')}`)
const isTTY = process.stdout.isTTY === true
const allPassed = await runStages(chosen, { isTTY, write: (text) => process.stdout.write(text) })
process.exitCode = allPassed ? 0 : 1

function check(name: string, program: string, ...arguments_: readonly string[]): Stage {
  return {
    name,
    async run() {
      const ended = await runProcess(program, arguments_, { directory: root, limitSeconds: CHECK_LIMIT_SECONDS })
      const detail = ended.timedOut
        ? `stopped after ${CHECK_LIMIT_SECONDS} s\n${ended.said}`
        : ended.said.slice(0, SHOWN)
      const outcome: Outcome = ended.code === 0 ? { name, result: 'passed' } : { name, result: 'failed', detail }
      return { outcomes: [outcome], notes: [] }
    },
  }
}

function tests(name: string, isolation: 'none' | 'process', patterns: readonly string[]): Stage {
  return {
    name,
    run(onProgress) {
      const files = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] }).toSorted()
      return runNodeTests({
        root,
        name,
        files,
        isolation,
        concurrency: 1,
        limitSeconds: TESTS_LIMIT_SECONDS,
        onProgress: (finished) => onProgress(`${finished} tests`),
      })
    },
  }
}

/** What is kept of each target, and then all of it once more as mail: no input whatever may lose an octet. */
async function replayAll(): ReturnType<Stage['run']> {
  const targets = findTargets(root)
  const outcomes: Outcome[] = []
  const add = (target: string, replays: readonly Replay[]): void => {
    for (const { name: input, failure } of replays) {
      const name = `${target} answers ${input}`
      outcomes.push(failure === undefined ? { name, result: 'passed' } : { name, result: 'failed', detail: failure })
    }
  }
  const all = await inParallel(targets, FUZZ_JOBS, (target) => replay(target))
  for (const [index, replays] of all.entries()) add(targets[index]?.name ?? '', replays)
  const asMail = targets.find(({ name }) => name === LOSSLESS)
  if (asMail === undefined) outcomes.push({ name: LOSSLESS, result: 'failed', detail: 'there is no such target' })
  else add(LOSSLESS, await replay(asMail, targets.filter((target) => target !== asMail).flatMap(keptInputs)))
  return { outcomes, notes: [] }
}

async function fuzzAll(onProgress: (text: string) => void): ReturnType<Stage['run']> {
  const targets = findTargets(root)
  const seconds = Math.min(SLICE_SECONDS, (SLICES_SECONDS * FUZZ_JOBS) / targets.length)
  const outcomes = await inParallel(targets, FUZZ_JOBS, async (target): Promise<Outcome> => {
    onProgress(target.name)
    const { failure, savedAs } = await fuzzTarget(target, { seconds, seed: 1 })
    const name = `fuzz ${target.name}`
    if (failure === undefined) return { name, result: 'passed' }
    return { name, result: 'failed', detail: `${failure}\nkept in ${savedAs ?? 'no file'}` }
  })
  return { outcomes, notes: [] }
}
