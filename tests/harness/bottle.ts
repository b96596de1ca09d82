// A bottle for measuring and breaking: one domain, one account, on loopback, in a directory of its own.

import { randomInt } from 'node:crypto'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  freePorts,
  type Home,
  initHome,
  operatorCalls,
  openHome,
  type Ports,
  type RunningBottle,
  startBottle,
} from '@scop/bottle/home'
import type { Calls } from '@scop/bottle/node'
import type { Configuration } from '@scop/bottle'
import { editConfiguration } from '@scop/bottle/configuration'
import { expectOk } from '@scop/result'

export type TestBottle = {
  readonly home: Home
  readonly running: RunningBottle
  readonly configuration: Configuration
  readonly calls: Calls
  readonly account: string
  readonly password: string
  /** Stops the bottle and closes the pipes; the home stays for whoever wants to look. */
  stop(): Promise<void>
}

/** Makes and starts a bottle with `domain` and the account `name@domain`. */
export async function startTestBottle(options: {
  readonly domain: string
  readonly name: string
  /** Default: a loopback address that no other bottle of this machine is likely to have. */
  readonly address?: string
  readonly directory?: string
  /** Default: free ones. */
  readonly ports?: Ports
  /** Zones of strangers, each with its records in zone-file form. */
  readonly zones?: Readonly<Record<string, string>>
  /** What is changed in bottle.yaml, by path, before the start. */
  readonly settings?: readonly (readonly [path: readonly string[], value: unknown])[]
}): Promise<TestBottle> {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'scop-')))
  const address = options.address ?? loopbackAddress()
  const ports = options.ports ?? (await freePorts([address]))
  const hostname = `mx.${options.domain}`
  const choices = {
    bottle: 'bench',
    hostname,
    address,
    ports,
    relayPort: ports.smtp,
    allowLoopback: true,
    root: [] as const,
    forward: [],
    zones: {},
  }
  const home = expectOk(await initHome(directory, choices, Date.now()), 'make a home')
  for (const [at, value] of options.settings ?? []) {
    const before = await readFile(home.configuration, 'utf8')
    await writeFile(home.configuration, editConfiguration(before, at, value))
  }
  const { configuration } = expectOk(await openHome(directory), 'read the configuration')
  const main = createRequire(import.meta.url).resolve('@scop/service-supervisor/main')
  const running = expectOk(await startBottle(home, { main }), 'start the bottle')
  const calls = await operatorCalls(home)
  const [account, password] = [`${options.name}@${options.domain}`, 'correct horse battery staple']
  const because = { author: 'bench', reason: 'a domain to measure with' }
  const trace = '0000000000000000'
  expectOk(
    await calls.call('directory', 'add-domain', { domain: options.domain, ...because }, { trace }),
    'add the domain',
  )
  expectOk(
    await calls.call('directory', 'add-account', { account, password, ...because }, { trace }),
    'add the account',
  )
  const text =
    `$ORIGIN ${options.domain}.\n$TTL 300\n@ SOA ${hostname}. hostmaster 1 3600 600 86400 300\n` +
    `@ NS ${hostname}.\n@ MX 10 ${hostname}.\nmx A ${address}\n`
  expectOk(
    await calls.call('dns-primary', 'add-zone', { zone: options.domain, text, ...because }, { trace }),
    'add the zone',
  )
  // Strangers in tests have names that nobody may have (RFC 2606): here it is known of each that it does not exist.
  for (const zone of [...NOBODYS, ...Object.keys(options.zones ?? {})]) {
    const text = options.zones?.[zone] ?? ''
    const soa = `$ORIGIN ${zone}.\n$TTL 300\n@ SOA ${hostname}. hostmaster.${zone}. 1 3600 600 86400 300\n@ NS ${hostname}.\n`
    expectOk(
      await calls.call('dns-primary', 'add-zone', { zone, text: `${soa}${text}`, ...because }, { trace }),
      `add the zone ${zone}`,
    )
  }
  expectOk(await calls.call('dns-resolver', 'reload-zones', {}, { trace }), 'tell the resolver')
  expectOk(await calls.call('signer', 'prepare-domain', { domain: options.domain }, { trace }), 'make the keys')
  return {
    home,
    running,
    configuration,
    calls,
    account,
    password,
    stop: async () => {
      await calls.close()
      await running.stop()
    },
  }
}

const NOBODYS = ['example', 'invalid', 'test'] as const

function loopbackAddress(): string {
  const [second, third, fourth] = [randomInt(16, 250), randomInt(256), randomInt(1, 255)]
  return `127.${second}.${third}.${fourth}`
}
