// npm run bench:mime: this parser beside postal-mime, mailparser and, where there is Rust, the crate mail-parser, on the
// same real mails in the same run. `full`: all fields, the usual ones typed, every body without its transfer encoding, text
// by its charset. `headers`: the fields of the message alone, by the fastest way that the library has when it is given the
// message; `cutHeaders`: the same where the caller has found the end of the header for it. Each parser has a process of its own and begins each round in
// turn; a first round warms up and is not counted. MB (10^6 octets of whole messages) per second of CPU; medians, and ratios
// round by round. Memory: the highest RSS while each file is read and parsed in full, once, less that of the process with the
// library loaded and nothing read; median of fresh processes.

import { globSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './median.ts'
import { buildRustParser } from './mime/rust.ts'
import { Worker } from './mime/worker-process.ts'

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    /** CPU seconds of each parser and task, in each round. */
    seconds: { type: 'string', default: '0.5' },
    'without-rust': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const TASKS = ['full', 'headers', 'cutHeaders'] as const
const MODULES = { scop: './scop.ts', 'postal-mime': './postal-mime.ts', mailparser: './mailparser.ts' }
const MEMORY_RUNS = 5
const WORKER = path.join(import.meta.dirname, 'mime/worker.ts')

type Figures = {
  readonly full: number[]
  readonly headers: number[]
  readonly cutHeaders: number[]
  readonly mebibytes: number[]
}

const directory = values.directory ?? defaultDirectory()
const files = globSync('**/*', { cwd: directory })
  .map((name) => path.join(directory, name))
  .filter((file) => statSync(file).isFile())
  .toSorted()
if (files.length === 0) {
  console.error(
    `No messages in ${directory}: name a directory of mails with --directory, or the test data with SCOP_VECTORS.`,
  )
  process.exit(1)
}
const octets = files.reduce((sum, file) => sum + statSync(file).size, 0)
const rust = values['without-rust'] ? { absent: '--without-rust' } : buildRustParser()
const figures = new Map<string, Figures>()
for (const name of [...Object.keys(MODULES), ...('program' in rust ? ['mail-parser (Rust)'] : [])])
  figures.set(name, { full: [], headers: [], cutHeaders: [], mebibytes: [] })

if (!values.json) console.log(`${files.length} messages, ${(octets / 1e6).toFixed(1)} MB; ${values.rounds} rounds`)
await measureSpeed()
await measureMemory()
print()

async function measureSpeed(): Promise<void> {
  const workers = [...figures.keys()].map((name) => [name, start(name)] as const)
  try {
    for (let round = -1; round < Number(values.rounds); round++) {
      const turn = (round + 1) % workers.length
      for (const [name, worker] of [...workers.slice(turn), ...workers.slice(0, turn)]) {
        for (const task of TASKS) {
          const { passes, cpuSeconds } = await worker.run(task, Number(values.seconds))
          if (round >= 0) figures.get(name)?.[task].push((octets * passes) / 1e6 / cpuSeconds)
        }
      }
    }
  } finally {
    for (const [, worker] of workers) worker.stop()
  }
}

async function measureMemory(): Promise<void> {
  for (let run = 0; run < MEMORY_RUNS; run++) {
    for (const name of Object.keys(MODULES)) {
      const worker = start(name)
      const before = await worker.loaded
      const after = await worker.run('memory', 0)
      worker.stop()
      figures.get(name)?.mebibytes.push((after.peakKibibytes - before.peakKibibytes) / 1024)
    }
  }
}

function start(name: string): Worker {
  // as: the names of `figures` are those of MODULES, and one more
  const module = MODULES[name as keyof typeof MODULES] as string | undefined
  if (module !== undefined) return new Worker(process.execPath, [...process.execArgv, WORKER, module, ...files])
  if ('program' in rust) return new Worker(rust.program, files)
  throw new Error(`No such parser: ${name}`)
}

function print(): void {
  const ours = figures.get('scop')
  const others = [figures.get('postal-mime'), figures.get('mailparser')].filter((other) => other !== undefined)
  if (ours === undefined) throw new Error('Nothing was measured')
  const ratio = (mine: readonly number[], theirs: readonly number[]): number =>
    median(mine.map((figure, round) => figure / (theirs[round] ?? Number.NaN)))
  const ratios: Record<string, number> = {}
  for (const task of TASKS)
    ratios[`${task}, to the faster of postal-mime and mailparser`] = Math.min(
      ...others.map((other) => ratio(ours[task], other[task])),
    )
  ratios['memory, to the smaller of the two'] =
    median(ours.mebibytes) / Math.min(...others.map((other) => median(other.mebibytes)))
  const rustFigures = figures.get('mail-parser (Rust)')
  if (rustFigures !== undefined)
    for (const task of TASKS) ratios[`${task}, mail-parser (Rust) to ours`] = ratio(rustFigures[task], ours[task])
  if (values.json) {
    const medians = [...figures].map(([name, all]) => ({
      name,
      full: median(all.full),
      headers: median(all.headers),
      cutHeaders: median(all.cutHeaders),
      mebibytes: all.mebibytes.length === 0 ? undefined : median(all.mebibytes),
    }))
    console.log(JSON.stringify({ messages: files.length, octets, medians, ratios, rustAbsent: rustAbsent() }))
    return
  }
  console.log(
    `${''.padEnd(20)}${'full'.padStart(12)}${'headers'.padStart(12)}${'cutHeaders'.padStart(12)}${'peak memory'.padStart(14)}`,
  )
  for (const [name, all] of figures) {
    const memory = all.mebibytes.length === 0 ? '' : `${median(all.mebibytes).toFixed(1)} MiB`
    const speeds = TASKS.map((task) => `${median(all[task]).toFixed(1)} MB/s`.padStart(12))
    console.log(`${name.padEnd(20)}${speeds.join('')}${memory.padStart(14)}`)
  }
  for (const [what, figure] of Object.entries(ratios)) console.log(`${figure.toFixed(2).padStart(7)} × ${what}`)
  if (rustAbsent() !== undefined) console.log(`mail-parser (Rust) skipped: ${rustAbsent()}`)
}

function rustAbsent(): string | undefined {
  return 'absent' in rust ? rust.absent : undefined
}

function defaultDirectory(): string {
  const vectors = process.env['SCOP_VECTORS'] ?? path.resolve(import.meta.dirname, '../../shared/vectors')
  return path.join(vectors, 'mail/mime/real-raw')
}
