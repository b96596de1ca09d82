// scop mail export: stored messages as files that every other program reads.

import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { finished } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { encodeMboxMessage, formatMboxSeparator } from './mbox.ts'
import { accountArgument, countArgument } from './names.ts'
import { type RunningBottle, withBottle } from './running-bottle.ts'
import { act, examples } from './session.ts'
import { type MessageFacts, readMessage } from './stored-message.ts'
import { type Terminal, writeOctets } from './terminal.ts'

type Options = { readonly mailbox: string; readonly format: 'eml' | 'mbox'; readonly output?: string }

export function mailExportCommand(terminal: Terminal): Command {
  return new Command('export')
    .description('write stored messages to files: eml (one each, octet for octet) or mbox (mboxrd, one file)')
    .argument('<account>')
    .argument('[uids...]', 'all messages of the mailbox without')
    .option('--mailbox <name>', 'which mailbox', 'INBOX')
    .addOption(
      new Option('--format <format>', 'eml: one file each, as stored; mbox: one file for all')
        .choices(['eml', 'mbox'])
        .default('eml'),
    )
    .option('--output <path>', 'eml: a directory; mbox: a file that is not there yet; default: named after the account')
    .addHelpText(
      'after',
      examples(
        'scop mail export alice@one.example --output ./alice',
        'scop mail export alice@one.example 7 9 --output ./two',
        'scop mail export alice@one.example --format mbox --output alice.mbox',
      ),
    )
    .action(
      act(terminal, async (session, address: string, uidTexts: readonly string[], options: Options) => {
        const account = accountArgument(address)
        const uids = uidTexts.map((text) => countArgument('uid', text, 1))
        const output = options.output ?? fileName(account, options.format)
        await withBottle(session.home, async (bottle) => {
          const chosen = uids.length > 0 ? uids : await allUids(bottle, account, options.mailbox)
          const messages = readMessages(bottle, account, options.mailbox, chosen)
          const files = await (options.format === 'mbox' ? writeMbox(output, messages) : writeEml(output, messages))
          session.answer(
            { account, mailbox: options.mailbox, format: options.format, messages: chosen.length, files },
            `${chosen.length} messages in ${output}`,
          )
        })
      }),
    )
}

type Message = { readonly facts: MessageFacts; readonly octets: Buffer }

async function allUids(bottle: RunningBottle, account: string, mailbox: string): Promise<readonly number[]> {
  const uids: number[] = []
  let before: number | undefined
  for (;;) {
    const { messages } = await bottle.ask('mailbox', 'list', {
      account,
      mailbox,
      limit: PAGE,
      ...(before !== undefined && { beforeUid: before }),
    })
    if (messages.length === 0) return uids.sort((a, b) => a - b)
    uids.push(...messages.map(({ uid }) => uid))
    before = Math.min(...messages.map(({ uid }) => uid))
  }
}

async function* readMessages(
  bottle: RunningBottle,
  account: string,
  mailbox: string,
  uids: readonly number[],
): AsyncGenerator<Message> {
  for (const uid of uids) yield await readMessage(bottle, account, mailbox, uid)
}

async function writeEml(directory: string, messages: AsyncIterable<Message>): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files: string[] = []
  for await (const { facts, octets } of messages) {
    const file = path.join(directory, `${String(facts.uid).padStart(8, '0')}.eml`)
    await writeFile(file, octets, { mode: 0o600 })
    files.push(file)
  }
  return files
}

async function writeMbox(file: string, messages: AsyncIterable<Message>): Promise<readonly string[]> {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  const done = finished(stream).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    throw new Failure('file-exists', `Cannot write ${file}: it is there already`, {
      exit: EXIT.usage,
      next: 'name another file with --output',
    })
  })
  const write = async (): Promise<void> => {
    for await (const { facts, octets } of messages) {
      await writeOctets(stream, formatMboxSeparator(facts.sender, facts.receivedAtMs))
      await writeOctets(stream, encodeMboxMessage(octets))
    }
    stream.end()
  }
  await Promise.all([done, write()])
  return [file]
}

/** An address may hold a slash, or begin with dots: neither may choose a directory. */
function fileName(account: string, format: 'eml' | 'mbox'): string {
  const safe = account.replace(/[^A-Za-z0-9@._+-]/g, '_').replace(/^\.+/, '_')
  return format === 'mbox' ? `${safe}.mbox` : safe
}

const PAGE = 500
