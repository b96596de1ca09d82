// Runs test files with `node --test` and reads what each test came to.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { existsSync, openSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Line, Note, Outcome } from './outcome.ts'
import { runProcess } from './run-process.ts'

export type TestRun = {
  readonly root: string
  readonly name: string
  readonly files: readonly string[]
  /** `none`: all files in one process, quick, for code without I/O. `process`: one process each. */
  readonly isolation: 'none' | 'process'
  /** Files at a time, with isolation `process`. */
  readonly concurrency: number
  readonly limitSeconds: number
  /** Told now and then how many have finished. */
  onProgress(finished: number): void
}

export type TestReport = { readonly outcomes: readonly Outcome[]; readonly notes: readonly Note[] }

export async function runNodeTests(run: TestRun): Promise<TestReport> {
  if (run.files.length === 0) return { outcomes: [], notes: [] }
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-test-'))
  const eventsFile = path.join(directory, 'events.jsonl')
  closeSync(openSync(eventsFile, 'w'))
  const watching = setInterval(() => run.onProgress(countLines(eventsFile)), PROGRESS_MS)
  try {
    const ended = await runProcess(process.execPath, argumentsFor(run, eventsFile), {
      directory: run.root,
      limitSeconds: run.limitSeconds,
    })
    const report = readEvents(eventsFile)
    const failed = report.outcomes.some(({ result }) => result === 'failed')
    if (ended.code === 0 || (failed && !ended.timedOut)) return report
    // The runner itself broke off: a file that cannot be read, a time limit, a crash.
    const how = ended.timedOut
      ? `stopped after ${run.limitSeconds} s`
      : `ended with ${ended.signal ?? ended.code ?? '?'}`
    const broken: Outcome = {
      name: `${run.name}: the run`,
      result: 'failed',
      detail: `${how}\n${ended.said.slice(-SHOWN)}`,
    }
    return { ...report, outcomes: [...report.outcomes, broken] }
  } finally {
    clearInterval(watching)
    rmSync(directory, { recursive: true, force: true })
  }
}

function argumentsFor({ isolation, concurrency, files }: TestRun, eventsFile: string): readonly string[] {
  return [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-force-exit', // a handle that a test leaves open does not stop the rest
    `--test-isolation=${isolation}`,
    ...(isolation === 'process' ? [`--test-concurrency=${concurrency}`] : []),
    `--test-timeout=${TEST_LIMIT_MS}`,
    `--test-reporter=${fileURLToPath(new URL('./event-reporter.ts', import.meta.url))}`,
    `--test-reporter-destination=${eventsFile}`,
    ...files,
  ]
}

function readEvents(eventsFile: string): TestReport {
  const outcomes: Outcome[] = []
  const notes: Note[] = []
  for (const text of readFileSync(eventsFile, 'utf8').split('\n')) {
    if (!text.endsWith('}')) continue // the last one, where the runner was stopped while writing
    const line = JSON.parse(text) as Line // as: written by our own reporter
    if (line.kind === 'outcome') outcomes.push(line.outcome)
    else notes.push(line.note)
  }
  return { outcomes, notes }
}

function countLines(file: string): number {
  return existsSync(file) ? readFileSync(file, 'latin1').split('\n').length - 1 : 0
}

const PROGRESS_MS = 500
const TEST_LIMIT_MS = 300_000
const SHOWN = 6000
