// Fuzzes one target in a thread of its own and watches it: an input that is not answered in time is a finding too.

import { Worker } from 'node:worker_threads'
import { equalInputs, type KeptInput, keptInputs, saveCorpus, saveFinding } from './kept-inputs.ts'
import { shorten } from './minimise.ts'
import { type Answer, SharedInput, type Task } from './protocol.ts'
import type { SearchReport } from './search.ts'
import type { Target } from './targets.ts'

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
  /** Whether inputs that reach new branches are kept in the repository. Default false. */
  readonly keepCorpus?: boolean
  /** Whether changes may keep to the form of the input, where the target has one. Default true. */
  readonly structured?: boolean
}

export async function fuzzTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed, hangSeconds = HANG_SECONDS, keepCorpus = false, structured = true } = options
  const kept = keptInputs(target).map(({ octets }) => octets)
  const { answer, failure, input } = await watch(
    target,
    { kind: 'search', seconds, seed, kept, structured },
    hangSeconds,
  )
  if (answer?.kind === 'searched') {
    const { broken, distilled } = answer.report
    if (keepCorpus && distilled !== undefined) saveCorpus(target, distilled)
    const savedAs = broken === undefined ? undefined : saveFinding(target, broken.input)
    return { search: answer.report, failure: broken?.failure, savedAs }
  }
  const savedAs =
    input === undefined ? undefined : saveFinding(target, await shortestThatStops(target, input, hangSeconds))
  return { search: undefined, failure, savedAs }
}

/** A shorter input that is not answered either. Each try may take the whole time, so there are few. */
async function shortestThatStops(target: Target, input: Uint8Array, hangSeconds: number): Promise<Uint8Array> {
  const shortening = shorten(input)
  let shortest = input
  let step = shortening.next()
  for (let left = STOPPING_RUNS; step.done !== true && left > 0; left--) {
    const { answer } = await watch(target, { kind: 'replay', inputs: [step.value] }, hangSeconds)
    if (answer === undefined) shortest = step.value
    step = shortening.next(answer === undefined)
  }
  return shortest
}

export type Replay = { readonly name: string; readonly failure: string | undefined }

/** Runs `target` on `inputs`, by default on all that is kept of it. */
export async function replay(
  target: Target,
  inputs: readonly KeptInput[] = keptInputs(target),
  hangSeconds = HANG_SECONDS,
): Promise<readonly Replay[]> {
  if (inputs.length === 0) return []
  const job: Task['job'] = { kind: 'replay', inputs: inputs.map(({ octets }) => octets) }
  const { answer, failure = 'the thread gave no answer', input } = await watch(target, job, hangSeconds)
  if (answer?.kind === 'replayed') return inputs.map(({ name }, index) => ({ name, failure: answer.failures[index] }))
  const stopped = inputs.find(({ octets }) => input !== undefined && equalInputs(octets, input))
  return [{ name: stopped?.name ?? 'what is kept', failure }]
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

const HANG_SECONDS = 10
const STOPPING_RUNS = 12
const HEAP_MEBIBYTES = 1024
const LOOK_EVERY_MS = 200
