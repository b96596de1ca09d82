// The fuzzing thread: loads one target, instrumented, and searches or replays. It may be stopped at any moment.

import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { instrumentModules } from './instrument.ts'
import { type Answer, SharedInput, type Task } from './protocol.ts'
import { minimise, type RunInput, search } from './search.ts'
import type { TargetModule } from './targets.ts'

const MINIMISING_RUNS = 3000

const { targetFile, sourceFolder, shared, job } = workerData as Task // as: made by fuzz-target.ts
const coverage = instrumentModules(sourceFolder)
const { fuzz, seeds } = (await import(pathToFileURL(targetFile).href)) as TargetModule // as: check `checkTarget` below
checkTarget(fuzz, seeds)
const present = new SharedInput(shared)

const run: RunInput = (input) => {
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

if (job.kind === 'replay') answer({ kind: 'replayed', failure: run(job.input) })
else {
  const octets = seeds.map((seed) => (typeof seed === 'string' ? new TextEncoder().encode(seed) : seed))
  const report = search(run, coverage, { seeds: octets, seconds: job.seconds, seed: job.seed })
  answer({
    kind: 'searched',
    report: report.broken === undefined ? report : { ...report, broken: shortened(report.broken.input) },
  })
}

function shortened(input: Uint8Array): { input: Uint8Array; failure: string } {
  const shorter = minimise(run, input, MINIMISING_RUNS)
  return { input: shorter, failure: run(shorter) ?? 'breaks only sometimes: the target keeps state between inputs' }
}

function answer(value: Answer): void {
  parentPort?.postMessage(value)
}

function checkTarget(maybeFuzz: unknown, maybeSeeds: unknown): void {
  if (typeof maybeFuzz !== 'function' || !Array.isArray(maybeSeeds)) {
    throw new Error(`Cannot fuzz ${targetFile}: it must export "fuzz", a function, and "seeds", a list`)
  }
}
