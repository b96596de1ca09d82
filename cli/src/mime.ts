// scop mime: what our reader makes of messages in files: their parts, where they are ambiguous, whether nothing is lost,
// and what tells one from another.

import { Command } from 'commander'
import { checkCommand } from './mime-check.ts'
import { diffCommand } from './mime-diff.ts'
import { showCommand } from './mime-show.ts'
import { treeCommand } from './mime-tree.ts'
import { examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function mimeCommand(terminal: Terminal): Command {
  return new Command('mime')
    .description('messages in files and mboxes: show, tree, check, diff')
    .addHelpText('after', examples('scop mime tree message.eml', 'scop mime check mails/ --json'))
    .addCommand(showCommand(terminal))
    .addCommand(treeCommand(terminal))
    .addCommand(checkCommand(terminal))
    .addCommand(diffCommand(terminal))
}
