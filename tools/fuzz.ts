// `npm run fuzz -- <target>… [--seconds N] [--seed N] [--jobs N]`: searches for inputs that break a target.
// What breaks is shortened and kept in <package>/fuzz/findings/, what reaches new branches in <package>/fuzz/corpus/;
// `npm test` replays both for ever.

import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fuzzTarget } from './fuzzing/fuzz-target.ts'
import { inParallel } from './fuzzing/in-parallel.ts'
import { findTargets, type Target } from './fuzzing/targets.ts'

const HELP = `npm run fuzz -- [<target>…] [options]

A target is named by its whole name (mime/message-tree), its end (message-tree) or its package (mime).
Without one, the targets are listed.

  --all             every target
  --seconds N       for each target, default 60
  --jobs N          targets at a time, default half of the processors
  --seed N          of the random numbers, default by the clock; the same seed makes the same changes
  --octets-only     without the changes that keep to the form of the input, to compare
  --keep-nothing    leave the kept corpus as it is
  --help

An hour for all of them: npm run fuzz -- --all --seconds 120 --jobs 2
Ends with 1 where a target broke, with 2 where the command is wrong.`

const root = fileURLToPath(new URL('../', import.meta.url))
const targets = findTargets(root)
const options = readOptions()
if (options === undefined) process.exitCode = 2
else if (options.values.help) console.log(HELP)
else await main(options)

type Options = NonNullable<ReturnType<typeof readOptions>>

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '60' },
        jobs: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
        seed: { type: 'string', default: String(Date.now() >>> 0) },
        'octets-only': { type: 'boolean', default: false },
        'keep-nothing': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return undefined
  }
}

async function main({ values, positionals }: Options): Promise<void> {
  const [seconds, jobs, seed] = [Number(values.seconds), Number(values.jobs), Number(values.seed)]
  const unknown = positionals.filter((word) => named(word).length === 0)
  if (!(seconds > 0)) stop('--seconds must be a number above 0')
  else if (!Number.isInteger(jobs) || jobs < 1) stop('--jobs must be an integer above 0')
  else if (!Number.isInteger(seed)) stop('--seed must be an integer')
  else if (unknown.length > 0) stop(`There is no target ${unknown.join(', ')}. npm run fuzz lists them.`)
  else if (positionals.length === 0 && !values.all) {
    for (const { name } of targets) console.log(name)
    console.log(`\n${targets.length} targets. npm run fuzz -- --help says more.`)
  } else {
    const chosen = targets.filter((target) => values.all || positionals.some((word) => named(word).includes(target)))
    console.log(`${chosen.length} targets, ${seconds} s each, ${jobs} at a time, seed ${seed}`)
    const structured = !values['octets-only']
    await inParallel(chosen, jobs, (target) =>
      fuzz(target, { seconds, seed, structured, keepCorpus: !values['keep-nothing'] }),
    )
  }
}

async function fuzz(target: Target, how: Parameters<typeof fuzzTarget>[1]): Promise<void> {
  const { search, failure, savedAs } = await fuzzTarget(target, how)
  const lines: string[] = []
  if (search !== undefined) {
    const { executions, branchesTaken, branches, corpus, distilled } = search
    const perSecond = Math.round(executions / search.seconds)
    const kept = distilled === undefined ? 'no branch is new' : `distilled to ${distilled.length}`
    lines.push(
      `${executions} inputs (${perSecond}/s), ${branchesTaken} of ${branches} branches, corpus ${corpus}, ${kept}`,
    )
  }
  if (failure !== undefined) {
    process.exitCode = 1
    lines.push(`broken: ${failure}`)
    if (savedAs !== undefined) lines.push(`the input is in ${path.relative(root, savedAs)}`)
  }
  console.log([target.name, ...lines].join('\n  '))
}

function named(word: string): readonly Target[] {
  return targets.filter(({ name }) => name === word || name.startsWith(`${word}/`) || name.endsWith(`/${word}`))
}

function stop(message: string): void {
  console.error(message)
  process.exitCode = 2
}
