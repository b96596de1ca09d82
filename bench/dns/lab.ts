// Where a section of the benchmark of names runs: servers on one CPU, loads on the other, nothing but loopback around them.

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cpuSeconds } from '../processes.ts'
import type { Lab } from './section.ts'

export function openLab(seconds: number): { readonly lab: Lab; close(): Promise<void> } {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-bench-dns-'))
  const ends: (() => void | Promise<void>)[] = []
  const serve: Lab['serve'] = async (program, arguments_, address) => {
    const child = spawn('taskset', ['-c', '0', program, ...arguments_], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    const end = new Promise<void>((resolve) => child.once('close', () => resolve()))
    ends.push(async () => {
      child.kill('SIGTERM') // a profile is written by one that ends by itself
      const late = setTimeout(() => child.kill('SIGKILL'), 3000)
      await end
      clearTimeout(late)
    })
    for (let left = 600; !(await accepts(address)); left--) {
      if (left === 0 || child.exitCode !== null) throw new Error(`${program}: ${said.join('').slice(-2000)}`)
      await sleep(50)
    }
    return { pid: child.pid ?? 0 }
  }
  const lab: Lab = {
    directory,
    seconds,
    serve,
    serveOurs: (module, arguments_, address) => {
      const script = path.join(import.meta.dirname, module)
      const options = process.env['SCOP_CPU_PROFILE']
      const profile = options === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options}`]
      return serve(
        process.execPath,
        [...profile, '--disable-warning=ExperimentalWarning', script, ...arguments_],
        address,
      )
    },
    run: async (program, arguments_) => {
      const options = { cwd: directory, maxBuffer: 64 * 1024 * 1024 }
      return (await promisify(execFile)(program, arguments_, options)).stdout
    },
    onEnd: (work) => void ends.push(work),
  }
  return {
    lab,
    close: async () => {
      for (const end of ends.reverse()) await end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export type Load = {
  readonly pid: number
  readonly address: string
  /** Questions, one a line, as dnsperf reads them. */
  readonly file: string
  readonly seconds: number
  readonly tcp?: boolean
  readonly dnssecOk?: boolean
}

/** Microseconds of CPU that the server's process spends on a query, under dnsperf. */
export async function cpuPerQuery(lab: Lab, load: Load): Promise<number> {
  const before = cpuSeconds(load.pid)
  const said = await lab.run('taskset', [
    ...(availableParallelism() > 1 ? ['-c', '1'] : ['-c', '0']),
    'dnsperf',
    '-s',
    load.address,
    '-d',
    load.file,
    '-l',
    String(load.seconds),
    ...CLIENTS,
    ...(load.tcp === true ? ['-m', 'tcp'] : []),
    ...(load.dnssecOk === true ? ['-e', '-D'] : []),
  ])
  const completed = Number(/Queries completed:\s+(\d+)/.exec(said)?.[1] ?? 0)
  if (process.env['SCOP_BENCH_TALK'] !== undefined) console.log(said)
  const lost = Number(/Queries lost:\s+(\d+)/.exec(said)?.[1] ?? 0)
  if (completed === 0 || lost > completed / 100) throw new Error(`dnsperf: ${said}`)
  return ((cpuSeconds(load.pid) - before) * 1e6) / completed
}

const CLIENTS = ['-c', '8', '-T', '1', '-q', '100']

function accepts(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 53 })
    const done = (accepted: boolean) => () => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', done(true)).once('error', done(false))
  })
}
