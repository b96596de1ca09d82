// `npm test`: the static checks, then all tests, then a slice of fuzzing. One line per stage, a count at the end.
// `npm test -- lint unit` runs only the stages whose names contain one of the words.

import { globSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fuzzTarget, replayFindings } from './fuzzing/fuzz-target.ts'
import { findTargets } from './fuzzing/targets.ts'
import { runNodeTests } from './test-run/node-tests.ts'
import type { Outcome } from './test-run/outcome.ts'
import { runProcess } from './test-run/run-process.ts'
import { runStages, type Stage } from './test-run/stage.ts'

const CHECK_LIMIT_SECONDS = 300
const TESTS_LIMIT_SECONDS = 900
const SLICE_SECONDS = 1
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
  tests('unit tests', 'none', ['libs/*/test/**/*.test.ts', 'tools/test/*.test.ts']),
  tests('service tests', 'process', ['services/*/test/**/*.test.ts', 'cli/test/**/*.test.ts']),
  tests('end-to-end tests', 'process', ['tests/**/*.test.ts']),
  { name: 'kept findings, replayed', run: replayAll },
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

async function replayAll(): ReturnType<Stage['run']> {
  const outcomes: Outcome[] = []
  for (const target of findTargets(root)) {
    for (const { file, failure } of await replayFindings(target)) {
      const name = `${target.name} answers ${path.basename(file)}`
      outcomes.push(failure === undefined ? { name, result: 'passed' } : { name, result: 'failed', detail: failure })
    }
  }
  return { outcomes, notes: [] }
}

async function fuzzAll(onProgress: (text: string) => void): ReturnType<Stage['run']> {
  const outcomes: Outcome[] = []
  for (const target of findTargets(root)) {
    onProgress(target.name)
    const { failure, savedAs } = await fuzzTarget(target, { seconds: SLICE_SECONDS, seed: 1 })
    const name = `fuzz ${target.name}`
    if (failure === undefined) outcomes.push({ name, result: 'passed' })
    else outcomes.push({ name, result: 'failed', detail: `${failure}\nkept in ${savedAs ?? 'no file'}` })
  }
  return { outcomes, notes: [] }
}
