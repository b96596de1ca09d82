// The fuzzing thread: loads one target, instrumented for a search, and searches or replays. It may be stopped at any moment.

import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { hamletMessages } from './hamlet-messages.ts'
import { instrumentModules } from './instrument.ts'
import { minimise } from './minimise.ts'
import { type Answer, SharedInput, type Task } from './protocol.ts'
import { type RunInput, search } from './search.ts'
import type { TargetModule } from './targets.ts'

const MINIMISING_RUNS = 5000

const { targetFile, sourceFolder, shared, job } = workerData as Task // as: made by fuzz-target.ts
const present = new SharedInput(shared)

if (job.kind === 'replay') {
  const run = runnerOf(await load())
  answer({ kind: 'replayed', failures: job.inputs.map(run) })
} else {
  const coverage = instrumentModules(sourceFolder)
  const target = await load()
  const run = runnerOf(target)
  const structure = job.structured ? target.structure : undefined
  const report = search(run, coverage, {
    seeds: target.seeds.map((seed) => (typeof seed === 'string' ? new TextEncoder().encode(seed) : seed)),
    kept: job.kept,
    structure,
    generate: structure === 'message' ? await hamletMessages(job.seed) : undefined,
    seconds: job.seconds,
    seed: job.seed,
  })
  const { broken } = report
  answer({ kind: 'searched', report: broken === undefined ? report : { ...report, broken: shortened(run, broken) } })
}

async function load(): Promise<TargetModule> {
  const target = (await import(pathToFileURL(targetFile).href)) as TargetModule // as: looked at below
  const { fuzz, seeds }: { fuzz: unknown; seeds: unknown } = target
  if (typeof fuzz !== 'function' || !Array.isArray(seeds)) {
    throw new Error(`Cannot fuzz ${targetFile}: it must export "fuzz", a function, and "seeds", a list`)
  }
  return target
}

function runnerOf({ fuzz }: TargetModule): RunInput {
  return (input) => {
    present.begin(input)
    try {
      fuzz(input)
      return undefined
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : `threw ${inspect(error)}`
    } finally {
      present.end()
    }
  }
}

type Broken = { readonly input: Uint8Array; readonly failure: string }

/** A shorter input that breaks at the same place. */
function shortened(run: RunInput, { input, failure }: Broken): Broken {
  const place = placeOf(failure)
  const shorter = minimise((candidate) => placeOf(run(candidate)) === place, input, MINIMISING_RUNS)
  return { input: shorter, failure: run(shorter) ?? 'breaks only sometimes: the target keeps state between inputs' }
}

/** Where it was thrown, as a stack says it; the whole where it says nothing. */
function placeOf(failure: string | undefined): string | undefined {
  return failure === undefined ? undefined : (/^ {4}at .*file:.*$/m.exec(failure)?.[0] ?? failure)
}

function answer(value: Answer): void {
  parentPort?.postMessage(value)
}
