// `npm run fuzz -- <target>… --seconds N [--seed N]`: searches for inputs that break a target. Without a target, lists them.
// What breaks is shortened and kept in libs/<library>/fuzz/findings/, and `npm test` replays it for ever.

import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fuzzTarget } from './fuzzing/fuzz-target.ts'
import { findTargets, type Target } from './fuzzing/targets.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() >>> 0) },
    all: { type: 'boolean', default: false },
  },
})
const targets = findTargets(root)
const seconds = Number(values.seconds)
const seed = Number(values.seed)

if (!(seconds > 0) || !Number.isInteger(seed)) stop('--seconds must be above 0, --seed an integer')
else if (positionals.length === 0 && !values.all) {
  for (const { name } of targets) console.log(name)
  console.log(`\n${targets.length} targets. npm run fuzz -- <target>… [--seconds 60] [--seed N], or --all`)
} else {
  const chosen = values.all ? targets : positionals.flatMap((word) => named(word))
  for (const target of chosen) await fuzz(target)
}

async function fuzz(target: Target): Promise<void> {
  console.log(`${target.name}: ${seconds} s, seed ${seed}`)
  const { search, failure, savedAs } = await fuzzTarget(target, { seconds, seed })
  if (search !== undefined) {
    const { executions, branchesTaken, branches, corpus } = search
    console.log(`  ${executions} inputs, ${branchesTaken} of ${branches} branches, ${corpus} kept for further change`)
  }
  if (failure === undefined) return
  process.exitCode = 1
  console.log(`  broken: ${failure}`)
  if (savedAs !== undefined) console.log(`  the input is in ${path.relative(root, savedAs)}`)
}

function named(word: string): readonly Target[] {
  const found = targets.filter(({ name }) => name === word || name.startsWith(`${word}/`) || name.endsWith(`/${word}`))
  if (found.length === 0) stop(`No target "${word}". npm run fuzz lists them.`)
  return found
}

function stop(message: string): void {
  console.error(message)
  process.exitCode = 2
}
