// scop dns: names, ours and the world's: one file for each of its commands.

import { Command } from 'commander'
import { dnsCheckCommand } from './dns-check.ts'
import { dnsKeyCommand } from './dns-key.ts'
import { dnsQueryCommand } from './dns-query.ts'
import { dnsZoneCommand } from './dns-zone.ts'
import { examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function dnsCommand(terminal: Terminal): Command {
  const group = new Command('dns')
    .description('names: zones and their keys, questions to the resolver, what is wrong with a domain')
    .addHelpText('after', examples('scop dns query one.example MX --trace', 'scop dns check one.example'))
  for (const make of COMMANDS) group.addCommand(make(terminal))
  return group
}

const COMMANDS: readonly ((terminal: Terminal) => Command)[] = [
  dnsQueryCommand,
  dnsCheckCommand,
  dnsZoneCommand,
  dnsKeyCommand,
]
