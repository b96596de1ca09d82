// Settings: what bottle.yaml may say, every default visible here, and what each service is told of it.
// A service gets its own part and no other.

import { type IpAddress, parseAddressPrefix, parseDomainName, parseIpAddress } from '@scop/identifiers'
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

/** What becomes of a message. */
const action = v.picklist(['accept', 'junk', 'refuse'], 'expected accept, junk or refuse')

const seconds = (from: number, to = 10 * YEAR) => whole(from, to)
const DAY = 86_400
const TYPES = 'expected any, or a list of record types in capitals, as [A, TXT]'
const YEAR = 365 * DAY
/** The one with SHA-1 is for a peer that has no other (RFC 8945 §6); MD5 is not among them. */
const TSIG_ALGORITHMS = [
  'hmac-sha256',
  'hmac-sha384',
  'hmac-sha512',
  'hmac-sha224',
  'hmac-sha256-128',
  'hmac-sha384-192',
  'hmac-sha512-256',
  'hmac-sha1',
] as const
/** What a server says of itself: one string of a TXT record. */
const ownText = v.pipe(
  v.string('expected 1 to 255 printable ASCII characters'),
  v.regex(/^[\x20-\x7e]{1,255}$/, 'expected 1 to 255 printable ASCII characters'),
)
/** The name of a TSIG key: any domain name, underscores too. */
const keyName = v.pipe(
  v.string('expected the name of a key'),
  v.regex(/^[A-Za-z0-9_.-]{1,253}$/, 'expected the name of a key'),
)
/** Another server, and the TSIG key that transfers and NOTIFY between us are signed with. */
const peer = v.strictObject({ address: endpoint, key: v.optional(keyName) })

/** How one zone is kept. Stands once for all zones, and in part for single ones. */
const ZONE_POLICY = v.strictObject({
  /**
   * How names that are not there are denied; online: by a signature made for each question, which shows nothing of the zone
   * (RFC 9824); off: the zone is served as it was imported. RFC 4034 §4, RFC 5155
   */
  dnssec: v.optional(v.picklist(['nsec', 'nsec3', 'online', 'off'], 'expected nsec, nsec3, online or off'), 'nsec'),
  /** With nsec3: delegations without DS are not denied one by one, for a zone of very many. RFC 5155 §6 */
  'nsec3-opt-out': v.optional(v.boolean('expected true or false'), false),
  /** The digest of the whole zone that each of its versions has; it costs as much as the zone is large. RFC 8976 */
  zonemd: v.optional(v.picklist(['off', 'sha384', 'sha512'], 'expected off, sha384 or sha512'), 'off'),
  /** 8: RSA with SHA-256, 13: ECDSA P-256, 15: Ed25519. RFC 8624 §3.1 */
  algorithm: v.optional(v.picklist([8, 13, 15], 'expected 8, 13 or 15'), 13),
  /** csk: one key for all; ksk-zsk: one signs the keys, one the rest. RFC 6781 §3.1 */
  keys: v.optional(v.picklist(['csk', 'ksk-zsk'], 'expected csk or ksk-zsk'), 'csk'),
  /** A key is replaced when it has signed for so long; 0: when the operator says so. */
  'csk-lifetime-seconds': v.optional(seconds(0), 0),
  'ksk-lifetime-seconds': v.optional(seconds(0), 0),
  'zsk-lifetime-seconds': v.optional(seconds(0), 90 * DAY),
  'dnskey-ttl-seconds': v.optional(seconds(1, DAY), 3600),
  /** How long signatures last, how long before their end they are made anew, and by how much both are scattered. */
  'signature-seconds': v.optional(seconds(10), 14 * DAY),
  'signature-refresh-seconds': v.optional(seconds(1), 5 * DAY),
  'signature-jitter-seconds': v.optional(seconds(0), DAY / 2),
  /** Until every secondary has a change. */
  'propagation-seconds': v.optional(seconds(0), 300),
  /** Added to every wait of a rollover. RFC 7583 §3.1 */
  'safety-seconds': v.optional(seconds(0), 3600),
  /** What the parent does: the TTL of its DS records, and until all its servers have a change. */
  'parent-ds-ttl-seconds': v.optional(seconds(0), DAY),
  'parent-propagation-seconds': v.optional(seconds(0), 3600),
  /** Whether CDS and CDNSKEY tell the parent what its DS should be. RFC 7344 */
  cds: v.optional(v.boolean('expected true or false'), true),
  /** How often the parent is asked for its DS during a rollover; 0: the operator says what it has. */
  'parent-check-seconds': v.optional(seconds(0), 3600),
  /** Who is asked for the parent's DS; empty: the bottle's resolver. */
  'parent-servers': v.optional(v.array(endpoint), []),
  /** What a change makes of the SOA's serial; it never goes back. */
  serial: v.optional(
    v.picklist(['increment', 'unixtime', 'date'], 'expected increment, unixtime or date'),
    'increment',
  ),
  /** Who is told of changes and may take the zone. */
  secondaries: v.optional(v.array(peer), []),
  /** Not empty: the zone is theirs, and we are a secondary. */
  primaries: v.optional(v.array(peer), []),
})
/** A resolver of others; with `name`, by TLS, and its certificate must have that name. */
export type Forwarder = Endpoint & { readonly name: string | undefined }

