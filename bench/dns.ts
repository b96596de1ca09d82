// npm run bench:dns: what names cost us beside BIND, Unbound and others, on the same zones and questions, in a network
// namespace of its own. CPU time of the server's process per query or change, not the time that passes; who begins changes
// from round to round; a first round warms up and is not counted; medians, and ratios taken round by round.
// `npm run bench:dns -- authority` runs the sections whose names contain a word; `--rounds`, `--seconds`, `--json`.

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openLab } from './dns/lab.ts'
import { ADDRESSES, type Comparison, type Section } from './dns/section.ts'
import { median } from './median.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '8' },
    /** Of each load. */
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})
// Servers lie where a user's own path may not lead.
const SEARCHED = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
process.env['PATH'] = SEARCHED
const INSIDE = 'SCOP_DNS_BENCH'
const SECTIONS = path.join(import.meta.dirname, 'dns')

if (process.env[INSIDE] === undefined) process.exitCode = runInside()
else await runSections()

/** The same once more where port 53 is free and nothing but loopback exists. */
function runInside(): number {
  const addresses = Object.values(ADDRESSES).map((address) => `ip addr add ${address}/8 dev lo`)
  const script = ['ip link set lo up', ...addresses, 'exec "$@"'].join(' && ')
  const namespaces = ['-rn', '--pid', '--fork', '--kill-child', '--mount-proc']
  const again = [process.execPath, ...process.execArgv, import.meta.filename, ...process.argv.slice(2)]
  const { status, error } = spawnSync('unshare', [...namespaces, 'sh', '-c', script, 'bench', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: 'yes' },
  })
  if (error !== undefined) console.error(`No network namespace: ${error.message}`)
  return status ?? 1
}

async function runSections(): Promise<void> {
  const results: object[] = []
  for (const file of readdirSync(SECTIONS).filter((name) => name.endsWith('.section.ts'))) {
    if (positionals.length > 0 && !positionals.some((word) => file.includes(word))) continue
    // as: each such file exports its section
    const { section } = (await import(path.join(SECTIONS, file))) as { readonly section: Section }
    const missing = ['taskset', ...section.tools].filter((tool) => !isInstalled(tool))
    if (missing.length > 0) {
      console.log(`${section.name}: left out, ${missing.join(', ')} not installed (tools/peers installs the peers)`)
      continue
    }
    const opened = openLab(Number(values.seconds))
    try {
      for (const comparison of await section.open(opened.lab)) results.push(await measure(section.name, comparison))
    } finally {
      await opened.close()
    }
  }
  if (values.json) console.log(JSON.stringify(results))
}

async function measure(section: string, comparison: Comparison): Promise<object> {
  const { name, unit, peer, goal } = comparison
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = -1; round < Number(values.rounds); round++) {
    const turns = [
      async () => ours.push(await comparison.ours()),
      async () => comparison.theirs !== undefined && theirs.push(await comparison.theirs()),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
    if (round < 0) ours.length = theirs.length = 0
  }
  const ratio = theirs.length === 0 ? undefined : median(ours.map((cost, i) => (theirs[i] ?? Number.NaN) / cost))
  const reached = goal === undefined ? undefined : ratio === undefined ? median(ours) <= goal : ratio >= goal
  if (!values.json) {
    const beside =
      ratio === undefined ? '' : `  ${peer} ${median(theirs).toFixed(2)} ${unit}  ratio ${ratio.toFixed(2)}`
    const aim = goal === undefined ? '' : `  (goal ${goal}${reached === true ? '' : ': not reached'})`
    console.log(`${section}: ${name.padEnd(32)} ours ${median(ours).toFixed(2)} ${unit}${beside}${aim}`)
  }
  return { section, name, unit, peer, goal, ours, theirs, ratio, reached }
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', tool], { env: { ...process.env, PATH: SEARCHED } })
    return true
  } catch {
    return false
  }
}
