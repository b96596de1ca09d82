// scop hamlet check: both directions of our reader over a corpus, over archives and directories of messages, or over what
// the generator makes on the spot.

import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Profile } from '@scop/hamlet'
import {
  CheckTally,
  type CheckSummary,
  CORPUS_LIMITS,
  damagedTexts,
  filesUnder,
  isArchive,
  MANIFEST_FILE,
  readCorpus,
  runTasks,
  type Task,
} from '@scop/hamlet/node'
import { Command, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { EXIT, Failure } from './failure.ts'
import { ProgressLine } from './hamlet-progress.ts'
import { interruptible, jobsArgument, numberArgument, peakOctets } from './hamlet-run.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

type Options = {
  readonly count?: string
  readonly seed: string
  readonly profile: Profile
  readonly jobs?: string
  readonly publicKey?: string
}

/** What there is to check. */
type Work = { readonly tasks: readonly Task[]; readonly total: number | undefined; readonly damaged: readonly string[] }

export function checkCommand(terminal: Terminal): Command {
  return new Command('check')
    .description(
      'is each message given back octet for octet, read as it is meant, and the same after writing and reading?',
    )
    .argument(
      '[path]',
      'a corpus, an archive (.tar, .tar.gz, .tar.zst), a directory of messages; default: generated ones',
    )
    .option('--count <n>', 'how many to generate; of an archive: at most so many')
    .option('--seed <n>', 'of the generated ones', '1')
    .addOption(
      new Option('--profile <name>', 'of the generated ones').choices(['grammar', 'realistic']).default('grammar'),
    )
    .option('--jobs <n>', 'threads; default: processors, at most 2')
    .option('--public-key <file>', "whose signature the corpus must have; default: the corpus's own key")
    .addHelpText('after', examples('scop hamlet check million', 'scop hamlet check --count 100000 --seed 7'))
    .action(
      act(terminal, async (session, given: string | undefined, options: Options) => {
        const jobs = jobsArgument(options.jobs)
        const started = performance.now()
        const tally = new CheckTally()
        await interruptible(session, 'nothing was written', async (signal) => {
          const { tasks, total, damaged } = given === undefined ? generated(options) : await stored(given, options)
          for (const mail of damaged) tally.note({ mail, kind: 'damaged', detail: 'not what the manifest says' })
          const progress = new ProgressLine(session, total)
          const take = (result: { kind: string; summary?: CheckSummary }): void => {
            if (result.summary !== undefined) tally.merge(result.summary)
          }
          await runTasks(tasks, take, { jobs, signal, onMails: (mails) => progress.add(mails) }).finally(() =>
            progress.end(),
          )
        })
        const summary = tally.summary()
        const seconds = Math.round((performance.now() - started) / 100) / 10
        const { mails, octets, examples: shown } = summary
        const faults = Object.fromEntries(summary.faults)
        const found = [...summary.faults]
        session.answer(
          { mails, octets, faults, examples: shown, seconds, peakOctets: peakOctets() },
          [
            `${mails} messages of ${octets} octets, ${found.length === 0 ? 'all as they should be' : 'with faults'}; ` +
              `${seconds} s, peak memory ${Math.ceil(peakOctets() / 2 ** 20)} MiB`,
            ...(found.length === 0 ? [] : [formatTable(['FAULT', 'COUNT'], found)]),
            ...(found.length === 0
              ? []
              : [
                  formatTable(
                    ['MESSAGE', 'FAULT', 'WHERE'],
                    shown.map(({ mail, kind, detail }) => [mail, kind, detail]),
                  ),
                ]),
          ].join('\n\n'),
        )
        const count = found.reduce((sum, [, one]) => sum + one, 0)
        if (count > 0) throw new Failure('not-isomorphic', `${count} faults in ${mails} messages`)
        if (mails === 0) throw new Failure('no-messages', 'There was no message to check')
      }),
    )
}

function generated({ count, seed, profile }: Options): Work {
  if (count === undefined) {
    throw new Failure('nothing-given', 'Give a path, or --count', {
      exit: EXIT.usage,
      next: 'scop hamlet check --help',
    })
  }
  const total = numberArgument('--count', count, 1, CORPUS_LIMITS.count)
  const parameters = { seed: numberArgument('--seed', seed, 0, Number.MAX_SAFE_INTEGER), profile }
  const tasks: Task[] = []
  for (let first = 0; first < total; first += BATCH) {
    const check = { from: 'generator', parameters, first, count: Math.min(BATCH, total - first) } as const
    tasks.push({ kind: 'check', check })
  }
  return { tasks, total, damaged: [] }
}

async function stored(given: string, { count, publicKey }: Options): Promise<Work> {
  if ((await stat(path.join(given, MANIFEST_FILE)).catch(() => undefined)) !== undefined) {
    const trusted = publicKey === undefined ? undefined : await readFile(publicKey, 'utf8')
    const { manifest } = await readCorpus(given, trusted)
    const tasks = manifest.shards.map(({ name, sha256, count: mails }): Task => {
      const corpus = { sha256, count: mails }
      return { kind: 'check', check: { from: 'archive', file: path.join(given, name), corpus, limit: undefined } }
    })
    return { tasks, total: manifest.parameters.count, damaged: await damagedTexts(given, manifest) }
  }
  const limit = count === undefined ? undefined : numberArgument('--count', count, 1, CORPUS_LIMITS.count)
  const files = await filesUnder(given)
  const archives = files.filter(isArchive)
  const mails = files.filter((file) => !isArchive(file))
  const tasks = archives.map(
    (file): Task => ({ kind: 'check', check: { from: 'archive', file, corpus: undefined, limit } }),
  )
  for (let first = 0; first < mails.length; first += BATCH) {
    tasks.push({ kind: 'check', check: { from: 'files', files: mails.slice(first, first + BATCH) } })
  }
  return { tasks, total: undefined, damaged: [] }
}

const BATCH = 1000
