// The two bottles of the self-test: the one that runs here when its configuration lets two talk on one machine,
// or a throwaway one; and always a throwaway second, in a temporary directory, on another loopback address.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { formatEndpoint } from '@scop/bottle'
import { freePorts, homeAt, initHome, type Ports } from '@scop/bottle/home'
import { type DomainName, isLoopback, parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { connectBottle, isRunning, type OpenedHome, openHomeOrFail, type RunningBottle } from './running-bottle.ts'
import { startBottleOrFail } from './up.ts'

export const DOMAINS = {
  one: expectOk(parseDomainName('one.example'), 'read a domain of our own'),
  two: expectOk(parseDomainName('two.example'), 'read a domain of our own'),
} as const
export const ADDRESSES = { one: '127.0.0.1', two: '127.0.0.2' } as const

export type Side = {
  readonly name: 'one' | 'two'
  readonly domain: DomainName
  readonly bottle: RunningBottle
  /** Made for this test and removed with everything in it. */
  readonly throwaway: boolean
  /** Closes our pipes; ends and removes the bottle if it is a throwaway one. */
  end(): Promise<void>
}

export type Plan =
  | { readonly kind: 'running'; readonly opened: OpenedHome; readonly domain: DomainName; readonly ports: Ports }
  | { readonly kind: 'throwaway'; readonly reason: string; readonly ports: Ports }

/** Whether the bottle in `directory` can take part, and why not. */
export async function planBottles(directory: string | undefined): Promise<Plan> {
  const opened = directory === undefined ? undefined : await openHomeOrFail(directory).catch(() => undefined)
  const throwaway = async (reason: string): Promise<Plan> => {
    return { kind: 'throwaway', reason, ports: await freePorts(Object.values(ADDRESSES)) }
  }
  if (opened === undefined) return throwaway('there is no bottle here')
  if (!(await isRunning(opened.home))) return throwaway('the bottle here is not running')
  const { listen, relay, resolver } = opened.configuration
  if (!relay['allow-loopback']) return throwaway('the configuration of the bottle here does not allow loopback')
  const addresses = Object.values(listen).flatMap((endpoint) => endpoint?.address ?? [])
  if (!addresses.every((address) => isLoopback(address) && address !== ADDRESSES.two))
    return throwaway('the bottle here listens on more than its own loopback address')
  if (relay.port !== listen.smtp.port)
    return throwaway('the relay of the bottle here uses another port than its receiver')
  const servers = resolver.zones[DOMAINS.two]?.map(formatEndpoint) ?? []
  if (!servers.includes(`${ADDRESSES.two}:${listen.dns.port}`))
    return throwaway(
      `resolver.zones of the bottle here does not name ${DOMAINS.two} at ${ADDRESSES.two}:${listen.dns.port}`,
    )
  const bottle = await connectBottle(opened)
  const { domains } = await bottle.ask('directory', 'list-domains', {})
  await bottle.close()
  const domain = parseDomainName(domains[0] ?? '')
  if (!domain.ok) return throwaway('the bottle here has no domain yet')
  const ports = {
    submissions: listen.submissions.port,
    submission: listen.submission.port,
    smtp: listen.smtp.port,
    dns: listen.dns.port,
    resolver: listen.resolver?.port ?? (await freePorts([ADDRESSES.two])).resolver,
  }
  return { kind: 'running', opened, domain: domain.value, ports }
}

/** The first side: the running bottle's, or a new one. */
export async function openFirst(plan: Plan, onProgress: (service: string, state: string) => void): Promise<Side> {
  if (plan.kind === 'throwaway') {
    const zones = { [DOMAINS.two]: `${ADDRESSES.two}:${plan.ports.dns}` }
    return startThrowaway('one', DOMAINS.one, zones, plan.ports, onProgress)
  }
  const bottle = await connectBottle(plan.opened)
  return { name: 'one', domain: plan.domain, bottle, throwaway: false, end: () => bottle.close() }
}

/**
 * The second side, which finds the first's domain at the first's name server. Its own domain is a new one at each run: a
 * running first bottle may still hold what the DNS said of the second of the run before, its keys too.
 */
export function openSecond(plan: Plan, one: Side, onProgress: (service: string, state: string) => void): Promise<Side> {
  const zones = { [one.domain]: formatEndpoint(one.bottle.configuration.listen.dns) }
  const domain = parseDomainName(`t${randomBytes(4).toString('hex')}.${DOMAINS.two}`)
  return startThrowaway('two', expectOk(domain, 'read a domain of our own'), zones, plan.ports, onProgress)
}

/** A new bottle, without a domain yet. */
async function startThrowaway(
  name: 'one' | 'two',
  domain: DomainName,
  zones: Readonly<Record<string, string>>,
  ports: Ports,
  onProgress: (service: string, state: string) => void,
): Promise<Side> {
  const directory = await mkdtemp(path.join(tmpdir(), `scop-${name}-`))
  const choices = {
    bottle: name,
    hostname: `mx.${domain}`,
    address: ADDRESSES[name],
    ports,
    relayPort: ports.smtp,
    allowLoopback: true,
    root: [],
    forward: [],
    zones,
  }
  try {
    const home = expectOk(await initHome(directory, choices, Date.now()), 'make a home in a fresh directory')
    const running = await startBottleOrFail(await openHomeOrFail(directory), onProgress)
    const bottle = await connectBottle(await openHomeOrFail(directory))
    const end = async (): Promise<void> => {
      await bottle.close()
      await running.stop()
      await rm(home.run, { recursive: true, force: true })
      await rm(directory, { recursive: true, force: true })
    }
    return { name, domain, bottle, throwaway: true, end }
  } catch (error) {
    await rm(homeAt(directory).run, { recursive: true, force: true })
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}
