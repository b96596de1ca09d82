// scop hamlet verify: another reader of mail over a corpus or any messages, and where it differs from what they mean.

import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  compareMails,
  filesUnder,
  isArchive,
  mailsOfArchive,
  mailsOfFiles,
  MANIFEST_FILE,
  openParser,
  PARSER_NAMES,
  ParserMissing,
  type ParserName,
  readCorpus,
  type StoredMail,
} from '@scop/hamlet/node'
import { Command, Option } from 'commander'
import { Failure } from './failure.ts'
import { ProgressLine } from './hamlet-progress.ts'
import { interruptible, numberArgument } from './hamlet-run.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

type Options = {
  readonly parser: ParserName
  readonly examples: string
  readonly count?: string
}

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .description('a reader of mail over a corpus, or over messages compared with our reading: differences by kind')
    .argument('<path>', 'a corpus, an archive, a directory of messages')
    .addOption(
      new Option('--parser <name>', 'which one; "ours" only against a corpus')
        .choices(PARSER_NAMES)
        .makeOptionMandatory(),
    )
    .option('--examples <n>', 'how many to show of each kind', '2')
    .option('--count <n>', 'at most so many messages')
    .addHelpText(
      'after',
      examples('scop hamlet verify corpus --parser python', 'scop hamlet verify mails --parser mailparser'),
    )
    .action(
      act(terminal, async (session, given: string, options: Options) => {
        const perKind = numberArgument('--examples', options.examples, 0, 1000)
        const limit =
          options.count === undefined ? Number.MAX_SAFE_INTEGER : numberArgument('--count', options.count, 1, 1e9)
        const parser = await openParser(options.parser).catch((error: unknown) => {
          if (!(error instanceof ParserMissing)) throw error
          throw new Failure('no-parser', error.message, { next: error.install })
        })
        const progress = new ProgressLine(session, undefined)
        const onMails = (mails: number): void => progress.add(mails)
        const comparison = await interruptible(session, 'nothing was written', async (signal) => {
          try {
            return await compareMails(parser, mailsUnder(given), { examples: perKind, limit, signal, onMails })
          } finally {
            progress.end()
            await parser.close()
          }
        })
        const { mails, same, unexpected } = comparison
        const counts = [...comparison.counts].filter(([kind]) => parser.tells.has(kind))
        const found = counts.filter(([, count]) => count > 0)
        session.answer(
          {
            parser: parser.name,
            version: parser.version,
            mails,
            same,
            differences: Object.fromEntries(counts),
            examples: comparison.examples,
            unexpected,
          },
          [
            `${parser.name} ${parser.version}: ${same} of ${mails} messages read the same`,
            ...(found.length === 0 ? [] : [formatTable(['DIFFERENCE', 'MESSAGES'], found)]),
            ...(comparison.examples.length === 0
              ? []
              : [
                  formatTable(
                    ['MESSAGE', 'DIFFERENCE', 'EXPECTED', 'READ'],
                    comparison.examples.map((one) => [one.mail, one.kind, one.expected, one.read]),
                  ),
                ]),
            ...unexpected.slice(0, perKind).map(({ mail, detail }) => `our own reading of ${mail}: ${detail}`),
          ].join('\n\n'),
        )
        if (mails === 0) throw new Failure('no-messages', 'There was no message to read')
        if (unexpected.length > 0)
          throw new Failure('unexpected', `We read ${unexpected.length} messages otherwise than they mean`)
        if (same < mails) throw new Failure('different', `${mails - same} of ${mails} messages are read otherwise`)
      }),
    )
}

async function* mailsUnder(given: string): AsyncGenerator<StoredMail> {
  if ((await stat(path.join(given, MANIFEST_FILE)).catch(() => undefined)) !== undefined) {
    const { manifest } = await readCorpus(given)
    for (const { name } of manifest.shards) yield* mailsOfArchive(path.join(given, name))
    return
  }
  const files = await filesUnder(given)
  for (const file of files.filter(isArchive)) yield* mailsOfArchive(file)
  yield* mailsOfFiles(files.filter((file) => !isArchive(file)))
}
