// scop init: a new home, with a configuration that explains itself.

import { parseEndpoint, parseForwarder } from '@scop/bottle'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { freePorts, initHome, type Ports } from '@scop/bottle/home'
import { Command, Option } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

type Options = {
  readonly bottle: string
  readonly hostname: string
  readonly address: string
  readonly ports: 'standard' | 'high'
  readonly forward?: readonly string[]
  readonly zone?: readonly string[]
  readonly relayPort?: string
  readonly allowLoopback?: true
}

export function initCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('make a home: bottle.yaml, the authority of the pipes, the secrets')
    .requiredOption('--hostname <name>', 'the name of this mail server, as in MX records')
    .requiredOption('--address <ip>', 'where everything listens, and what the zones say')
    .option('--bottle <name>', 'lower-case name, stands in every certificate of the pipes', 'bottle')
    .addOption(
      new Option('--ports <kind>', 'standard: 465, 587, 25, 53, 3053; high: free ones that need no root')
        .choices(['standard', 'high'])
        .default('standard'),
    )
    .option(
      '--forward <address:port>',
      "a resolver that is asked instead of the root's servers; ADDRESS:853#NAME for one with TLS; may be repeated",
      collect,
    )
    .option('--zone <zone=address:port>', 'a zone with a server of its own; may be repeated', collect)
    .option(
      '--relay-port <port>',
      "the port on which other servers take mail: 25, or with --allow-loopback this one's own",
    )
    .option(
      '--allow-loopback',
      'let mail go to loopback addresses, ask no names of the world: for bottles that talk on one machine',
    )
    .addHelpText(
      'after',
      examples(
        'scop --home /srv/mail init --hostname mx.example.org --address 192.0.2.25 --forward 192.0.2.53:53',
        'scop --home ./try init --bottle try --hostname mx.try.example --address 127.0.0.1 --ports high --allow-loopback',
      ),
    )
    .action(
      act(terminal, async (session, options: Options) => {
        const hostname = parseDomainName(options.hostname)
        if (!hostname.ok) throw usage('--hostname', options.hostname, 'not a domain name')
        const address = parseIpAddress(options.address)
        if (!address.ok) throw usage('--address', options.address, 'not an IP address')
        if (!/^[a-z][a-z0-9-]{0,30}$/.test(options.bottle))
          throw usage('--bottle', options.bottle, 'lower-case letters, digits and hyphens')
        const ports = options.ports === 'high' ? await freePorts([address.value]) : STANDARD
        const made = await initHome(
          session.home,
          {
            bottle: options.bottle,
            hostname: hostname.value,
            address: address.value,
            ports,
            relayPort: relayPort(options, ports),
            allowLoopback: options.allowLoopback ?? false,
            root: options.allowLoopback ? [] : 'iana',
            forward: (options.forward ?? []).map(forwarder),
            zones: Object.fromEntries((options.zone ?? []).map(splitZone)),
          },
          Date.now(),
        )
        if (!made.ok)
          throw new Failure(made.error.kind, `There is a bottle already: ${made.error.file}`, {
            exit: EXIT.configuration,
            next: 'edit that file, or name another directory with --home',
          })
        const { directory, configuration } = made.value
        session.answer(
          { home: directory, configuration, bottle: options.bottle, hostname: hostname.value, ports },
          `Made ${configuration}\nNext: scop --home ${directory} up, then scop --home ${directory} domain add DOMAIN`,
        )
      }),
    )
}

const STANDARD: Ports = { submissions: 465, submission: 587, smtp: 25, dns: 53, resolver: 3053 }

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function splitZone(text: string): [string, string] {
  const [zone, server, ...more] = text.split('=')
  const name = parseDomainName(zone ?? '')
  if (!name.ok || !server || more.length > 0) throw usage('--zone', text, 'expected ZONE=ADDRESS:PORT')
  if (parseEndpoint(server) === undefined) throw usage('--zone', text, 'expected ADDRESS:PORT after the =')
  return [name.value, server]
}

function forwarder(text: string): string {
  if (parseForwarder(text) !== undefined) return text
  throw usage('--forward', text, 'expected ADDRESS:PORT or ADDRESS:PORT#NAME')
}

function relayPort(options: Options, ports: Ports): number {
  if (options.relayPort === undefined) return options.allowLoopback ? ports.smtp : STANDARD.smtp
  const port = Number(options.relayPort)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw usage('--relay-port', options.relayPort, 'expected a number from 1 to 65535')
}

function usage(option: string, given: string, reason: string): Failure {
  return new Failure('bad-option', `Cannot take ${option} "${given}": ${reason}`, { exit: EXIT.usage })
}
