// scop hamlet generate: a corpus in a directory, by threads, resumable, signed.

import path from 'node:path'
import { GENERATOR_VERSION, type Profile } from '@scop/hamlet'
import { CORPUS_LIMITS, type CorpusParameters, generateCorpus, signingKey } from '@scop/hamlet/node'
import { Command, Option } from 'commander'
import { ProgressLine } from './hamlet-progress.ts'
import { interruptible, jobsArgument, numberArgument, peakOctets } from './hamlet-run.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

type Options = {
  readonly count: string
  readonly seed: string
  readonly out: string
  readonly profile: Profile
  readonly shardSize: string
  readonly jobs?: string
  readonly key?: string
}

export function generateCommand(terminal: Terminal): Command {
  return new Command('generate')
    .description('a corpus: shards of messages with their expected forms, coverage, a signed manifest')
    .requiredOption('--count <n>', 'how many messages')
    .requiredOption('--out <dir>', 'where to; what an interrupted run with the same parameters left there is kept')
    .option('--seed <n>', 'decides every octet', '1')
    .addOption(
      new Option('--profile <name>', 'grammar: every production; realistic: as mail is')
        .choices(PROFILES)
        .default('grammar'),
    )
    .option('--shard-size <n>', 'messages in each shard', '10000')
    .option('--jobs <n>', 'threads; default: processors, at most 2')
    .option('--key <file>', 'private Ed25519 key in PEM; default: hamlet-key.pem in the home, made if it is not there')
    .addHelpText('after', examples('scop hamlet generate --count 1000000 --seed 1 --out million'))
    .action(
      act(terminal, async (session, options: Options) => {
        const parameters: CorpusParameters = {
          generator: GENERATOR_VERSION,
          profile: options.profile,
          seed: numberArgument('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER),
          count: numberArgument('--count', options.count, 1, CORPUS_LIMITS.count),
          shardSize: numberArgument('--shard-size', options.shardSize, 1, CORPUS_LIMITS.shardSize),
        }
        const jobs = jobsArgument(options.jobs)
        const started = performance.now()
        const progress = new ProgressLine(session, parameters.count)
        const { manifest, manifestSha256, kept } = await interruptible(
          session,
          'the same command goes on where it was',
          async (signal) => {
            const keyFile = options.key ?? path.join(session.home, 'hamlet-key.pem')
            const key = await signingKey(keyFile, options.key === undefined)
            const onMails = (mails: number): void => progress.add(mails)
            return generateCorpus({ directory: options.out, parameters, key, jobs, signal, onMails })
          },
        ).finally(() => progress.end())
        const { total } = manifest
        const seconds = Math.round((performance.now() - started) / 100) / 10
        const report = { ...total, kept, manifestSha256, seconds, peakOctets: peakOctets() }
        session.answer(
          report,
          `${total.mails} messages of ${total.mailOctets} octets in ${total.shards} shards of ${total.octets} octets` +
            `${kept > 0 ? `, ${kept} from before` : ''}\nSHA-256 of the manifest: ${manifestSha256}\n` +
            `${seconds} s, peak memory ${Math.ceil(report.peakOctets / 2 ** 20)} MiB`,
        )
      }),
    )
}

const PROFILES = ['grammar', 'realistic'] as const
