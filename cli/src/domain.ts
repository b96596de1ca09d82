// scop domain: a domain is ours when the directory knows it, its zone is served, and its keys are published.

import { type DomainName, parseDomainName, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { domainArgument } from './names.ts'
import { type RunningBottle, withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'
import { tellResolver } from './tell-resolver.ts'
import { formatMailZone } from './zone-text.ts'

export function domainCommand(terminal: Terminal): Command {
  return new Command('domain')
    .description('domains: add, list, remove')
    .addHelpText('after', examples('scop domain add one.example', 'scop domain list'))
    .addCommand(add(terminal))
    .addCommand(list(terminal))
    .addCommand(remove(terminal))
}

export type AddedDomain = {
  readonly domain: string
  /** What was new; the rest was there. */
  readonly added: readonly ('domain' | 'zone')[]
  readonly keys: readonly {
    readonly selector: string
    readonly algorithm: string
    readonly name: string
    readonly record: string
  }[]
}

/** Makes `domain` ours: what is there already is left as it is. */
export async function addDomain(
  bottle: RunningBottle,
  domain: DomainName,
  why: { readonly author: string; readonly reason: string },
): Promise<AddedDomain> {
  const added = await addDomainAndZone(bottle, domain, why)
  const { keys } = await bottle.ask('signer', 'prepare-domain', { domain })
  return { domain, added, keys }
}

/** The first part of `addDomain`: the zone has no keys in it yet. */
export async function addDomainAndZone(
  bottle: RunningBottle,
  domain: DomainName,
  why: { readonly author: string; readonly reason: string },
): Promise<AddedDomain['added']> {
  const added: ('domain' | 'zone')[] = []
  const { domains } = await bottle.ask('directory', 'list-domains', {})
  if (!domains.includes(domain)) {
    await bottle.ask('directory', 'add-domain', { domain, ...why })
    added.push('domain')
  }
  const { zones } = await bottle.ask('dns-primary', 'list-zones', {})
  if (!zones.some(({ zone }) => zone.replace(/\.$/, '').toLowerCase() === domain)) {
    const { hostname, 'public-address': address } = bottle.configuration
    const text = formatMailZone({
      domain,
      hostname: expectOk(parseDomainName(hostname), 'read the hostname of a checked configuration'),
      address: expectOk(parseIpAddress(address), 'read the address of a checked configuration'),
    })
    await bottle.ask('dns-primary', 'add-zone', { zone: domain, text, ...why })
    added.push('zone')
    await tellResolver(bottle)
  }
  return added
}

function add(terminal: Terminal): Command {
  return withBecause(new Command('add'))
    .description('take mail for a domain: directory, zone (SOA, NS, MX, SPF, DMARC) and published DKIM keys')
    .argument('<domain>')
    .addHelpText(
      'after',
      `${examples('scop domain add one.example', 'scop domain add bücher.example --reason "new shop"')}

For the world to find it, the parent zone must delegate the domain to this bottle's hostname.`,
    )
    .action(
      act(terminal, async (session, name: string, options: BecauseOptions) => {
        const domain = domainArgument(name)
        await withBottle(session.home, async (bottle) => {
          const done = await addDomain(bottle, domain, because(options, `domain add ${domain}`))
          const new_ = done.added.length === 0 ? 'was there already' : `added: ${done.added.join(' and ')}`
          session.answer(
            done,
            `${domain} ${new_}\nPublished DKIM keys:\n${formatTable(
              ['SELECTOR', 'ALGORITHM', 'NAME'],
              done.keys.map((key) => [key.selector, key.algorithm, key.name]),
            )}\nNext: scop user add NAME@${domain}`,
          )
        })
      }),
    )
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list domains with their zones')
    .addHelpText('after', examples('scop domain list', 'scop domain list --json'))
    .action(
      act(terminal, async (session) => {
        const domains = await withBottle(session.home, async (bottle) => {
          const names = (await bottle.ask('directory', 'list-domains', {})).domains
          const { zones } = await bottle.ask('dns-primary', 'list-zones', {})
          return names.map((domain) => {
            const zone = zones.find((one) => one.zone.replace(/\.$/, '').toLowerCase() === domain)
            return { domain, ...(zone && { zone: { serial: zone.serial, records: zone.records } }) }
          })
        })
        session.answer(
          { domains },
          domains.length === 0
            ? 'No domains yet: scop domain add DOMAIN'
            : formatTable(
                ['DOMAIN', 'ZONE SERIAL', 'RECORDS'],
                domains.map(({ domain, zone }) => [domain, zone?.serial ?? 'served elsewhere', zone?.records ?? '']),
              ),
        )
      }),
    )
}

function remove(terminal: Terminal): Command {
  return withBecause(new Command('remove'))
    .description('stop taking mail for a domain, and remove its zone unless --keep-zone is given')
    .argument('<domain>')
    .option('--keep-zone', 'go on answering for its names')
    .addHelpText('after', examples('scop domain remove one.example --reason "sold"'))
    .action(
      act(terminal, async (session, name: string, options: BecauseOptions & { readonly keepZone?: true }) => {
        const domain = domainArgument(name)
        await withBottle(session.home, async (bottle) => {
          const why = because(options, `domain remove ${domain}`)
          const { commit } = await bottle.ask('directory', 'remove-domain', { domain, ...why })
          const zone = options.keepZone
            ? { removed: false }
            : await bottle.ask('dns-primary', 'remove-zone', { zone: domain, ...why })
          if (zone.removed) await tellResolver(bottle)
          session.answer(
            { domain, commit, zoneRemoved: zone.removed },
            `Removed ${domain}; its zone ${zone.removed ? 'is removed' : 'is not touched'}`,
          )
        })
      }),
    )
}
