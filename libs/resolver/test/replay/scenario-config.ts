// The configuration of a scenario as ours: Unbound's words, and those that Deckard writes without a section.
// What asks for a feature that this resolver does not have makes the scenario another's.

import { type Name, parseName, parseRecords, RCODE, type ResourceRecord, ROOT } from '@scop/dns'
import { type AddressPrefix, isLoopback, parseAddressPrefix, parseIpAddress } from '@scop/identifiers'
import {
  type ForwardZone,
  type NamedServer,
  RESOLVER_CONFIG,
  RESOLVER_LIMITS,
  type ResolverConfig,
  ROOT_HINTS,
  type ServerAddress,
  type StubZone,
} from '../../src/index.ts'
import { expand } from './macros.ts'
import type { Entry, Scenario, Setting, Step } from './scenario.ts'

export type ScenarioSetup =
  | {
      readonly kind: 'setup'
      readonly config: ResolverConfig
      /** Signatures that cannot be made any more always count as good. */
      readonly fakeSha1: boolean
      readonly fakeDsa: boolean
      readonly keepaliveDeciseconds: number | undefined
      readonly access: readonly AccessRule[]
      /** Seconds since 1970 at which the scenario's clock begins. */
      readonly startSeconds: number
      /** Only what a validator adds is compared: all is asked of one server, which knows all answers. */
      readonly validatorAlone: boolean
    }
  | { readonly kind: 'foreign'; readonly feature: string }

export type AccessRule = { readonly prefix: AddressPrefix; readonly verdict: string }

