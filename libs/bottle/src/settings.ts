// Settings: what bottle.yaml may say, every default visible here, and what each service is told of it.
// A service gets its own part and no other.

import { type IpAddress, parseDomainName, parseIpAddress } from '@scop/identifiers'
import * as v from 'valibot'
import type { ServiceName } from './role.ts'

/** Where something listens or is reached. */
export type Endpoint = { readonly address: IpAddress; readonly port: number }

/** `192.0.2.1:25` or `[2001:db8::1]:25`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = ENDPOINT.exec(text)
  const address = parseIpAddress(match?.[1] ?? match?.[2] ?? '')
  const port = Number(match?.[3])
  return address.ok && port <= 65535 ? { address: address.value, port } : undefined
}

export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

const ENDPOINT = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/

const endpoint = v.pipe(
  v.string('expected ADDRESS:PORT'),
  v.rawTransform<string, Endpoint>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseEndpoint(dataset.value)
    if (parsed !== undefined) return parsed
    addIssue({ message: `expected ADDRESS:PORT, found "${dataset.value}"` })
    return NEVER
  }),
)
const domainName = v.pipe(
  v.string('expected a domain name'),
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseDomainName(dataset.value)
    if (parsed.ok) return parsed.value
    addIssue({ message: `expected a domain name, found "${dataset.value}"` })
    return NEVER
  }),
)
const ipAddress = v.pipe(
  v.string('expected an IP address'),
  v.rawTransform<string, IpAddress>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseIpAddress(dataset.value)
    if (parsed.ok) return parsed.value
    addIssue({ message: `expected an IP address, found "${dataset.value}"` })
    return NEVER
  }),
)
const whole = (from: number, to: number) =>
  v.pipe(
    v.number(`expected a number from ${from} to ${to}`),
    v.integer('expected a whole number'),
    v.minValue(from, `expected at least ${from}`),
    v.maxValue(to, `expected at most ${to}`),
  )

/** The whole of bottle.yaml. Unknown keys are refused. */
export const CONFIGURATION = v.strictObject({
  /** The name of the bottle: stands in every certificate of its pipes. */
  bottle: v.pipe(
    v.string('expected a name'),
    v.regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens'),
  ),
  /** Our name in greetings, in Received fields and in MX records. */
  hostname: domainName,
  /** The address that the world reaches us at: goes into our zones. */
  'public-address': ipAddress,
  listen: v.strictObject({
    /** Message submission with TLS from the first octet (RFC 8314). */
    submissions: endpoint,
    /** Message submission with STARTTLS (RFC 6409). */
    submission: endpoint,
    /** Mail from other servers (RFC 5321). */
    smtp: endpoint,
    /** Names (RFC 1035), UDP and TCP. */
    dns: endpoint,
  }),
  tls: v.optional(
    v.strictObject({
      /** PEM files; without them the bottle makes a self-signed certificate for `hostname`. */
      certificate: v.optional(v.string()),
      key: v.optional(v.string()),
    }),
    {},
  ),
  dns: v.optional(
    v.strictObject({
      /** Who answers for the names of the world. Empty: nobody is asked but `forward`. */
      resolvers: v.optional(v.array(endpoint), []),
      /** Zones with servers of their own. Our own zones are always asked at our own primary. */
      forward: v.optional(v.record(domainName, v.array(endpoint)), {}),
    }),
    {},
  ),
  limits: v.optional(
    v.strictObject({
      'message-octets': v.optional(whole(1024, 1024 ** 3), 50 * 1024 ** 2),
      recipients: v.optional(whole(1, 1000), 100),
      'sessions-per-listener': v.optional(whole(1, 10_000), 500),
      'sessions-per-address': v.optional(whole(1, 10_000), 50),
      'idle-seconds': v.optional(whole(1, 3600), 300),
      'received-fields': v.optional(whole(5, 200), 50),
    }),
    {},
  ),
  relay: v.optional(
    v.strictObject({
      /** The port on which other servers take mail. 25 but in tests. */
      port: v.optional(whole(1, 65535), 25),
      /** Whether an MX may lead to a loopback address: only for tests on one machine. */
      'allow-loopback': v.optional(v.boolean('expected true or false'), false),
      /** TLS to other servers: taken where offered, or demanded with a certificate that verifies. */
      tls: v.optional(v.picklist(['opportunistic', 'required'], 'expected opportunistic or required'), 'opportunistic'),
      /** Domains that are never sent to without verified TLS. */
      'tls-required-for': v.optional(v.array(domainName), []),
      /** PEM file of further authorities for verified TLS. */
      authorities: v.optional(v.string()),
      'retry-first-seconds': v.optional(whole(1, 86_400), 60),
      'retry-longest-seconds': v.optional(whole(1, 86_400), 4 * 3600),
      'delay-notice-seconds': v.optional(whole(1, 604_800), 4 * 3600),
      'expire-seconds': v.optional(whole(1, 2_592_000), 5 * 86_400),
      'connections-per-destination': v.optional(whole(1, 100), 4),
    }),
    {},
  ),
  signer: v.optional(
    v.strictObject({
      /** Signatures carry x= this long after t=. */
      'expire-seconds': v.optional(whole(3600, 31_536_000), 14 * 86_400),
    }),
    {},
  ),
  directory: v.optional(
    v.strictObject({
      'scram-iterations': v.optional(whole(4096, 1_000_000), 10_000),
      /** Checks of passwords under way at once; more wait. */
      'password-checks': v.optional(whole(1, 64), 2),
    }),
    {},
  ),
  mailbox: v.optional(
    v.strictObject({
      'quota-octets': v.optional(whole(0, Number.MAX_SAFE_INTEGER), 0), // 0: none
    }),
    {},
  ),
  supervisor: v.optional(
    v.strictObject({
      'restart-first-milliseconds': v.optional(whole(10, 60_000), 200),
      'restart-longest-milliseconds': v.optional(whole(10, 600_000), 30_000),
      'drain-seconds': v.optional(whole(1, 600), 10),
      'certificate-seconds': v.optional(whole(60, 604_800), 86_400),
      'log-octets': v.optional(whole(65_536, 1024 ** 3), 16 * 1024 ** 2),
    }),
    {},
  ),
})

