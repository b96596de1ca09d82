// Runs one program to its end, or to its time limit, and keeps what it said.

import { spawn } from 'node:child_process'

export type Ended = {
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
  readonly timedOut: boolean
  /** Standard output and error in the order they came; the last `KEPT` characters. */
  readonly said: string
}

export type ProcessOptions = {
  readonly directory: string
  readonly limitSeconds: number
  readonly environment?: Readonly<Record<string, string>>
}

export function runProcess(program: string, arguments_: readonly string[], options: ProcessOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, arguments_, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    let timedOut = false
    const keep = (text: string): void => {
      said = (said + text).slice(-KEPT)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep)
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGTERM')
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
    }, options.limitSeconds * 1000)
    const stop = (): boolean => child.kill('SIGTERM')
    process.once('exit', stop)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      process.off('exit', stop)
      resolve({ code: code ?? undefined, signal: signal ?? undefined, timedOut, said })
    })
  })
}

const KEPT = 200_000
const GRACE_MS = 5000