export function setUp(scenario: Scenario): ScenarioSetup {
  const feature = foreignFeature(scenario.config) ?? foreignAnswer(scenario)
  if (feature !== undefined) return { kind: 'foreign', feature }
  const server = scenario.config.filter(({ section }) => section === 'server')
  const all = (key: string): readonly string[] =>
    server.filter((setting) => setting.key === key).map(({ values }) => values.join(' '))
  const last = (key: string): string | undefined => all(key).at(-1)
  const flag = (key: string, normally: boolean): boolean => {
    const value = last(key)?.toLowerCase()
    return value === undefined ? normally : value === 'yes' || value === 'on' || value === 'true'
  }
  const number = (key: string, normally: number): number => {
    const value = last(key)
    return value === undefined ? normally : Number.parseInt(value, 10)
  }
  const zones = instancesOf(scenario.config, 'stub-zone').map(readZone)
  const rootStub = zones.find(({ zone }) => zone.octets.length === 1)
  const bareStubs = all('stub-addr').map(addressOf)
  const isNamed = scenario.dialect !== 'deckard' || zones.length + bareStubs.length > 0
  const namedForwards = all('forward-addr').map(addressOf)
  const bareForwards = isNamed || namedForwards.length > 0 ? namedForwards : onlyServers(scenario)
  const roots = [...(rootStub?.addresses ?? []), ...bareStubs]
  const hintFiles = [...scenario.files]
    .filter(([file]) => /hint/i.test(file))
    .flatMap(([, lines]) => lines.map((line) => /\sA\s+(\S+)/.exec(line)?.[1]))
    .flatMap((text) => (text === undefined ? [] : [addressOf(text)]))
  const hints: readonly NamedServer[] =
    roots.length > 0 || rootStub !== undefined
      ? [{ name: rootStub?.names[0], addresses: roots }]
      : hintFiles.length > 0
        ? [{ name: undefined, addresses: hintFiles }]
        : ROOT_HINTS
  const deckard = scenario.dialect === 'deckard'
  const validatorAlone = isForValidatorAlone(scenario)
  const modules = last('module-config')
  const managed = [...scenario.autotrust].map(([id, lines]) => ({
    zone: nameOf(id),
    text: lines.map((line) => `${expand(line, BEGINNING)}\n`).join(''),
  }))
  const override = last('val-override-date') ?? last('val-override-timestamp')
  const overrideSeconds = override === undefined ? undefined : timeOf(override)
  const { validation, ttl } = RESOLVER_CONFIG
  const config: ResolverConfig = {
    ...RESOLVER_CONFIG,
    hints,
    stubs: zones.filter((zone) => zone !== rootStub),
    forwards: [
      ...(validatorAlone ? [{ ...readZone([]), addresses: [addressOf(UPSTREAM)] }] : []),
      ...instancesOf(scenario.config, 'forward-zone').map(readZone),
      ...(bareForwards.length > 0 ? [{ ...readZone([]), addresses: bareForwards }] : []),
    ],
    ipv4: flag('do-ip4', true),
    ipv6: flag('do-ip6', true),
    // As Unbound and as Knot Resolver do, for which each dialect's scenarios were recorded.
    minimisedType: deckard ? 'NS' : 'A',
    hideType: !deckard,
    minimise:
      flag('qname-minimisation', true) && flag('query-minimization', true)
        ? flag('qname-minimisation-strict', false)
          ? 'strict'
          : 'relaxed'
        : 'no',
    mixedCase: false,
    cookies: false,
    addressesAhead: (last('target-fetch-policy') ?? '0 0 0 0 0')
      .trim()
      .split(/\s+/)
      .map(Number)
      .map((ahead) => (ahead < 0 ? 20 : ahead)),
    minimalResponses: flag('minimal-responses', !validatorAlone),
    refuseUnaskedNs: flag('iter-scrub-promiscuous', !validatorAlone),
    // Unbound asks again behind an alias; Knot Resolver, for which Deckard's scenarios were recorded, does not.
    takeAliasTargets: deckard,
    addressesAlone: flag('harden-unknown-additional', true),
    nxdomainCut: flag('harden-below-nxdomain', true) ? 'secure' : 'no',
    privateAddresses: all('private-address').map(prefixOf),
    privateNames: all('private-domain').map(nameOf),
    unaskedAddresses: [
      ...all('do-not-query-address').map(prefixOf),
      ...(flag('do-not-query-localhost', !bareStubs.some(({ address }) => isLoopback(address)))
        ? ['127.0.0.0/8', '::1'].map(prefixOf)
        : []),
    ],
    ttl: {
      minSeconds: number('cache-min-ttl', 0),
      maxSeconds: number('cache-max-ttl', ttl.maxSeconds),
      minNegativeSeconds: number('cache-min-negative-ttl', 0),
      maxNegativeSeconds: number('cache-max-negative-ttl', ttl.maxNegativeSeconds),
    },
    stale: flag('serve-expired', false)
      ? {
          maxSeconds: number('serve-expired-ttl', 86_400),
          replySeconds: number('serve-expired-reply-ttl', 30),
          clientTimeoutMs: number('serve-expired-client-timeout', 1800),
          reset: flag('serve-expired-ttl-reset', false),
          told: flag('ede-serve-expired', false),
        }
      : undefined,
    prefetch: flag('prefetch', false),
    prefetchKeys: flag('prefetch-key', false),
    extendedErrors: flag('ede', false),
    version: flag('hide-version', false) ? undefined : (last('version') ?? 'scop'),
    identity: flag('hide-identity', false) ? undefined : (last('identity') ?? 'scop'),
    nsid: nsidOf(last('nsid')),
    validation: {
      ...validation,
      enabled: modules === undefined || modules.includes('validator'),
      anchors: all('trust-anchor')
        .filter((text) => text !== '')
        .map(anchorOf),
      managedAnchors: managed,
      addHoldDownSeconds: number('add-holddown', validation.addHoldDownSeconds),
      removeHoldDownSeconds: number('del-holddown', validation.removeHoldDownSeconds),
      keepMissingSeconds: number('keep-missing', validation.keepMissingSeconds),
      insecureZones: all('domain-insecure').map(nameOf),
      // Deckard's clock is that of the signatures, and moves.
      ...(overrideSeconds === undefined || overrideSeconds < 0 || deckard ? {} : { atSeconds: overrideSeconds }),
      ignoreDates: overrideSeconds !== undefined && overrideSeconds < 0,
      aggressive: flag('aggressive-nsec', true),
      bogusSeconds: number('val-bogus-ttl', validation.bogusSeconds),
      permissive: flag('val-permissive-mode', false),
      skewMinSeconds: number('val-sig-skew-min', validation.skewMinSeconds),
      skewMaxSeconds: number('val-sig-skew-max', validation.skewMaxSeconds),
      hardenAlgorithmDowngrade: flag('harden-algo-downgrade', false),
      hardenDnssecStripped: flag('harden-dnssec-stripped', true),
      // The limit of the scenarios' time; of a table by key size, what the smallest keys have.
      nsec3Iterations: Number((last('val-nsec3-keysize-iterations') ?? '1024 150').split(/\s+/)[1]),
    },
    limits: {
      ...RESOLVER_LIMITS,
      // As many as there were before whole answers of type ANY were refused for their work.
      verificationsPerQuery: 136,
      packetsPerQuery: number('max-global-quota', RESOLVER_LIMITS.packetsPerQuery),
      aliasHops: number('max-query-restarts', RESOLVER_LIMITS.aliasHops),
      packetsPerLookup: number('max-sent-count', RESOLVER_LIMITS.packetsPerLookup),
      nameServers: number('iter-scrub-ns', RESOLVER_LIMITS.nameServers),
      attemptsPerServer: number('outbound-msg-retry', RESOLVER_LIMITS.attemptsPerServer),
      // The clock of a scenario leaps; only what the scenario itself bounds is bounded by it.
      queryMs: Number.POSITIVE_INFINITY,
      clientWaitMs:
        last('discard-timeout') === undefined
          ? Number.POSITIVE_INFINITY
          : number('discard-timeout', 0) || Number.POSITIVE_INFINITY,
      ...(last('msg-cache-size') === undefined ? {} : { messageCacheOctets: number('msg-cache-size', 0) }),
      ...(last('rrset-cache-size') === undefined ? {} : { rrsetCacheOctets: number('rrset-cache-size', 0) }),
      ...(last('num-queries-per-thread') === undefined ? {} : { waitingClients: number('num-queries-per-thread', 0) }),
    },
  }
  const ways = [...config.forwards, ...config.stubs, ...config.hints].flatMap(({ addresses }) => addresses)
  if (deckard && !validatorAlone && !isReachable(scenario, ways))
    return { kind: 'foreign', feature: 'servers that its configuration does not name' }
  return {
    kind: 'setup',
    config,
    fakeSha1: flag('fake-sha1', false),
    fakeDsa: flag('fake-dsa', false) || flag('fake-sha1', false),
    keepaliveDeciseconds: flag('edns-tcp-keepalive', false)
      ? Math.floor(number('edns-tcp-keepalive-timeout', 120_000) / 100)
      : undefined,
    access: server
      .filter(({ key }) => key === 'access-control')
      .map(({ values: [prefix = '', verdict = ''] }) => ({ prefix: prefixOf(prefix), verdict })),
    validatorAlone,
    startSeconds: deckard && overrideSeconds !== undefined && overrideSeconds > 0 ? overrideSeconds : 0,
  }
}

