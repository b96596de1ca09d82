// The process `scop`: runs the command line on its own terminal.

import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

export async function main(arguments_: readonly string[]): Promise<void> {
  // A reader that has gone (`scop logs | head`) ends the command quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  process.exitCode = await run(arguments_, processTerminal())
}