/** `192.0.2.53:53`, or `192.0.2.53:853#dns.example` for TLS. */
export function parseForwarder(text: string): Forwarder | undefined {
  const [at = '', name, ...more] = text.split('#')
  const where = parseEndpoint(at)
  const domain = name === undefined ? undefined : parseDomainName(name)
  if (where === undefined || more.length > 0 || domain?.ok === false) return undefined
  return { ...where, name: domain?.value }
}

const forwarder = v.pipe(
  v.string('expected ADDRESS:PORT or ADDRESS:PORT#NAME'),
  v.rawTransform<string, Forwarder>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseForwarder(dataset.value)
    if (parsed !== undefined) return parsed
    addIssue({ message: `expected ADDRESS:PORT or ADDRESS:PORT#NAME, found "${dataset.value}"` })
    return NEVER
  }),
)
const network = v.pipe(
  v.string('expected ADDRESS/LENGTH'),
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    if (dataset.value.includes('/') && parseAddressPrefix(dataset.value).ok) return dataset.value
    addIssue({ message: `expected ADDRESS/LENGTH, found "${dataset.value}"` })
    return NEVER
  }),
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
    /** Names of our own zones (RFC 1035), UDP and TCP. */
    dns: endpoint,
    /** Names over TLS (RFC 7858), for secondaries too (RFC 9103); needs `dns-primary.tls`. */
    'dns-tls': v.optional(endpoint),
    /** The resolver, for clients on our own networks: UDP and TCP. Absent: it answers the bottle's services alone. */
    resolver: v.optional(endpoint),
    /** The same by TLS (RFC 7858). */
    'resolver-tls': v.optional(endpoint),
  }),
  tls: v.optional(
    v.strictObject({
      /** PEM files; without them the bottle makes a self-signed certificate for `hostname`. */
      certificate: v.optional(v.string()),
      key: v.optional(v.string()),
    }),
    {},
  ),
  resolver: v.optional(
    v.strictObject({
      /** Where the names of the world begin: the root's servers, others that stand for them, or (empty) nowhere. */
      root: v.optional(
        v.union([v.literal('iana'), v.array(endpoint)], 'expected iana, or a list of ADDRESS:PORT'),
        'iana',
      ),
      /** Resolvers that are asked for everything instead, by TLS where they have a name. They are not trusted. */
      forward: v.optional(
        v.pipe(
          v.array(forwarder),
          v.check(
            (all) => new Set(all.map(({ name }) => name === undefined)).size < 2,
            'expected names, and so TLS, for all of them or for none',
          ),
        ),
        [],
      ),
      /** Zones with servers of their own. Our own zones are always asked at our own primary. */
      zones: v.optional(v.record(domainName, v.array(endpoint, 'expected a list of ADDRESS:PORT')), {}),
      /** Trust anchors beside the root's: DS or DNSKEY records in zone-file form. */
      anchors: v.optional(v.array(v.string('expected a DS or DNSKEY record')), []),
      /** Zones whose signatures are not looked at (RFC 7646). */
      insecure: v.optional(v.array(domainName), []),
      /** Networks that may ask at `listen.resolver`, beside this machine. */
      allow: v.optional(v.array(network), []),
      'cache-octets': v.optional(whole(1024 ** 2, 1024 ** 3), 32 * 1024 ** 2),
    }),
    {},
  ),
  'dns-primary': v.optional(
    v.strictObject({
      ...ZONE_POLICY.entries,
      /** Single zones that are kept in another way. */
      zones: v.optional(v.record(domainName, v.partial(ZONE_POLICY)), {}),
      /** TSIG keys by name: those of secondaries and primaries, and of programs that send UPDATE. RFC 8945 */
      'tsig-keys': v.optional(
        v.record(
          keyName,
          v.strictObject({
            algorithm: v.optional(
              v.picklist(
                TSIG_ALGORITHMS,
                `expected ${TSIG_ALGORITHMS.slice(0, -1).join(', ')} or ${TSIG_ALGORITHMS.at(-1)}`,
              ),
              'hmac-sha256',
            ),
            /** Shorter MACs are refused. Default: the whole MAC of the algorithm. RFC 8945 §5.2.2.1 */
            'least-mac-octets': v.optional(whole(10, 64)),
            secret: v.pipe(v.string('expected base64'), v.base64('expected base64')),
          }),
        ),
        {},
      ),
      /** Which key may change what by UPDATE; the signer's own key needs no line here. RFC 3007 §3 */
      grants: v.optional(
        v.array(
          v.strictObject({
            key: keyName,
            names: v.pipe(
              v.string('expected "any", "exact NAME", "below NAME" or "below-label LABEL"'),
              v.regex(
                /^(?:any|(?:exact|below|below-label) [^ ]+)$/,
                'expected "any", "exact NAME", "below NAME" or "below-label LABEL"',
              ),
            ),
            types: v.union(
              [v.literal('any'), v.array(v.pipe(v.string(TYPES), v.regex(/^[A-Z][A-Z0-9-]*$/, TYPES)), TYPES)],
              TYPES,
            ),
          }),
        ),
        [],
      ),
      /** Answers a second by UDP to one network (IPv4 /24, IPv6 /56) for each zone; of so many over it one is sent, cut. */
      'rate-limit': v.optional(
        v.strictObject({
          /** 0: nobody is held down. */
          answers: v.optional(whole(0, 1_000_000), 200),
          denials: v.optional(whole(1, 1_000_000), 100),
          referrals: v.optional(whole(1, 1_000_000), 100),
          errors: v.optional(whole(1, 1_000_000), 50),
          slip: v.optional(whole(0, 10), 2),
        }),
        {},
      ),
      /** 32 hex digits, for several servers of one address; without it: one of our own, a new one each day. RFC 9018 §5 */
      'cookie-secret': v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits'))),
      /** Which server this is, for those who ask: NSID (RFC 5001), `id.server`, `hostname.bind` (RFC 4892). Without it: no word. */
      identity: v.optional(ownText),
      /** What `version.bind` and `version.server` say. Without it: no word. */
      version: v.optional(ownText),
      /** PEM files for `listen.dns-tls`. */
      tls: v.optional(v.strictObject({ certificate: v.string(), key: v.string() })),
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
      /** Addresses of this machine that mail is sent from: the first of the other side's kind. Default: as the system chooses. */
      'source-addresses': v.optional(v.array(ipAddress), []),
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
  /** What the receiver does with those who connect, before it reads anything of a message. */
  firewall: v.optional(
    v.strictObject({
      /** False: rules are kept, and nobody is refused, slowed down or put off by them. */
      enabled: v.optional(v.boolean('expected true or false'), true),
      /** Networks that are never banned and of which nothing is counted, beside this machine. */
      trusted: v.optional(v.array(network), []),
      /** Whether loopback addresses are judged as others: only for tests on one machine. */
      'judge-loopback': v.optional(v.boolean('expected true or false'), false),
      /** How late each reply comes to a client in the tarpit; and how many are held there at once: more get 421. */
      'tarpit-seconds': v.optional(whole(1, 60), 10),
      'tarpit-sessions': v.optional(whole(1, 1000), 50),
      /** How long a new sender and recipient of a greylisted network are put off. */
      'greylist-seconds': v.optional(whole(1, 86_400), 300),
      /** How long the greeting waits, to see who speaks first; 0: not at all. RFC 5321 §4.3.1 */
      'greeting-seconds': v.optional(whole(0, 30), 0),
    }),
    {},
  ),
  /** What becomes of mail whose sender is not who it says. */
  verifier: v.optional(
    v.strictObject({
      /** From is missing, repeated, or can be read in more than one way. */
      author: v.optional(action, 'refuse'),
      /** DMARC fails, and the author's domain asks for it to be rejected, or quarantined. */
      'dmarc-reject': v.optional(action, 'refuse'),
      'dmarc-quarantine': v.optional(action, 'junk'),
      /** SPF fails, and the author's domain has no DMARC policy. */
      'spf-fail': v.optional(action, 'junk'),
      /** Domains whose ARC seals count: what they say that they saw is believed. */
      'trusted-sealers': v.optional(v.array(domainName), []),
    }),
    {},
  ),
  /** What is remembered of those who send us mail, and when they are judged. */
  reputation: v.optional(
    v.pipe(
      v.strictObject({
        'half-life-seconds': v.optional(seconds(60), 7 * DAY),
        /** Scores from -100 to 100. */
        'good-from': v.optional(whole(1, 100), 40),
        'greylist-at': v.optional(whole(-100, -1), -20),
        'tarpit-at': v.optional(whole(-100, -1), -40),
        'refuse-at': v.optional(whole(-100, -1), -60),
        /** Events that must have been seen before any judgement, and before a refusal. */
        'evidence-for-any': v.optional(whole(1, 1_000_000), 10),
        'evidence-for-refusal': v.optional(whole(1, 1_000_000), 20),
        /** The first ban; each further one is four times as long, up to the longest. */
        'first-ban-seconds': v.optional(whole(1, YEAR), 3600),
        'longest-ban-seconds': v.optional(whole(1, YEAR), 30 * DAY),
        subjects: v.optional(whole(100, 200_000), 100_000),
        /**
         * Whether dns-primary serves it as DNS lists in the zone reputation.HOSTNAME: off; own: to this machine and to
         * `firewall.trusted`; world: to all. RFC 5782
         */
        'dns-list': v.optional(v.picklist(['off', 'own', 'world'], 'expected off, own or world'), 'off'),
        'dns-list-seconds': v.optional(seconds(1, DAY), 300),
      }),
      v.check(
        (one) => one['refuse-at'] <= one['tarpit-at'] && one['tarpit-at'] <= one['greylist-at'],
        'expected refuse-at, tarpit-at and greylist-at in this order, the lowest first',
      ),
    ),
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
/** How one zone is kept. */
export type ZoneSettings = v.InferOutput<typeof ZONE_POLICY>

export type SettingsOf = {
  'dns-primary': Common &
    Configuration['dns-primary'] & {
      readonly listen: { readonly dns: Endpoint; readonly 'dns-tls'?: Endpoint | undefined }
      /** The zone of the reputation, its name server, and who may ask. Undefined: there is none. */
      readonly reputation:
        | { readonly zone: string; readonly server: string; readonly world: boolean; readonly allow: readonly string[] }
        | undefined
    }
  'dns-resolver': Common &
    Configuration['resolver'] & {
      readonly listen: { readonly resolver: Endpoint | undefined; readonly 'resolver-tls': Endpoint | undefined }
      /** Where our own zones are asked. */
      readonly primary: Endpoint
      /** This machine's, beside loopback: it may ask. */
      readonly ourAddresses: readonly IpAddress[]
    }
  directory: Common & Configuration['directory']
  mailbox: Common & Configuration['mailbox']
  relay: Common &
    Configuration['relay'] & {
      /** Where mail reaches us: an MX that leads there leads back. */
      readonly ourAddresses: readonly IpAddress[]
    }
  signer: Common & Configuration['signer'] & { readonly primary: Endpoint }
  verifier: Common &
    Configuration['verifier'] & {
      readonly reputation: Configuration['reputation']
      readonly firewall: Pick<Configuration['firewall'], 'trusted' | 'judge-loopback'>
    }
  submission: Common & { readonly listen: { readonly submissions: Endpoint; readonly submission: Endpoint } }
  receiver: Common & {
    readonly listen: { readonly smtp: Endpoint }
    readonly firewall: Configuration['firewall']
  }
}
export type Settings<N extends ServiceName = ServiceName> = SettingsOf[N]

/** What `service` is told of the configuration. */
export function settingsFor<N extends ServiceName>(service: N, configuration: Configuration): Settings<N> {
  return SETTINGS[service](configuration)
}

const common = (c: Configuration): Common => ({ bottle: c.bottle, hostname: c.hostname, limits: c.limits })
const SETTINGS: { readonly [N in ServiceName]: (c: Configuration) => SettingsOf[N] } = {
  'dns-primary': (c) => ({
    ...common(c),
    ...c['dns-primary'],
    listen: { dns: c.listen.dns, 'dns-tls': c.listen['dns-tls'] },
    reputation:
      c.reputation['dns-list'] === 'off'
        ? undefined
        : {
            zone: `reputation.${c.hostname}`,
            server: c.hostname,
            world: c.reputation['dns-list'] === 'world',
            allow: [c['public-address'], c.listen.dns.address, ...c.firewall.trusted],
          },
  }),
  'dns-resolver': (c) => ({
    ...common(c),
    ...c.resolver,
    listen: { resolver: c.listen.resolver, 'resolver-tls': c.listen['resolver-tls'] },
    primary: c.listen.dns,
    ourAddresses: [c['public-address'], c.listen.dns.address],
  }),
  directory: (c) => ({ ...common(c), ...c.directory }),
  mailbox: (c) => ({ ...common(c), ...c.mailbox }),
  relay: (c) => ({
    ...common(c),
    ...c.relay,
    ourAddresses: [c['public-address'], c.listen.smtp.address],
  }),
  signer: (c) => ({ ...common(c), ...c.signer, primary: c.listen.dns }),
  verifier: (c) => ({ ...common(c), ...c.verifier, reputation: c.reputation, firewall: c.firewall }),
  submission: (c) => ({ ...common(c), listen: { submissions: c.listen.submissions, submission: c.listen.submission } }),
  receiver: (c) => ({ ...common(c), listen: { smtp: c.listen.smtp }, firewall: c.firewall }),
}