/** What the configuration asks for that is no business of this resolver. */
export function foreignFeature(settings: readonly Setting[]): string | undefined {
  for (const { section, key, values } of settings) {
    const value = values.join(' ')
    if (FOREIGN_SECTIONS.has(section)) return section
    if (FOREIGN_KEYS.some((pattern) => pattern.test(key)) && value !== 'no') return key
    if (key === 'local-zone' && !/\b(nodefault|transparent)\b/.test(value)) return key
    if (key === 'module-config') {
      const module = value.split(/\s+/).find((each) => each !== 'validator' && each !== 'iterator' && each !== '')
      if (module !== undefined) return `module ${module}`
    }
  }
  return undefined
}

/** What only a server's own data answers: a resolver sets AA for nothing that it has looked up. RFC 1035 §4.1.1 */
function foreignAnswer({ dialect, steps }: Scenario): string | undefined {
  if (dialect !== 'deckard') return undefined
  const own = checked(steps).some(({ message }) => message.authoritative && message.recursionAvailable)
  return own ? 'answers with AA, from data of its own' : undefined
}

/** Answers without RA are no resolver's, but those of a validator that stands before one (Stelline's). */
function isForValidatorAlone({ dialect, steps }: Scenario): boolean {
  return (
    dialect === 'deckard' &&
    checked(steps).some(
      ({ match, message }) =>
        (match.has('all') || match.has('flags')) && message.response && !message.recursionAvailable,
    )
  )
}

/** Whether what must have an answer is asked of a server that the scenario has. */
function isReachable({ ranges, steps }: Scenario, ways: readonly ServerAddress[]): boolean {
  const served = ranges.filter(({ entries }) => entries.length > 0)
  if (served.length === 0 || served.some(({ addresses }) => addresses.length === 0)) return true
  const known = new Set<string>(served.flatMap(({ addresses }) => addresses.map((text) => addressOf(text).address)))
  return (
    ways.some(({ address }) => known.has(address)) ||
    checked(steps).every(({ message }) => message.rcode === RCODE.SERVFAIL)
  )
}

