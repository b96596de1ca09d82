// The command line as a function: arguments and a terminal in, an exit code out. Every failure is said in one place.

import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { aliasCommand } from './alias.ts'
import { dkimCommand } from './dkim.ts'
import { dnsCommand } from './dns.ts'
import { domainCommand } from './domain.ts'
import { describeSystemError, EXIT, EXIT_HELP, Failure } from './failure.ts'
import { firewallCommand } from './firewall.ts'
import { hamletCommand } from './hamlet.ts'
import { historyCommand, restoreCommand } from './history.ts'
import { initCommand } from './init.ts'
import { logsCommand } from './logs.ts'
import { mailCommand } from './mail.ts'
import { mimeCommand } from './mime.ts'
import { queueCommand } from './queue.ts'
import { reputationCommand } from './reputation.ts'
import { restartCommand, stopCommand } from './restart.ts'
import { selftestCommand } from './selftest.ts'
import { examples } from './session.ts'
import { startCommand } from './start.ts'
import { statusCommand } from './status.ts'
import type { Terminal } from './terminal.ts'
import { upCommand } from './up.ts'
import { userCommand } from './user.ts'

/** The whole tree of commands, writing to `terminal`. */
export function program(terminal: Terminal): Command {
  const root = new Command('scop')
    .description('SCoP: mail and names for your own domain, as a bottle of small isolated services')
    .version(manifest.version)
    .option('--home <dir>', 'directory of the bottle; default: $SCOP_HOME, or ./data')
    .option('--json', 'answer with one JSON document; errors too, on standard error')
    .addHelpText(
      'after',
      `${examples('scop start', 'scop --home /srv/mail status', 'scop user add alice@one.example')}\n\n${EXIT_HELP}`,
    )
  for (const make of COMMANDS) root.addCommand(make(terminal))
  return prepare(root, terminal)
}

/** Runs one command line; never throws and never ends the process. */
export async function run(arguments_: readonly string[], terminal: Terminal): Promise<number> {
  const json = arguments_.includes('--json')
  try {
    await program(terminal).parseAsync(arguments_, { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      if (json && error.code !== 'commander.help') {
        const message = error.message.replace(/^error: /, '')
        terminal.errors.write(`${JSON.stringify({ error: { kind: 'usage', message, next: 'scop --help' } })}\n`)
      }
      return EXIT.usage
    }
    const failure = error instanceof Failure ? error : unexpected(error)
    const { kind, message, next, exit } = failure
    if (json) terminal.errors.write(`${JSON.stringify({ error: { kind, message, ...(next && { next }) } })}\n`)
    else terminal.errors.write(`${message}\n${next === undefined ? '' : `→ ${next}\n`}`)
    return exit
  }
}

/** Every command, however deep: no exit of its own, global options in its help, `terminal` for its words. */
function prepare(command: Command, terminal: Terminal): Command {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help says how)')
    .configureOutput({
      writeOut: (text) => void terminal.output.write(text),
      writeErr: (text) => {
        if (!jsonAsked(command)) terminal.errors.write(text)
      },
    })
  for (const inner of command.commands) prepare(inner, terminal)
  return command
}

const jsonAsked = (command: Command): boolean => command.optsWithGlobals<{ readonly json?: boolean }>().json === true

/** Not foreseen by any command: the machine's reason where it has one, else a mistake of ours, with its place. */
function unexpected(error: unknown): Failure {
  if (!(error instanceof Error)) return new Failure('unexpected', String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return code === undefined
    ? new Failure('unexpected', error.stack ?? error.message, { next: 'this is a mistake in scop: please report it' })
    : new Failure(code.toLowerCase(), describeSystemError(error.message))
}

const COMMANDS = [
  startCommand,
  initCommand,
  upCommand,
  stopCommand,
  statusCommand,
  restartCommand,
  userCommand,
  aliasCommand,
  domainCommand,
  dkimCommand,
  dnsCommand,
  firewallCommand,
  reputationCommand,
  mailCommand,
  mimeCommand,
  hamletCommand,
  queueCommand,
  logsCommand,
  historyCommand,
  restoreCommand,
  selftestCommand,
] as const
