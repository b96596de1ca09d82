// scop firewall: who is turned away at the connection, why and until when; and the administrator's own rules.

import type { Response } from '@scop/bottle'
import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { countArgument } from './names.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

export function firewallCommand(terminal: Terminal): Command {
  const group = new Command('firewall')
    .description('who may connect to the receiver: list, refuse, tarpit, greylist, allow, undo')
    .addHelpText(
      'after',
      examples(
        'scop firewall list',
        'scop firewall refuse 192.0.2.0/24 --seconds 86400',
        'scop firewall undo 192.0.2.0/24',
      ),
    )
    .addCommand(list(terminal))
  for (const [action, description] of ACTIONS) group.addCommand(rule(terminal, action, description))
  return group.addCommand(undo(terminal))
}

const ACTIONS = [
  ['refuse', 'refuse connections of a network (554)'],
  ['tarpit', 'answer a network slowly'],
  ['greylist', 'put off senders of a network until they come again (450)'],
  ['allow', 'let a network through, whatever else is known of it'],
] as const

type Rule = Response<'receiver', 'firewall-add'>['rule']

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('the rules that hold, the most recent first')
    .addHelpText('after', examples('scop firewall list', 'scop firewall list --json'))
    .action(
      act(terminal, async (session) => {
        const answer = await withBottle(session.home, (bottle) => bottle.ask('receiver', 'firewall-list', {}))
        const off = answer.enabled ? '' : 'The firewall is off (firewall.enabled): these rules do nothing.\n'
        const more = answer.total > answer.rules.length ? `\n${answer.rules.length} of ${answer.total}` : ''
        session.answer(
          answer,
          answer.rules.length === 0 ? `${off}No rules` : `${off}${formatRules(answer.rules)}${more}`,
        )
      }),
    )
}

function rule(terminal: Terminal, action: Rule['action'], description: string): Command {
  return withBecause(new Command(action))
    .description(description)
    .argument('<network>', 'ADDRESS or ADDRESS/LENGTH')
    .option('--seconds <count>', 'how long it holds; default: until it is undone')
    .addHelpText('after', examples(`scop firewall ${action} 192.0.2.0/24 --reason "asked for by the board"`))
    .action(
      act(terminal, async (session, network: string, options: BecauseOptions & { readonly seconds?: string }) => {
        const seconds = options.seconds === undefined ? undefined : countArgument('--seconds', options.seconds, 1)
        const request = {
          network,
          action,
          ...(seconds !== undefined && { seconds }),
          ...because(options, `firewall ${action} ${network}`),
        }
        const answer = await withBottle(session.home, (bottle) => bottle.ask('receiver', 'firewall-add', request))
        session.answer(answer, formatRules([answer.rule]))
      }),
    )
}

function undo(terminal: Terminal): Command {
  return withBecause(new Command('undo'))
    .description('take a rule away, whoever made it; what led to an automatic ban is forgotten with it')
    .argument('<network>')
    .addHelpText('after', examples('scop firewall undo 192.0.2.0/24'))
    .action(
      act(terminal, async (session, network: string, options: BecauseOptions) => {
        const { author, reason } = because(options, `firewall undo ${network}`)
        const { removed } = await withBottle(session.home, async (bottle) => {
          const answer = await bottle.ask('receiver', 'firewall-undo', { network, author, reason })
          // Otherwise the next event would bring the ban back.
          for (const one of answer.removed.filter(({ by }) => by === 'reputation'))
            await bottle.ask('verifier', 'reputation-pardon', { subject: `network:${one.network}`, author, reason })
          return answer
        })
        session.answer({ removed }, removed.length === 0 ? 'There is no rule for it' : formatRules(removed))
      }),
    )
}

function formatRules(rules: readonly Rule[]): string {
  return formatTable(
    ['NETWORK', 'ACTION', 'BY', 'UNTIL', 'REASON'],
    rules.map(({ network, action, by, author, untilMs, reason }) => [
      network,
      action,
      author ?? by,
      untilMs === undefined ? 'undone' : new Date(untilMs).toISOString(),
      reason,
    ]),
  )
}