/** Where no server is named, and there is one with the whole scenario's answers: it is a forwarder. */
function onlyServers({ ranges }: Scenario): readonly ServerAddress[] {
  const served = ranges.filter(({ entries }) => entries.length > 0)
  const lists = new Set(served.map(({ addresses }) => [...addresses].sort().join(' ')))
  const servers = (served[0]?.addresses ?? []).map(addressOf)
  const isRoot = servers.some(({ address }) =>
    ROOT_HINTS.some((hint) => hint.addresses.some((each) => each.address === address)),
  )
  return lists.size === 1 && !isRoot ? servers : []
}

function checked(steps: readonly Step[]): readonly Entry[] {
  return steps.flatMap(({ kind, entry }) => (kind === 'CHECK_ANSWER' && entry !== undefined ? [entry] : []))
}

/** Stands for the server that a validator asks. */
const UPSTREAM = '192.0.2.53'
/** What the configuration asks for in vain, and many a scenario gets along without. */
export function unmetWish(settings: readonly Setting[]): string | undefined {
  const trusts = settings.some(({ key, values }) => key === 'harden-glue' && /^(no|off|false)$/i.test(values.join(' ')))
  return trusts ? 'asks for harden-glue: off; glue from outside its zone is never believed here' : undefined
}

const BEGINNING = { timeSeconds: 0, timeoutSeconds: 0, variables: new Map<string, string>() }
const FOREIGN_SECTIONS: ReadonlySet<string> = new Set([
  'rpz',
  'auth-zone',
  'view',
  'cachedb',
  'python',
  'dynlib',
  'dnstap',
  'ipset',
])
const FOREIGN_KEYS: readonly RegExp[] = [
  /^rpz/,
  /^local-data/,
  /^response-ip/,
  /^dns64/,
  /^do-nat64/,
  /^nat64/,
  /^send-client-subnet/,
  /^client-subnet/,
  /^max-client-subnet/,
  /^access-control-(view|tag)/,
  /^ipsecmod/,
  /^edns-client-(string|tag)/,
  /^dns-error-reporting/,
  /^features$/,
  /^feature-list$/,
]

function instancesOf(settings: readonly Setting[], section: string): readonly (readonly Setting[])[] {
  const found = new Map<number, Setting[]>()
  for (const setting of settings) {
    if (setting.section !== section) continue
    const list = found.get(setting.instance) ?? []
    found.set(setting.instance, list)
    list.push(setting)
  }
  return [...found.values()]
}

function readZone(settings: readonly Setting[]): StubZone & ForwardZone {
  const all = (suffix: string): readonly string[] =>
    settings
      .filter(({ key }) => key === suffix || key.replace(/^(stub|forward)-/, '') === suffix)
      .map(({ values }) => values.join(' '))
  const yes = (suffix: string): boolean => all(suffix).at(-1) === 'yes'
  return {
    zone: nameOf(all('name').at(-1) ?? '.'),
    addresses: all('addr').map(addressOf),
    names: all('host').map(nameOf),
    first: yes('first'),
    prime: yes('prime'),
    cache: !yes('no-cache'),
    transport: yes('tcp-upstream') ? 'tcp' : 'udp',
  }
}

function nameOf(text: string): Name {
  const name = parseName(text === '' ? '.' : text, ROOT)
  if (!name.ok) throw new Error(`The configuration has no name here: "${text}"`)
  return name.value
}

/** `192.0.2.1@53#name` */
function addressOf(text: string): ServerAddress {
  const [, address = '', port] = /^([^@#\s]+)(?:@(\d+))?/.exec(text) ?? []
  const parsed = parseIpAddress(address)
  if (!parsed.ok) throw new Error(`The configuration has no address here: "${text}"`)
  return { address: parsed.value, port: Number(port ?? 53) }
}

function prefixOf(text: string): AddressPrefix {
  const prefix = parseAddressPrefix(text.trim().split(/\s+/)[0] ?? '')
  if (!prefix.ok) throw new Error(`The configuration has no prefix here: "${text}"`)
  return prefix.value
}

function anchorOf(text: string): ResourceRecord {
  const records = parseRecords(`$TTL 3600\n${text}\n`, ROOT)
  const record = records.ok ? records.value[0] : undefined
  if (record === undefined) throw new Error(`The configuration has no trust anchor here: "${text}"`)
  return record
}

/** `ascii_text` or hexadecimal. */
function nsidOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text === '') return undefined
  if (text.startsWith('ascii_')) return new TextEncoder().encode(text.slice(6))
  return /^([0-9a-f]{2})*$/i.test(text) ? Uint8Array.fromHex(text) : undefined
}

/** `YYYYMMDDHHMMSS`, seconds, or -1: dates do not count. */
function timeOf(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (parts === null) return Number(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
}
