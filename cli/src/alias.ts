// scop alias: addresses that lead to other addresses.

import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { accountArgument } from './names.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function aliasCommand(terminal: Terminal): Command {
  return new Command('alias')
    .description('addresses that lead to other addresses: add, remove')
    .addHelpText('after', examples('scop alias add info@one.example alice@one.example bob@one.example'))
    .addCommand(add(terminal))
    .addCommand(remove(terminal))
}

function add(terminal: Terminal): Command {
  return withBecause(new Command('add'))
    .description('mail for ALIAS goes to every TARGET')
    .argument('<alias>')
    .argument('<targets...>')
    .addHelpText('after', examples('scop alias add postmaster@one.example alice@one.example --reason "RFC 5321"'))
    .action(
      act(terminal, async (session, address: string, targetTexts: readonly string[], options: BecauseOptions) => {
        const alias = accountArgument(address)
        const targets = targetTexts.map(accountArgument)
        const request = { alias, targets, ...because(options, `alias add ${alias}`) }
        const { commit } = await withBottle(session.home, (bottle) => bottle.ask('directory', 'add-alias', request))
        session.answer({ alias, targets, commit }, `Added ${alias} → ${targets.join(', ')}`)
      }),
    )
}

function remove(terminal: Terminal): Command {
  return withBecause(new Command('remove'))
    .description('remove an alias')
    .argument('<alias>')
    .addHelpText('after', examples('scop alias remove info@one.example'))
    .action(
      act(terminal, async (session, address: string, options: BecauseOptions) => {
        const alias = accountArgument(address)
        const request = { alias, ...because(options, `alias remove ${alias}`) }
        const { commit } = await withBottle(session.home, (bottle) => bottle.ask('directory', 'remove-alias', request))
        session.answer({ alias, commit }, `Removed ${alias}`)
      }),
    )
}