export type Configuration = v.InferOutput<typeof CONFIGURATION>

type Common = {
  readonly bottle: string
  readonly hostname: string
  readonly limits: Configuration['limits']
}
/** Where names are asked: resolvers for the world, `forward` for single zones (ours among them). */
export type DnsSettings = {
  readonly resolvers: readonly Endpoint[]
  readonly forward: Readonly<Record<string, readonly Endpoint[]>>
}

export type SettingsOf = {
  'dns-primary': Common & { readonly listen: { readonly dns: Endpoint } }
  directory: Common & Configuration['directory']
  mailbox: Common & Configuration['mailbox']
  relay: Common &
    Configuration['relay'] & {
      readonly dns: DnsSettings
      readonly ourPrimary: Endpoint
      /** Where mail reaches us: an MX that leads there leads back. */
      readonly ourAddresses: readonly IpAddress[]
    }
  signer: Common & Configuration['signer'] & { readonly primary: Endpoint }
  verifier: Common & { readonly dns: DnsSettings; readonly ourPrimary: Endpoint }
  submission: Common & { readonly listen: { readonly submissions: Endpoint; readonly submission: Endpoint } }
  receiver: Common & { readonly listen: { readonly smtp: Endpoint } }
}
export type Settings<N extends ServiceName = ServiceName> = SettingsOf[N]

/** What `service` is told of the configuration. */
export function settingsFor<N extends ServiceName>(service: N, configuration: Configuration): Settings<N> {
  return SETTINGS[service](configuration)
}

const common = (c: Configuration): Common => ({ bottle: c.bottle, hostname: c.hostname, limits: c.limits })
const SETTINGS: { readonly [N in ServiceName]: (c: Configuration) => SettingsOf[N] } = {
  'dns-primary': (c) => ({ ...common(c), listen: { dns: c.listen.dns } }),
  directory: (c) => ({ ...common(c), ...c.directory }),
  mailbox: (c) => ({ ...common(c), ...c.mailbox }),
  relay: (c) => ({
    ...common(c),
    ...c.relay,
    dns: c.dns,
    ourPrimary: c.listen.dns,
    ourAddresses: [c['public-address'], c.listen.smtp.address],
  }),
  signer: (c) => ({ ...common(c), ...c.signer, primary: c.listen.dns }),
  verifier: (c) => ({ ...common(c), dns: c.dns, ourPrimary: c.listen.dns }),
  submission: (c) => ({ ...common(c), listen: { submissions: c.listen.submissions, submission: c.listen.submission } }),
  receiver: (c) => ({ ...common(c), listen: { smtp: c.listen.smtp } }),
}
