// scop mail: read mailboxes as the operator, send as a user.

import { Command } from 'commander'
import { mailExportCommand } from './mail-export.ts'
import { mailSendCommand } from './mail-send.ts'
import { accountArgument, countArgument } from './names.ts'
import { printable, printableLines } from './printable.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import { type MessageFacts, readMessage } from './stored-message.ts'
import { type Terminal, writeOctets } from './terminal.ts'

export function mailCommand(terminal: Terminal): Command {
  return new Command('mail')
    .description('mail: send as a user; list, show, export as the operator')
    .addHelpText('after', examples('scop mail list alice@one.example', 'scop mail show alice@one.example 1 --raw'))
    .addCommand(mailSendCommand(terminal))
    .addCommand(list(terminal))
    .addCommand(show(terminal))
    .addCommand(mailExportCommand(terminal))
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list the messages of a mailbox, newest first; with --mailboxes the mailboxes')
    .argument('<account>')
    .option('--mailbox <name>', 'which mailbox', 'INBOX')
    .option('--mailboxes', 'list the mailboxes of the account')
    .option('--limit <count>', 'at most so many', '50')
    .option('--before <uid>', 'older than this one')
    .addHelpText('after', examples('scop mail list alice@one.example', 'scop mail list alice@one.example --mailboxes'))
    .action(
      act(
        terminal,
        async (
          session,
          address: string,
          options: {
            readonly mailbox: string
            readonly mailboxes?: true
            readonly limit: string
            readonly before?: string
          },
        ) => {
          const account = accountArgument(address)
          if (options.mailboxes) {
            const answer = await withBottle(session.home, (bottle) => bottle.ask('mailbox', 'mailboxes', { account }))
            const rows = answer.mailboxes.map(({ name, messages, octets }) => [name, messages, octets])
            return session.answer(answer, formatTable(['MAILBOX', 'MESSAGES', 'OCTETS'], rows))
          }
          const request = {
            account,
            mailbox: options.mailbox,
            limit: countArgument('--limit', options.limit),
            ...(options.before !== undefined && { beforeUid: countArgument('--before', options.before) }),
          }
          const { answer, known } = await withBottle(session.home, async (bottle) => {
            const listed = await bottle.ask('mailbox', 'list', request)
            if (listed.messages.length > 0) return { answer: listed, known: true }
            const { accounts } = await bottle.ask('directory', 'list-accounts', {})
            return { answer: listed, known: accounts.some(({ name }) => name === account) }
          })
          session.answer(
            answer,
            answer.messages.length === 0
              ? `No messages${known ? '' : `, and no account ${printable(account)}`}.`
              : formatTable(
                  ['UID', 'RECEIVED', 'OCTETS', 'FROM', 'SUBJECT'],
                  answer.messages.map(({ uid, receivedAtMs, octets, from, subject }) => [
                    uid,
                    new Date(receivedAtMs).toISOString(),
                    octets,
                    from,
                    subject,
                  ]),
                ),
          )
        },
      ),
    )
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .description('show a message: what is known of it, then the message with control characters escaped')
    .argument('<account>')
    .argument('<uid>')
    .option('--mailbox <name>', 'which mailbox', 'INBOX')
    .option('--raw', 'the octets exactly as stored, and nothing else')
    .addHelpText(
      'after',
      examples('scop mail show alice@one.example 1', 'scop mail show alice@one.example 1 --raw > message.eml'),
    )
    .action(
      act(
        terminal,
        async (
          session,
          address: string,
          uidText: string,
          options: { readonly mailbox: string; readonly raw?: true },
        ) => {
          const account = accountArgument(address)
          const uid = countArgument('uid', uidText, 1)
          await withBottle(session.home, async (bottle) => {
            const { facts, octets } = await readMessage(bottle, account, options.mailbox, uid)
            if (options.raw && !session.json) return writeOctets(terminal.output, octets)
            session.answer(
              { ...facts, message: octets.toString('base64') },
              `${formatFacts(facts)}\n\n${printableLines(octets.toString('utf8'))}`,
            )
          })
        },
      ),
    )
}

function formatFacts(facts: MessageFacts): string {
  return [
    `From      ${facts.from}`,
    `Subject   ${facts.subject}`,
    `Received  ${new Date(facts.receivedAtMs).toISOString()}`,
    `Sender    ${facts.sender || '<>'}`,
    `Octets    ${facts.octets}`,
    `Flags     ${facts.flags.join(' ') || '-'}`,
    `Trace     ${facts.trace}`,
  ]
    .map(printable)
    .join('\n')
}
