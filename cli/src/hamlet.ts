// scop hamlet: corpora of messages with what each means: made, checked, and other readers compared by them.

import { Command } from 'commander'
import { checkCommand } from './hamlet-check.ts'
import { generateCommand } from './hamlet-generate.ts'
import { verifyCommand } from './hamlet-verify.ts'
import { examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function hamletCommand(terminal: Terminal): Command {
  return new Command('hamlet')
    .description('messages made by a grammar, each with what it means: generate, check, verify')
    .addHelpText(
      'after',
      examples(
        'scop hamlet generate --count 10000 --seed 1 --out corpus',
        'scop hamlet check corpus',
        'scop hamlet verify corpus --parser postal-mime',
      ),
    )
    .addCommand(generateCommand(terminal))
    .addCommand(checkCommand(terminal))
    .addCommand(verifyCommand(terminal))
}
