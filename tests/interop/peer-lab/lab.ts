// The peer lab: a test file runs its tests once more inside a user, process and network namespace of its own, where port
// 53 is free at every address of LAB and nothing but loopback exists. When the file's process ends, all in there ends.
//
//   import { inPeerLab } from './peer-lab/lab.ts'
//   inPeerLab(import.meta.filename, ['dig', 'named'], () => {
//     test('BIND follows us', async (t) => {
//       const named = await startNamed(t, { address: LAB.named, zones: 'zone "one.test" { … };' })   // peer-lab/peers.ts
//       const ours = await serveOurs(t, { address: LAB.ours, zones: { 'one.test': TEXT } })          // peer-lab/ours.ts
//       const said = await tool('dig', [`@${LAB.named}`, 'one.test', 'SOA', '+short'])               // peer-lab/tool.ts
//     })
//   })
//
// All tests of the file stand inside `define`. What is started with `t` is stopped after that test, by its process id.
// Outside, the file has one test, whose subtests are what the inner run came to; it is skipped, with the reason, where a
// tool or the namespaces are not to be had (tools/peers installs the tools).

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Line } from '../../../tools/test-run/outcome.ts'
import { programPath } from './tool.ts'

/** The addresses of the lab, by what usually stands there. */
export const LAB = {
  root: '127.0.0.10',
  parent: '127.0.0.11',
  ours: '127.0.0.12',
  named: '127.0.0.20',
  knot: '127.0.0.21',
  unbound: '127.0.0.53',
  bindResolver: '127.0.0.54',
  resolver: '127.0.0.55',
  client: '127.0.0.99',
} as const

/** Runs the tests that `define` makes inside the lab. `tools`: programs without which the file is skipped. */
export function inPeerLab(file: string, tools: readonly string[], define: () => void): void {
  if (process.env[INSIDE] !== undefined) {
    // Whoever started us has gone: so do we, and with us all that runs in here.
    process.stdin.on('end', () => process.exit(1)).resume()
    process.stdin.unref()
    define()
    return
  }
  const skip = labAbsent(tools)
  test(`${path.basename(file)} in the peer lab`, { skip: skip ?? false, timeout: LONGEST_MS }, (t) =>
    runInside(t, file),
  )
}

/** Why the lab cannot be had here; `undefined` when it can. */
export function labAbsent(tools: readonly string[]): string | undefined {
  const missing = ['unshare', 'ip', ...tools].filter((name) => programPath(name) === undefined)
  if (missing.length > 0) return `${missing.join(', ')}: not installed (tools/peers installs the peers)`
  try {
    execFileSync('unshare', [...NAMESPACES, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no namespaces here: ${error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : '?'}`
  }
}

async function runInside(t: TestContext, file: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-lab-'))
  const events = path.join(directory, 'events.jsonl')
  const addresses = Object.values(LAB).map((address) => `ip addr add ${address}/8 dev lo`)
  const script = ['ip link set lo up', ...addresses, 'exec "$@"'].join(' && ')
  const child = spawn(
    'unshare',
    [
      ...NAMESPACES,
      'sh',
      '-c',
      script,
      'lab',
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--test-force-exit',
      `--test-reporter=${fileURLToPath(new URL('../../../tools/test-run/event-reporter.ts', import.meta.url))}`,
      `--test-reporter-destination=${events}`,
      ...process.execArgv.filter((argument) => argument.startsWith('--test-name-pattern')),
      file,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...environment(), [INSIDE]: directory, TMPDIR: directory } },
  )
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  t.signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said.push(chunk.toString())
      if (process.env['SCOP_LAB_TALK'] !== undefined) process.stderr.write(chunk)
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const outcomes = await report(t, readFileSync(events, { encoding: 'utf8', flag: 'a+' }))
  if (code !== 0 && outcomes.every(({ failed }) => !failed) && !t.signal.aborted) {
    throw new Error(`the run in the lab ended with ${code ?? 'a signal'}:\n${said.join('').slice(-SHOWN)}`)
  }
  if (outcomes.length === 0) throw new Error(`no test ran in the lab:\n${said.join('').slice(-SHOWN)}`)
}

/** What the inner run came to, as subtests. */
async function report(t: TestContext, lines: string): Promise<readonly { readonly failed: boolean }[]> {
  const outcomes: { readonly failed: boolean }[] = []
  for (const text of lines.split('\n')) {
    if (!text.endsWith('}')) continue
    const line = JSON.parse(text) as Line // as: written by our own reporter
    if (line.kind === 'note') {
      t.diagnostic(line.note.text)
      continue
    }
    const { name, result, detail } = line.outcome
    outcomes.push({ failed: result === 'failed' })
    await t.test(name, { skip: result === 'skipped' ? (detail ?? true) : false }, () => {
      if (result === 'failed') throw new Error(detail ?? 'failed')
    })
  }
  return outcomes
}

/** Without what makes a child of the test runner report to it rather than to us. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')))
}

/** Waits until `condition` holds, asked again and again; throws with what `describe` says after `limitMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: string | (() => string),
  limitMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`not in ${limitMs} ms: ${typeof describe === 'string' ? describe : describe()}`)
    }
    await promisify(setTimeout)(50)
  }
}

const INSIDE = 'SCOP_PEER_LAB'
const NAMESPACES = ['-rn', '--pid', '--fork', '--kill-child', '--mount-proc']
const LONGEST_MS = 280_000
const SHOWN = 6000
