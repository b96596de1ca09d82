// Fuzzes one target in a thread of its own and watches it: an input that is not answered in time is a finding too.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Answer, SharedInput, type Task } from './protocol.ts'
import type { SearchReport } from './search.ts'
import { findingsOf, type Target } from './targets.ts'

export type FuzzReport = {
  /** Undefined where the thread had to be stopped. */
  readonly search: SearchReport | undefined
  readonly failure: string | undefined
  /** The file that keeps the input that broke it. */
  readonly savedAs: string | undefined
}

export type FuzzOptions = {
  readonly seconds: number
  readonly seed: number
  /** How long one input may take. Default 10 s. */
  readonly hangSeconds?: number
}

export async function fuzzTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed, hangSeconds = HANG_SECONDS } = options
  const { answer, failure, input } = await watch(target, { kind: 'search', seconds, seed }, hangSeconds)
  if (answer?.kind === 'searched') {
    const { broken } = answer.report
    const savedAs = broken === undefined ? undefined : save(target, broken.input)
    return { search: answer.report, failure: broken?.failure, savedAs }
  }
  return { search: undefined, failure, savedAs: input === undefined ? undefined : save(target, input) }
}

export type Replay = { readonly file: string; readonly failure: string | undefined }

/** Runs `target` on everything that once broke it. */
export async function replayFindings(target: Target): Promise<readonly Replay[]> {
  const replays: Replay[] = []
  for (const file of findingsOf(target)) {
    const input = new Uint8Array(readFileSync(file))
    const { answer, failure } = await watch(target, { kind: 'replay', input }, HANG_SECONDS)
    replays.push({ file, failure: answer?.kind === 'replayed' ? answer.failure : failure })
  }
  return replays
}

type Watched = { readonly answer?: Answer; readonly failure?: string; readonly input?: Uint8Array | undefined }

async function watch(target: Target, job: Task['job'], hangSeconds: number): Promise<Watched> {
  const shared = new SharedInput()
  const task: Task = { targetFile: target.file, sourceFolder: target.sourceFolder, shared: shared.memory, job }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    execArgv: ['--disable-warning=ExperimentalWarning'], // stripping types is one
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  })
  const { promise, resolve } = Promise.withResolvers<Watched>()
  worker.once('message', (answer: Answer) => resolve({ answer }))
  worker.once('error', (error) => resolve({ failure: failureOf(error), input: shared.present() }))
  worker.once('exit', (code) => resolve({ failure: `the thread ended with ${code}`, input: shared.present() }))
  let last = -1
  let since = performance.now()
  const timer = setInterval(() => {
    const { begun } = shared
    const input = shared.present()
    if (begun !== last || input === undefined) {
      last = begun
      since = performance.now()
    } else if (performance.now() - since > hangSeconds * 1000) {
      resolve({ failure: `no answer within ${hangSeconds} s`, input })
    }
  }, LOOK_EVERY_MS)
  try {
    return await promise
  } finally {
    clearInterval(timer)
    await worker.terminate()
  }
}

function failureOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function save({ name, findingsFolder }: Target, input: Uint8Array): string {
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const file = path.join(findingsFolder, `${path.basename(name)}-${digest}`)
  mkdirSync(findingsFolder, { recursive: true })
  writeFileSync(file, input)
  return file
}

const HANG_SECONDS = 10
const HEAP_MEBIBYTES = 1024
const LOOK_EVERY_MS = 200
