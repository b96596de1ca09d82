// A terminal for tests of scop mime: runs one line, with what stands on standard input.

import { PassThrough } from 'node:stream'
import { run } from '../src/run.ts'
import type { Terminal } from '../src/terminal.ts'

export type Ran = { readonly exit: number; readonly out: string; readonly errors: string }

/** `input` undefined is a terminal, at which nobody types. */
export async function scop(line: readonly string[], input?: string): Promise<Ran> {
  const { terminal, read } = terminalWith(input)
  const exit = await run(line, terminal)
  return { exit, ...read() }
}

export function terminalWith(input: string | undefined): {
  readonly terminal: Terminal
  readonly read: () => { readonly out: string; readonly errors: string }
} {
  const stdin: PassThrough & { isTTY?: boolean } = new PassThrough()
  if (input === undefined) stdin.isTTY = true
  stdin.end(input ?? '')
  // Taken as it comes: a writer that waits for its reader would wait for ever.
  const said = { out: [] as Buffer[], errors: [] as Buffer[] }
  const output = new PassThrough().on('data', (chunk: Buffer) => said.out.push(chunk))
  const errors = new PassThrough().on('data', (chunk: Buffer) => said.errors.push(chunk))
  const terminal = { input: stdin, output, errors, environment: {}, onInterrupt: () => () => undefined }
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('latin1')
  return { terminal, read: () => ({ out: text(said.out), errors: text(said.errors) }) }
}

export const SEPARATOR = 'From a@one.example Thu Jan  1 00:00:00 1970\n'
