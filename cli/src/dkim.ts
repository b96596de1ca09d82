// scop dkim: the keys that sign our mail, and whether they are published.

import { Command } from 'commander'
import { domainArgument } from './names.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

export function dkimCommand(terminal: Terminal): Command {
  return new Command('dkim')
    .description('DKIM keys: keys, publish')
    .addHelpText('after', examples('scop dkim keys', 'scop dkim publish one.example'))
    .addCommand(keys(terminal))
    .addCommand(publish(terminal))
}

function keys(terminal: Terminal): Command {
  return new Command('keys')
    .description('list the public keys; --records prints them as they stand in the zone')
    .argument('[domain]')
    .option('--records', 'print name and TXT record, for a zone that is served elsewhere')
    .addHelpText('after', examples('scop dkim keys', 'scop dkim keys one.example --records'))
    .action(
      act(terminal, async (session, name: string | undefined, options: { readonly records?: true }) => {
        const domain = name === undefined ? undefined : domainArgument(name)
        const answer = await withBottle(session.home, (bottle) => bottle.ask('signer', 'keys', {}))
        const shown = answer.keys.filter((key) => domain === undefined || key.domain === domain)
        const when = (atMs: number | undefined): string => (atMs === undefined ? 'no' : new Date(atMs).toISOString())
        session.answer(
          { keys: shown },
          options.records
            ? shown.map((key) => `${key.name} IN TXT ${quoteTxt(key.record)}`).join('\n')
            : shown.length === 0
              ? `No keys yet: scop dkim publish ${domain ?? 'DOMAIN'}`
              : formatTable(
                  ['DOMAIN', 'SELECTOR', 'ALGORITHM', 'PUBLISHED'],
                  shown.map((key) => [key.domain, key.selector, key.algorithm, when(key.publishedAtMs)]),
                ),
        )
      }),
    )
}

function publish(terminal: Terminal): Command {
  return new Command('publish')
    .description('make the keys of a domain if there are none, and publish them')
    .argument('<domain>')
    .addHelpText('after', examples('scop dkim publish one.example'))
    .action(
      act(terminal, async (session, name: string) => {
        const domain = domainArgument(name)
        const answer = await withBottle(session.home, (bottle) => bottle.ask('signer', 'prepare-domain', { domain }))
        session.answer(
          answer,
          formatTable(
            ['SELECTOR', 'ALGORITHM', 'NAME'],
            answer.keys.map((key) => [key.selector, key.algorithm, key.name]),
          ),
        )
      }),
    )
}

/** Strings of at most 255 octets, quoted. RFC 1035 §5.1 */
export function quoteTxt(text: string): string {
  const strings = text.match(/[^]{1,255}/g) ?? ['']
  return strings.map((string) => `"${string.replace(/["\\]/g, '\\$&')}"`).join(' ')
}
