// scop queue: the mail that is on its way out.

import { Command } from 'commander'
import type { Response } from '@scop/bottle'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { printable } from './printable.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

type Entry = Response<'relay', 'queue-list'>['entries'][number]

export function queueCommand(terminal: Terminal): Command {
  return new Command('queue')
    .description('mail on its way out: list, show, retry, drop')
    .addHelpText('after', examples('scop queue list', 'scop queue retry'))
    .addCommand(list(terminal))
    .addCommand(show(terminal))
    .addCommand(retry(terminal))
    .addCommand(drop(terminal))
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list messages that wait')
    .option('--limit <count>', 'at most so many', '100')
    .addHelpText('after', examples('scop queue list', "scop queue list --json | jq '.total'"))
    .action(
      act(terminal, async (session, options: { readonly limit: string }) => {
        const limit = countArgument('--limit', options.limit)
        const answer = await withBottle(session.home, (bottle) => bottle.ask('relay', 'queue-list', { limit }))
        const rows = answer.entries.map((entry) => [
          entry.id,
          new Date(entry.enqueuedAtMs).toISOString(),
          entry.octets,
          entry.sender || '<>',
          entry.recipients.map(({ mailbox }) => mailbox).join(', '),
          lastReply(entry),
        ])
        const more = answer.total - answer.entries.length
        session.answer(
          answer,
          rows.length === 0 && more === 0
            ? 'The queue is empty.'
            : formatTable(['ID', 'SINCE', 'OCTETS', 'FROM', 'TO', 'LAST REPLY'], rows) +
                (more > 0 ? `\n… and ${more} more: --limit ${answer.total}` : ''),
        )
      }),
    )
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .description('show one message of the queue with the state of every recipient')
    .argument('<id>')
    .addHelpText('after', examples('scop queue show 01JABC'))
    .action(
      act(terminal, async (session, id: string) => {
        const { entry } = await withBottle(session.home, (bottle) => bottle.ask('relay', 'queue-show', { id }))
        if (entry === undefined) throw notThere(id)
        session.answer(entry, formatEntry(entry))
      }),
    )
}

function retry(terminal: Terminal): Command {
  return new Command('retry')
    .description('try again now: one message, or all of them')
    .argument('[id]')
    .addHelpText('after', examples('scop queue retry', 'scop queue retry 01JABC'))
    .action(
      act(terminal, async (session, id: string | undefined) => {
        const request = id === undefined ? {} : { id }
        const answer = await withBottle(session.home, (bottle) => bottle.ask('relay', 'queue-retry', request))
        if (id !== undefined && answer.entries === 0) throw notThere(id)
        session.answer(answer, answer.entries === 0 ? 'The queue is empty.' : `${answer.entries} tried again now`)
      }),
    )
}

function drop(terminal: Terminal): Command {
  return withBecause(new Command('drop'))
    .description('take a message out of the queue; nobody is told')
    .argument('<id>')
    .addHelpText('after', examples('scop queue drop 01JABC --reason "sent in error"'))
    .action(
      act(terminal, async (session, id: string, options: BecauseOptions) => {
        const request = { id, ...because(options, `queue drop ${id}`) }
        const answer = await withBottle(session.home, (bottle) => bottle.ask('relay', 'queue-drop', request))
        if (!answer.dropped) throw notThere(id)
        session.answer({ id, ...answer }, `Dropped ${printable(id)}`)
      }),
    )
}

function notThere(id: string): Failure {
  return new Failure('not-in-queue', `There is no message "${printable(id)}" in the queue`, { next: 'scop queue list' })
}

const lastReply = (entry: Entry): string => entry.recipients.findLast(({ lastReply: reply }) => reply)?.lastReply ?? ''

function formatEntry(entry: Entry): string {
  const at = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString())
  const facts = [
    `Id       ${entry.id}`,
    `Trace    ${entry.trace}`,
    `From     ${entry.sender || '<>'}`,
    `Octets   ${entry.octets}`,
    `Since    ${at(entry.enqueuedAtMs)}`,
    `Expires  ${at(entry.expiresAtMs)}`,
  ]
  const rows = entry.recipients.map((recipient) => [
    recipient.mailbox,
    recipient.state,
    recipient.attempts,
    at(recipient.nextAttemptAtMs),
    recipient.remote ?? '',
    recipient.lastReply ?? '',
  ])
  return `${facts.map(printable).join('\n')}\n\n${formatTable(['RECIPIENT', 'STATE', 'ATTEMPTS', 'NEXT', 'REMOTE', 'LAST REPLY'], rows)}`
}
