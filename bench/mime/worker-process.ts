// A parser's process: commands go in as lines, answers come back as lines of JSON.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** What the process says when it is ready, and after each command; `peakKibibytes` is its highest RSS so far. */
export type Answer = { readonly passes: number; readonly cpuSeconds: number; readonly peakKibibytes: number }

export class Worker {
  /** Its first answer: the library is loaded. */
  readonly loaded: Promise<Answer>
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string, undefined>

  constructor(program: string, arguments_: readonly string[]) {
    this.#process = spawn(program, arguments_, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
    this.loaded = this.#answer()
  }

  async run(task: string, seconds: number): Promise<Answer> {
    await this.loaded
    this.#process.stdin.write(`${task} ${seconds}\n`)
    return this.#answer()
  }

  stop(): void {
    this.#process.stdin.end()
  }

  async #answer(): Promise<Answer> {
    const line: IteratorResult<string, undefined> = await this.#lines.next()
    if (line.done === true) throw new Error(`${this.#process.spawnfile} ended without an answer`)
    return JSON.parse(line.value) as Answer // as: our own process, which says so
  }
}
