// scop history and scop restore: every change of accounts, domains and aliases, and the way back.

import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { EXIT, Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { printable } from './printable.ts'
import { type RunningBottle, withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

export function historyCommand(terminal: Terminal): Command {
  return new Command('history')
    .description('changes of the directory, newest first')
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText('after', examples('scop history', 'scop history --limit 1000 --json'))
    .action(
      act(terminal, async (session, options: { readonly limit: string }) => {
        const limit = countArgument('--limit', options.limit, 1)
        const answer = await withBottle(session.home, (bottle) => bottle.ask('directory', 'history', { limit }))
        session.answer(
          answer,
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

export function restoreCommand(terminal: Terminal): Command {
  return withBecause(new Command('restore'))
    .description('make the directory as it was at a commit; this is one more change, and can be undone as well')
    .argument('<commit>')
    .addHelpText('after', examples('scop restore 3f2a9c1b7d04 --reason "undo the import"'))
    .action(
      act(terminal, async (session, commit: string, options: BecauseOptions) => {
        await withBottle(session.home, async (bottle) => {
          const whole = await wholeCommit(bottle, commit)
          const request = { commit: whole, ...because(options, `restore ${commit}`) }
          const answer = await bottle.ask('directory', 'restore', request)
          session.answer(
            { restored: whole, ...answer },
            `Restored ${whole.slice(0, 12)} as commit ${answer.commit.slice(0, 12)}`,
          )
        })
      }),
    )
}

/** The commit that `given` begins; as `git` takes it. */
async function wholeCommit(bottle: RunningBottle, given: string): Promise<string> {
  if (!/^[0-9a-f]{4,64}$/.test(given))
    throw new Failure('bad-commit', `Cannot read "${printable(given)}" as a commit`, { exit: EXIT.usage })
  const { changes } = await bottle.ask('directory', 'history', { limit: SEARCHED })
  const found = changes.filter(({ commit }) => commit.startsWith(given))
  if (found.length === 1 && found[0] !== undefined) return found[0].commit
  const problem = found.length === 0 ? 'There is no commit' : 'There is more than one commit'
  throw new Failure('unknown-commit', `${problem} ${given} in the history`, { next: 'scop history' })
}

const SEARCHED = 100_000
