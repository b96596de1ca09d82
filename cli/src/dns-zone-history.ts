// scop dns zone history, restore: every version of a zone in its Git repository, and the way back.

import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { changeAfterQuestion, tell } from './dns-zone-edit.ts'
import { EXIT, Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { printable } from './printable.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'
import { zoneArgument } from './zone-file-input.ts'

export function zoneHistoryCommand(terminal: Terminal): Command {
  return new Command('history')
    .description('versions of a zone, newest first: who changed it and why')
    .argument('<zone>')
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText('after', examples('scop dns zone history one.example', 'scop dns zone history one.example --json'))
    .action(
      act(terminal, async (session, name: string, options: { readonly limit: string }) => {
        const { zone } = zoneArgument(name)
        const limit = countArgument('--limit', options.limit, 1)
        const answer = await withBottle(session.home, (bottle) =>
          bottle.ask('dns-primary', 'zone-history', { zone, limit }),
        )
        session.answer(
          { zone, ...answer },
          formatTable(
            ['COMMIT', 'AT', 'AUTHOR', 'REASON'],
            answer.changes.map(({ commit, atMs, author, reason }) => [
              commit.slice(0, 12),
              new Date(atMs).toISOString(),
              author,
              reason,
            ]),
          ),
        )
      }),
    )
}

export function zoneRestoreCommand(terminal: Terminal): Command {
  return withBecause(new Command('restore'))
    .description("make a zone's records what they were at a commit; this is one more change, and can be undone as well")
    .argument('<zone>')
    .argument('<commit>')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('scop dns zone restore one.example 3f2a9c1b7d04 --reason "undo the import"'))
    .action(
      act(
        terminal,
        async (session, name: string, commit: string, options: BecauseOptions & { readonly yes?: true }) => {
          const { zone } = zoneArgument(name)
          if (!/^[0-9a-f]{4,64}$/.test(commit))
            throw new Failure('bad-commit', `Cannot read "${printable(commit)}" as a commit`, { exit: EXIT.usage })
          await withBottle(session.home, (bottle) =>
            changeAfterQuestion(session, options, {
              zone,
              change: (apply) =>
                tell(bottle, 'restore-zone', {
                  zone,
                  commit,
                  apply,
                  ...because(options, `dns zone restore ${zone} ${commit}`),
                }),
            }),
          )
        },
      ),
    )
}
