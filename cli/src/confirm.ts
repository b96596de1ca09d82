// A question that only a person at a terminal can answer; everybody else says --yes before.

import { EXIT, Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Whether the answer begins with `y`. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const { input, errors } = terminal
  if (!input.isTTY)
    throw new Failure('no-terminal', `Cannot ask "${question}": standard input is not a terminal`, {
      exit: EXIT.usage,
      next: 'use --yes',
    })
  errors.write(`${question} [y/N] `)
  const line = await new Promise<string>((resolve) => {
    let typed = ''
    const end = (): void => {
      input.off('data', read).off('end', end)
      input.pause()
      resolve(typed)
    }
    const read = (chunk: Buffer | string): void => {
      typed += chunk.toString()
      if (typed.includes('\n')) end()
    }
    input.on('data', read).once('end', end).resume()
  })
  return /^\s*y/i.test(line)
}
