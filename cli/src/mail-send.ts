// scop mail send: a message from a file, through the submission listener, with TLS and a login, as any client sends it.

import { readFile } from 'node:fs/promises'
import { formatMailbox, type Mailbox } from '@scop/identifiers'
import { fieldsNamed, mailboxesOf, parseAddressList, parseHeaderSection } from '@scop/mime'
import { Command, Option } from 'commander'
import { readAccounts } from './accounts-file.ts'
import { EXIT, Failure } from './failure.ts'
import { mailboxArgument } from './names.ts'
import { askHidden, passwordFromInput } from './password.ts'
import { printable } from './printable.ts'
import { openHomeOrFail, type OpenedHome } from './running-bottle.ts'
import { act, examples, type Session } from './session.ts'
import { type Door, submitMessage } from './submit.ts'
import { readAll, type Terminal } from './terminal.ts'
import { transportable, withCrlf } from './transportable.ts'

type Options = {
  readonly user: string
  readonly from?: string
  readonly to?: readonly string[]
  readonly door: Door
  readonly mechanism?: string
  readonly passwordStdin?: true
  readonly passwordFile?: string
  readonly crlf?: true
}

export function mailSendCommand(terminal: Terminal): Command {
  return new Command('send')
    .description('submit a message as a user: from FILE, or from standard input')
    .argument('[file]')
    .requiredOption('--user <address>', 'the account that logs in')
    .option('--from <address>', 'envelope sender; default: the account')
    .option('--to <address>', 'envelope recipient, may be repeated; default: To and Cc of the message', collect)
    .addOption(
      new Option('--door <name>', 'submissions: TLS from the start; submission: STARTTLS')
        .choices(['submissions', 'submission'])
        .default('submissions'),
    )
    .addOption(
      new Option('--mechanism <name>', 'SASL mechanism; default: the strongest offered').choices([
        'SCRAM-SHA-256-PLUS',
        'SCRAM-SHA-256',
        'PLAIN',
      ]),
    )
    .option('--password-stdin', 'read the password from standard input (the message then from FILE)')
    .option('--password-file <file>', 'read the password from the first line of FILE')
    .option('--crlf', 'write every line end as CRLF first: for files with the line ends of this system')
    .addHelpText(
      'after',
      `${examples(
        'scop mail send message.eml --user alice@one.example',
        'scop mail send --user alice@one.example --to bob@two.example --password-file pw < message.eml',
        'pass show alice | scop mail send message.eml --user alice@one.example --password-stdin --mechanism PLAIN',
      )}

Without a password option: from accounts.txt in the home if the account stands there, else asked for.
What SMTP may not carry (bare LF, NUL, lines above 998 octets) is refused here, with the reason.`,
    )
    .action(
      act(terminal, async (session, file: string | undefined, options: Options) => {
        const opened = await openHomeOrFail(session.home)
        const user = mailboxArgument(options.user)
        const given = await readMessageOf(session, file, options)
        const message = options.crlf ? withCrlf(given) : given
        const { body, reasons } = transportable(message)
        if (reasons.length > 0)
          throw new Failure('not-transportable', `SMTP may not carry this message: ${reasons.join('; ')}`, {
            ...(!options.crlf && transportable(withCrlf(given)).reasons.length === 0 && { next: 'add --crlf' }),
          })
        const recipients = options.to?.map(mailboxArgument) ?? recipientsOf(message)
        const sent = await submitMessage({
          opened,
          door: options.door,
          login: { account: formatMailbox(user), password: await passwordOf(session, opened, user, options) },
          ...(options.mechanism !== undefined && { mechanisms: [options.mechanism] }),
          sender: options.from === undefined ? user : mailboxArgument(options.from),
          recipients,
          message,
          body,
          signal: new AbortController().signal,
        })
        const { reply, mechanism, tls, refused } = sent
        session.answer(
          { octets: message.length, mechanism, tls, reply, recipients: recipients.map(formatMailbox), refused },
          `Sent ${message.length} octets over ${tls.version} as ${options.user} (${mechanism}): ${reply.code} ${printable(reply.text)}`,
        )
        if (refused.length > 0)
          throw new Failure(
            'recipients-refused',
            `Not sent to:\n${refused.map(({ mailbox, code, text }) => `${mailbox}: ${code} ${printable(text)}`).join('\n')}`,
          )
      }),
    )
}

function collect(address: string, before: readonly string[] = []): readonly string[] {
  return [...before, address]
}

async function readMessageOf(session: Session, file: string | undefined, options: Options): Promise<Buffer> {
  if (file !== undefined && file !== '-')
    return readFile(file).catch((error: Error) => {
      throw new Failure('cannot-read', `Cannot read ${file}: ${error.message}`)
    })
  if (options.passwordStdin)
    throw new Failure('bad-options', 'Cannot read both message and password from standard input', {
      exit: EXIT.usage,
      next: 'name the message as FILE, or use --password-file',
    })
  return readAll(session.terminal.input, MAX_MESSAGE_OCTETS)
}

async function passwordOf(session: Session, opened: OpenedHome, user: Mailbox, options: Options): Promise<string> {
  if (options.passwordStdin) return passwordFromInput(session.terminal)
  if (options.passwordFile !== undefined) {
    const text = await readFile(options.passwordFile, 'utf8').catch((error: Error) => {
      throw new Failure('cannot-read', `Cannot read ${options.passwordFile}: ${error.message}`)
    })
    return text.split(/\r?\n/, 1)[0] ?? ''
  }
  const account = formatMailbox(user)
  const known = (await readAccounts(opened.home)).find((made) => made.account === account)
  return (
    known?.password ?? askHidden(session.terminal, `Password of ${account}: `, '--password-stdin or --password-file')
  )
}

/** To and Cc. A Bcc field would be seen by all: it is refused rather than taken for the envelope. RFC 5322 §3.6.3 */
function recipientsOf(message: Uint8Array): readonly Mailbox[] {
  const parsed = parseHeaderSection(message)
  if (!parsed.ok) throw new Failure('bad-header', `Cannot read the header: ${parsed.error.kind}`)
  const { header } = parsed.value
  if (fieldsNamed(header, 'Bcc').length > 0)
    throw new Failure('bcc-in-header', 'The message has a Bcc field, which every recipient would see', {
      next: 'remove it, and name all recipients with --to',
    })
  const recipients = [...fieldsNamed(header, 'To'), ...fieldsNamed(header, 'Cc')].flatMap((field) => {
    const addresses = parseAddressList(field.text.trim())
    if (addresses.ok) return mailboxesOf(addresses.value).map(({ mailbox }) => mailbox)
    throw new Failure('bad-recipients', `Cannot read ${field.name}: ${addresses.error.kind}`, { next: 'give --to' })
  })
  if (recipients.length === 0)
    throw new Failure('no-recipients', 'The message names no recipient', { exit: EXIT.usage, next: 'give --to' })
  return recipients
}

const MAX_MESSAGE_OCTETS = 1024 ** 3 // the largest that bottle.yaml can allow
