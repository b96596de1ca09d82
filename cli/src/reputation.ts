// scop reputation: what is known of those who send us mail, and every class of events behind each score.

import { createReadStream } from 'node:fs'
import type { Response } from '@scop/bottle'
import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { EXIT, Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { printable } from './printable.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import { type Terminal, writeOctets } from './terminal.ts'

export function reputationCommand(terminal: Terminal): Command {
  return new Command('reputation')
    .description('what is known of senders: show, list, export, import, pardon')
    .addHelpText('after', examples('scop reputation show example.org', 'scop reputation show 192.0.2.7'))
    .addCommand(show(terminal))
    .addCommand(list(terminal))
    .addCommand(export_(terminal))
    .addCommand(import_(terminal))
    .addCommand(pardon(terminal))
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .description('the score of a domain, of the network of an address, or of helo:NAME, and what it is made of')
    .argument('<name>')
    .addHelpText('after', examples('scop reputation show 2001:db8::1', 'scop reputation show helo:mail.example.org'))
    .action(
      act(terminal, async (session, subject: string) => {
        const answer = await withBottle(session.home, (bottle) =>
          bottle.ask('verifier', 'reputation-show', { subject }),
        )
        session.answer(answer, formatStanding(answer))
      }),
    )
}

type Shown = Response<'verifier', 'reputation-show'>

/** The points of the rows sum to the score. */
export function formatStanding({ subject, score, evidence, judgement, ban, contributions, touchedMs }: Shown): string {
  const name = printable(subject)
  if (touchedMs === undefined) return `${name}: nothing is known; neutral`
  const head = [
    `${name}: ${judgement}`,
    `score ${score.toFixed(1)} of ${evidence.toFixed(1)} events; the last at ${timeOf(touchedMs)}`,
  ]
  const rows = contributions.map((one) => [
    one.class,
    one.count.toFixed(1),
    one.weight,
    one.points.toFixed(1),
    one.says,
  ])
  const banned =
    ban === undefined
      ? []
      : [
          `banned (${ban.measure}) from ${timeOf(ban.sinceMs)} until ${timeOf(ban.untilMs)}, for the ${nth(ban.repetition)} time`,
          `because: ${printable(ban.reason)}`,
        ]
  return [...head, formatTable(['CLASS', 'EVENTS', 'WEIGHT', 'POINTS', 'WHAT'], rows), ...banned].join('\n')
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('those with the worst scores, or with --best the best')
    .option('--kind <kind>', 'domain, network or helo')
    .option('--best', 'the best first')
    .option('--limit <count>', 'how many', '50')
    .addHelpText('after', examples('scop reputation list', 'scop reputation list --kind domain --best'))
    .action(
      act(
        terminal,
        async (session, options: { readonly kind?: string; readonly best?: true; readonly limit: string }) => {
          const kind = options.kind === undefined ? undefined : kindArgument(options.kind)
          const limit = Math.min(countArgument('--limit', options.limit, 1), LISTED_AT_MOST)
          const order = options.best ? 'best' : 'worst'
          const answer = await withBottle(session.home, (bottle) =>
            bottle.ask('verifier', 'reputation-list', { order, limit, ...(kind && { kind }) }),
          )
          const rows = answer.standings.map((one) => [
            one.subject,
            one.judgement,
            one.score.toFixed(1),
            one.evidence.toFixed(1),
            one.ban === undefined ? '-' : `${one.ban.measure} until ${timeOf(one.ban.untilMs)}`,
          ])
          session.answer(
            answer,
            rows.length === 0
              ? 'Nothing is known of anybody yet'
              : `${formatTable(['SUBJECT', 'JUDGEMENT', 'SCORE', 'EVENTS', 'BAN'], rows)}\n${rows.length} of ${answer.total}`,
          )
        },
      ),
    )
}

function export_(terminal: Terminal): Command {
  return new Command('export')
    .description('write all that is known to standard output, a line of JSON for each')
    .addHelpText('after', examples('scop reputation export > reputation.jsonl'))
    .action(
      act(terminal, async (session) => {
        await withBottle(session.home, async (bottle) => {
          const { octets } = await bottle.exchange('verifier', 'reputation-export', {})
          for await (const chunk of octets) await writeOctets(session.terminal.output, chunk)
        })
      }),
    )
}

function import_(terminal: Terminal): Command {
  return withBecause(new Command('import'))
    .description('read such lines; each takes the place of what was known of its subject')
    .argument('<file>')
    .addHelpText('after', examples('scop reputation import reputation.jsonl'))
    .action(
      act(terminal, async (session, file: string, options: BecauseOptions) => {
        const request = because(options, `reputation import ${file}`)
        const { response } = await withBottle(session.home, (bottle) =>
          bottle.exchange('verifier', 'reputation-import', request, createReadStream(file)),
        )
        session.answer(response, `${response.subjects} subjects`)
      }),
    )
}

function pardon(terminal: Terminal): Command {
  return withBecause(new Command('pardon'))
    .description('forget all that is known of one, and lift its ban')
    .argument('<name>')
    .addHelpText('after', examples('scop reputation pardon 192.0.2.7 --reason "their server was repaired"'))
    .action(
      act(terminal, async (session, subject: string, options: BecauseOptions) => {
        const request = { subject, ...because(options, `reputation pardon ${subject}`) }
        const answer = await withBottle(session.home, (bottle) => bottle.ask('verifier', 'reputation-pardon', request))
        const name = printable(answer.subject)
        session.answer(answer, answer.known ? `${name}: forgotten` : `${name}: nothing was known`)
      }),
    )
}

function kindArgument(text: string): 'domain' | 'network' | 'helo' {
  if (text === 'domain' || text === 'network' || text === 'helo') return text
  throw new Failure('bad-kind', `There is no kind "${printable(text)}": domain, network or helo`, { exit: EXIT.usage })
}

const timeOf = (ms: number): string => new Date(ms).toISOString()
const nth = (count: number): string => (count === 1 ? 'first' : count === 2 ? 'second' : `${count}th`)
const LISTED_AT_MOST = 1000
