// scop user: accounts and their passwords.

import { Command } from 'commander'
import { forgetAccount } from './accounts-file.ts'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { accountArgument } from './names.ts'
import { newPassword, type PasswordSource } from './password.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

export function userCommand(terminal: Terminal): Command {
  return new Command('user')
    .description('accounts: add, list, passwd, remove')
    .addHelpText('after', examples('scop user add alice@one.example --generate', 'scop user list'))
    .addCommand(add(terminal))
    .addCommand(list(terminal))
    .addCommand(passwd(terminal))
    .addCommand(remove(terminal))
}

function withPassword(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from standard input')
    .option('--generate', 'make a password and print it')
}

function add(terminal: Terminal): Command {
  return withBecause(withPassword(new Command('add')))
    .description('add an account; without an option the password is asked for twice')
    .argument('<address>')
    .addHelpText(
      'after',
      examples(
        'scop user add alice@one.example',
        'scop user add alice@one.example --generate',
        'pass show mail/alice | scop user add alice@one.example --password-stdin --reason "joins sales"',
      ),
    )
    .action(
      act(terminal, async (session, address: string, options: PasswordSource & BecauseOptions) => {
        const account = accountArgument(address)
        await withBottle(session.home, async (bottle) => {
          const { password, generated } = await newPassword(session, options)
          const request = { account, password, ...because(options, `user add ${account}`) }
          const { commit } = await bottle.ask('directory', 'add-account', request)
          session.answer(
            { account, commit, ...(generated && { password }) },
            `Added ${account}${generated ? `\nPassword: ${password}` : ''}`,
          )
        })
      }),
    )
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list accounts with their aliases')
    .addHelpText('after', examples('scop user list', "scop user list --json | jq -r '.accounts[].name'"))
    .action(
      act(terminal, async (session) => {
        const answer = await withBottle(session.home, (bottle) => bottle.ask('directory', 'list-accounts', {}))
        const rows = answer.accounts.map(({ name, aliases }) => [name, aliases.join(', ')])
        session.answer(
          answer,
          rows.length === 0 ? 'No accounts yet: scop user add NAME@DOMAIN' : formatTable(['ACCOUNT', 'ALIASES'], rows),
        )
      }),
    )
}

function passwd(terminal: Terminal): Command {
  return withBecause(withPassword(new Command('passwd')))
    .description('set the password of an account')
    .argument('<address>')
    .addHelpText(
      'after',
      examples('scop user passwd alice@one.example', 'scop user passwd alice@one.example --generate'),
    )
    .action(
      act(terminal, async (session, address: string, options: PasswordSource & BecauseOptions) => {
        const account = accountArgument(address)
        await withBottle(session.home, async (bottle) => {
          const { password, generated } = await newPassword(session, options)
          const request = { account, password, ...because(options, `user passwd ${account}`) }
          const { commit } = await bottle.ask('directory', 'set-password', request)
          await forgetAccount(bottle.home, account)
          session.answer(
            { account, commit, ...(generated && { password }) },
            `Changed the password of ${account}${generated ? `\nPassword: ${password}` : ''}`,
          )
        })
      }),
    )
}

function remove(terminal: Terminal): Command {
  return withBecause(new Command('remove'))
    .description('remove an account; its stored mail stays unless --mail is given')
    .argument('<address>')
    .option('--mail', 'delete its stored mail as well')
    .addHelpText(
      'after',
      examples('scop user remove alice@one.example --reason "left"', 'scop user remove alice@one.example --mail'),
    )
    .action(
      act(terminal, async (session, address: string, options: BecauseOptions & { readonly mail?: true }) => {
        const account = accountArgument(address)
        await withBottle(session.home, async (bottle) => {
          const request = { account, ...because(options, `user remove ${account}`) }
          const { commit } = await bottle.ask('directory', 'remove-account', request)
          await forgetAccount(bottle.home, account)
          const deleted = options.mail ? await bottle.ask('mailbox', 'remove-account', { account }) : undefined
          session.answer(
            { account, commit, ...(deleted && { messagesDeleted: deleted.messages }) },
            `Removed ${account}; ${deleted ? `${deleted.messages} messages deleted` : 'its stored mail is kept'}`,
          )
        })
      }),
    )
}
