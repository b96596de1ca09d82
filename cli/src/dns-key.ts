// scop dns key: the DNSSEC keys of our zones: their states and what happens next, rollovers, the DS for the parent.
// RFC 7583 §3 (states), RFC 4034 §5 (DS), RFC 6781 §4 (rollovers)

import type { Response } from '@scop/bottle'
import { Command, Option } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { EXIT, Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'
import { zoneArgument } from './zone-file-input.ts'

type Key = Response<'dns-primary', 'list-keys'>['keys'][number]

export function dnsKeyCommand(terminal: Terminal): Command {
  const group = new Command('key')
    .description('DNSSEC keys: list, rollover, ds')
    .addHelpText('after', examples('scop dns key list', 'scop dns key ds one.example'))
  for (const make of [list, rollover, ds]) group.addCommand(make(terminal))
  return group
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list keys: what the world knows of each part, since when, and what happens next')
    .argument('[zone]')
    .addHelpText(
      'after',
      `${examples('scop dns key list', 'scop dns key list one.example --json')}

States: hidden (nobody has it), rumoured (some may have it), omnipresent (all have it), unretentive (some may still have
it). Parts: the DNSKEY record, the signatures over the zone, those over the keys, the DS in the parent.`,
    )
    .action(
      act(terminal, async (session, name: string | undefined) => {
        const zone = name === undefined ? undefined : zoneArgument(name).zone
        const { keys } = await withBottle(session.home, (bottle) =>
          bottle.ask('dns-primary', 'list-keys', zone === undefined ? {} : { zone }),
        )
        session.answer({ keys }, keys.length === 0 ? 'No keys' : formatKeys(keys))
      }),
    )
}

function rollover(terminal: Terminal): Command {
  return withBecause(new Command('rollover'))
    .description('begin to replace keys; each step waits until the world has seen the one before')
    .argument('<zone>')
    .addOption(
      new Option('--role <role>', 'which keys; all: as the policy has them')
        .choices(['csk', 'ksk', 'zsk', 'all'])
        .default('all'),
    )
    .option('--algorithm <number>', 'replace all keys by keys of this algorithm: 8, 13 or 15')
    .addHelpText(
      'after',
      `${examples('scop dns key rollover one.example --role zsk', 'scop dns key rollover one.example --algorithm 15')}

A new KSK or CSK needs the parent: it takes CDS by itself, or the DS of "scop dns key ds" is for its registrar's form.`,
    )
    .action(
      act(
        terminal,
        async (
          session,
          name: string,
          options: BecauseOptions & { readonly role: 'csk' | 'ksk' | 'zsk' | 'all'; readonly algorithm?: string },
        ) => {
          const { zone } = zoneArgument(name)
          const algorithm =
            options.algorithm === undefined ? undefined : countArgument('--algorithm', options.algorithm, 1)
          const request = {
            zone,
            role: options.role,
            ...(algorithm !== undefined && { algorithm }),
            ...because(options, `dns key rollover ${zone}`),
          }
          const { started } = await withBottle(session.home, (bottle) =>
            bottle.ask('dns-primary', 'roll-key', request, ROLL_MS),
          )
          session.answer({ zone, started }, `${formatKeys(started)}\n${describeNext(zone, started)}`)
        },
      ),
    )
}

type DsOptions = BecauseOptions & {
  readonly digest?: readonly string[]
  readonly published?: string
  readonly withdrawn?: string
}

function ds(terminal: Terminal): Command {
  return withBecause(new Command('ds'))
    .description('print the DS records that the parent should have; or say that it has one, or has one no more')
    .argument('<zone>')
    .option('--digest <type>', '2: SHA-256, 4: SHA-384; may be repeated; default 2', collect)
    .option('--published <tag>', 'the parent has the DS of this key: where we cannot ask it ourselves')
    .option('--withdrawn <tag>', 'the parent has the DS of this key no more')
    .addHelpText(
      'after',
      examples(
        'scop dns key ds one.example',
        'scop dns key ds one.example --digest 2 --digest 4',
        'scop dns key ds one.example --published 27611',
      ),
    )
    .action(
      act(terminal, async (session, name: string, options: DsOptions) => {
        const { zone } = zoneArgument(name)
        const digestTypes = (options.digest ?? ['2']).map((text) => digestArgument(text))
        const said = options.published ?? options.withdrawn
        if (options.published !== undefined && options.withdrawn !== undefined)
          throw new Failure('bad-options', 'Cannot take --published and --withdrawn at once', { exit: EXIT.usage })
        await withBottle(session.home, async (bottle) => {
          if (said !== undefined) {
            const option = options.published === undefined ? '--withdrawn' : '--published'
            const { key } = await bottle.ask('dns-primary', 'confirm-ds', {
              zone,
              keyTag: countArgument(option, said),
              state: options.published === undefined ? 'withdrawn' : 'published',
              ...because(options, `dns key ds ${zone} ${option} ${said}`),
            })
            return session.answer({ zone, key }, formatKeys([key]))
          }
          const answer = await bottle.ask('dns-primary', 'zone-ds', { zone, digestTypes })
          const { wanted, parent } = answer
          const tags = parent?.keyTags.join(' ') ?? ''
          const seen =
            parent === undefined
              ? 'the parent has not been asked'
              : `the parent had ${tags === '' ? 'no DS' : tags} at ${new Date(parent.askedAtMs).toISOString()}${parent.failure === undefined ? '' : `; since then: ${parent.failure}`}`
          session.answer(
            { zone, ...answer },
            wanted.length === 0
              ? `${zone} needs no DS`
              : `${wanted.map(({ record, ready }) => `${record}${ready ? '' : ' ; not yet: scop dns key list'}`).join('\n')}\n; ${seen}`,
          )
        })
      }),
    )
}

/** What the operator of a zone has to do after a rollover has begun. */
export function describeNext(zone: string, started: readonly Pick<Key, 'goal' | 'states'>[]): string {
  const needsParent = started.some(({ goal, states }) => goal === 'present' && states.some(({ part }) => part === 'ds'))
  const lines = needsParent
    ? [
        `Now: nothing. Leave the DS at the parent as it is.`,
        `Later, when "scop dns key list ${zone}" waits for the parent: a parent that reads CDS changes the DS by itself;`,
        `else replace it at the registrar by what "scop dns key ds ${zone}" prints without "not yet".`,
      ]
    : ['Nothing is to be done at the registrar: its DS stays as it is.', `How it goes on: scop dns key list ${zone}`]
  return lines.join('\n')
}

function formatKeys(keys: readonly Key[]): string {
  const [date, state] = [
    (ms: number): string => new Date(ms).toISOString().slice(0, 19),
    (key: Key, part: Key['states'][number]['part']): string =>
      key.states.find((one) => one.part === part)?.state ?? '-',
  ]
  return formatTable(
    ['ZONE', 'TAG', 'ALG', 'ROLE', 'GOAL', 'DNSKEY', 'ZONE SIGS', 'KEY SIGS', 'DS', 'NEXT'],
    keys.map((key) => [
      key.zone,
      key.keyTag,
      key.algorithm,
      key.role,
      key.goal === 'present' ? 'in use' : 'to go',
      state(key, 'dnskey'),
      state(key, 'zrrsig'),
      state(key, 'krrsig'),
      state(key, 'ds'),
      key.next === undefined ? '' : `${key.next.atMs === undefined ? '' : `${date(key.next.atMs)} `}${key.next.what}`,
    ]),
  )
}

function digestArgument(text: string): number {
  if (text === '2' || text === '4') return Number(text)
  throw new Failure('bad-digest', `Cannot take --digest "${text}": 2 or 4`, { exit: EXIT.usage })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

const ROLL_MS = 120_000
