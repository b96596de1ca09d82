// Making a home: a configuration with every choice explained, the authority of the pipes, the secrets.

import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { isLoopback, parseIpAddress } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { type ConfigurationError, parseConfiguration } from '../configuration.ts'
import type { Configuration } from '../settings.ts'
import { type Home, homeAt } from './home-layout.ts'

export type InitChoices = {
  readonly bottle: string
  readonly hostname: string
  /** Where everything listens, and what the zones say. */
  readonly address: string
  readonly ports: Ports
  /** The port on which other servers take mail; 25 in the world. */
  readonly relayPort: number
  readonly allowLoopback: boolean
  /** Where the names of the world begin: `iana`, or the servers of a root of one's own; empty: nowhere. */
  readonly root: 'iana' | readonly string[]
  /** Resolvers that are asked for everything instead. */
  readonly forward: readonly string[]
  /** Zones with a server of their own. */
  readonly zones: Readonly<Record<string, string>>
}
export type Ports = {
  readonly submissions: number
  readonly submission: number
  readonly smtp: number
  readonly dns: number
  readonly resolver: number
}

export type InitError = { readonly kind: 'already-there'; readonly file: string }

/** Writes a new home; one that is there already is left alone. */
export async function initHome(
  directory: string,
  choices: InitChoices,
  nowMs: number,
): Promise<Result<Home, InitError>> {
  const home = homeAt(directory)
  if (await exists(home.configuration)) return err({ kind: 'already-there', file: home.configuration })
  for (const file of [home.authorityKey, home.tsigKey, home.log]) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  }
  await chmod(home.directory, 0o700)
  // Loaded when needed: the command line opens homes far more often than it makes them.
  const { createAuthority, issueServerCertificate } = await import('@scop/mesh/authority')
  const authority = await createAuthority(choices.bottle, { nowMs })
  const secret = (file: string, text: string): Promise<void> => writeFile(file, text, { mode: 0o600 })
  await secret(home.authorityKey, authority.keyPem)
  await secret(home.authorityCertificate, authority.certificatePem)
  const server = await issueServerCertificate([choices.hostname], { nowMs })
  await secret(home.tlsKey, server.keyPem)
  await secret(home.tlsCertificate, server.certificatePem)
  const tsig = {
    name: `signer._update.${choices.bottle}`,
    algorithm: 'hmac-sha256',
    secret: randomBytes(32).toString('base64'),
  }
  await secret(home.tsigKey, `${JSON.stringify(tsig)}\n`)
  await writeFile(home.configuration, configurationText(choices)) // last: a home is there when this file is
  return ok(home)
}

export type OpenError =
  | { readonly kind: 'no-home'; readonly file: string }
  | { readonly kind: 'bad-configuration'; readonly file: string; readonly errors: readonly ConfigurationError[] }

/** Reads the configuration of the home at `directory`. */
export async function openHome(
  directory: string,
): Promise<Result<{ readonly home: Home; readonly configuration: Configuration }, OpenError>> {
  const home = homeAt(directory)
  if (!(await exists(home.configuration))) return err({ kind: 'no-home', file: home.configuration })
  const configuration = parseConfiguration(await readFile(home.configuration, 'utf8'))
  if (!configuration.ok)
    return err({ kind: 'bad-configuration', file: home.configuration, errors: configuration.error })
  return ok({ home, configuration: configuration.value })
}

/** Ports that are free on every one of `addresses`: the preferred ones if they are, otherwise the next that are. */
export async function freePorts(addresses: readonly string[]): Promise<Ports> {
  for (let shift = 0; shift < 1000; shift++) {
    const ports = {
      submissions: 4650 + shift,
      submission: 5870 + shift,
      smtp: 2525 + shift,
      dns: 5300 + shift,
      resolver: 3053 + shift,
    }
    const free = await Promise.all(
      addresses.flatMap((address) => Object.values(ports).map((port) => isFree(address, port))),
    )
    if (free.every(Boolean)) return ports
  }
  throw new Error(`Cannot find five free ports on ${addresses.join(', ')}`)
}

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

function configurationText(choices: InitChoices): string {
  const { address, ports } = choices
  const zones = Object.entries(choices.zones).map(([zone, server]) => `    ${zone}: ["${server}"]\n`)
  const quoted = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(', ')}]`
  const parsed = parseIpAddress(address)
  const clientAddress = parsed.ok && isLoopback(parsed.value) ? address : '127.0.0.1'
  return `# The configuration of this bottle. Every key that may stand here stands here, with its default.
# Unknown keys are refused. A change is read at the next start: scop stop, scop up (or npm start).

# The name of the bottle: stands in every certificate of its pipes.
bottle: ${choices.bottle}

# Our name in greetings, in Received fields and in MX records.
hostname: ${choices.hostname}

# The address that the world reaches us at: goes into our zones.
public-address: ${address}

listen:
  # Mail from our users: TLS from the first octet (RFC 8314), and with STARTTLS (RFC 6409).
  submissions: ${address}:${ports.submissions}
  submission: ${address}:${ports.submission}
  # Mail from other servers.
  smtp: ${address}:${ports.smtp}
  # Names of our own zones, for the world: UDP and TCP.
  dns: ${address}:${ports.dns}
  # The same over TLS; needs dns-primary.tls.
  # dns-tls: ${address}:853
  # The resolver, for clients on this machine and in resolver.allow: UDP and TCP. Without it, for the bottle alone.
  resolver: ${clientAddress}:${ports.resolver}
  # The same by TLS (RFC 7858), with a certificate of the resolver's own:
  # resolver-tls: ${clientAddress}:853

# PEM files that SMTP clients see. Without them: a self-signed certificate for the hostname, made at init.
tls: {}
#  certificate: /etc/ssl/mx.example.pem
#  key: /etc/ssl/private/mx.example.key

resolver:
  # Where the names of the world begin: iana, or the servers of a root of your own: ["192.0.2.1:53"]. []: nowhere, so
  # that only our own zones and those below are found.
  root: ${choices.root === 'iana' ? 'iana' : quoted(choices.root)}
  # Resolvers that are asked for everything instead: ["192.0.2.53:53", "192.0.2.54:853#dns.example"]. With a name: by TLS.
  # What they say is validated all the same.
  forward: ${quoted(choices.forward)}
  # Zones with servers of their own. Our own zones are always asked at our own primary.
  zones:${zones.length === 0 ? ' {}\n' : `\n${zones.join('')}`}  # Trust anchors beside the root's: DS or DNSKEY records as in a zone file.
  anchors: []
  # Zones whose signatures are not looked at (RFC 7646): for as long as their keeper repairs them.
  insecure: []
  # Networks that may ask at listen.resolver: ["192.0.2.0/24"].
  allow: []
  cache-octets: 33554432

# Our zones, and how they are kept.
dns-primary:
  # How names that are not there are denied: nsec, nsec3, online (signed for each question; shows nothing of the zone),
  # or off (the zone is served as it was imported).
  dnssec: nsec
  # With nsec3: delegations without DS are not denied one by one; for zones of very many.
  nsec3-opt-out: false
  # The digest of the whole zone (ZONEMD) that each of its versions has: off, sha384 or sha512.
  zonemd: off
  # 8: RSA with SHA-256, 13: ECDSA P-256, 15: Ed25519.
  algorithm: 13
  # csk: one key for all; ksk-zsk: one signs the keys, one the rest.
  keys: csk
  # A key is replaced when it has signed for so long; 0: by "scop dns key rollover" alone.
  csk-lifetime-seconds: 0
  ksk-lifetime-seconds: 0
  zsk-lifetime-seconds: 7776000
  dnskey-ttl-seconds: 3600
  # How long signatures last, how long before their end they are made anew, and by how much that is scattered.
  signature-seconds: 1209600
  signature-refresh-seconds: 432000
  signature-jitter-seconds: 43200
  # The waits of a rollover: until every secondary has a change, and what is added to each.
  propagation-seconds: 300
  safety-seconds: 3600
  parent-ds-ttl-seconds: 86400
  parent-propagation-seconds: 3600
  # Whether CDS and CDNSKEY tell the parent what its DS should be.
  cds: true
  # How often the parent is asked for its DS during a rollover (0: never), and who is asked (empty: our resolver).
  parent-check-seconds: 3600
  parent-servers: []
  # What a change makes of the SOA's serial: increment, unixtime or date.
  serial: increment
  # Servers that take our zones: [{ address: "192.0.2.53:53", key: transfer.example }]
  secondaries: []
  # Single zones that are kept in another way: { one.example: { dnssec: nsec3, secondaries: [] } }
  # A zone of which we are a secondary: { two.example: { primaries: [{ address: "192.0.2.53:53", key: transfer.example }] } }
  zones: {}
  # What is told to those who ask which server this is (NSID, id.server), and what it runs (version.bind); without: no word.
  # identity: ns1
  # version: names
  # TSIG keys: { transfer.example: { algorithm: hmac-sha256, secret: "base64" } }
  tsig-keys: {}
  # Which key may change what by UPDATE: [{ key: acme.example, names: exact _acme-challenge.one.example, types: [TXT] }]
  # types: any, or a list. names: any, exact NAME, below NAME, or below-label LABEL (in any zone). The signer's own key needs no line here.
  grants: []
  # Answers a second by UDP to one network for each zone; 0 answers: nobody is held down. Of "slip" over it one is sent, cut.
  rate-limit: { answers: 200, denials: 100, referrals: 100, errors: 50, slip: 2 }
  # 32 hex digits for several servers of one address; without it: one of our own, a new one each day.
  # cookie-secret: "0123456789abcdef0123456789abcdef"
  # PEM files for listen.dns-tls.
  # tls: { certificate: /etc/ssl/ns.pem, key: /etc/ssl/private/ns.key }

limits:
  message-octets: 52428800
  recipients: 100
  sessions-per-listener: 500
  sessions-per-address: 50
  idle-seconds: 300
  # A message with more Received fields than this goes in circles.
  received-fields: 50

relay:
  # The port on which other servers take mail: 25 in the world.
  port: ${choices.relayPort}
  # Whether an MX may lead to a loopback address: only for bottles that talk on one machine.
  allow-loopback: ${choices.allowLoopback}
  # The addresses of this machine that mail is sent from; without one the system chooses. SPF records name them.
  source-addresses: [${choices.allowLoopback ? choices.address : ''}]
  # TLS to other servers: opportunistic (taken where offered) or required (with a certificate that verifies).
  tls: opportunistic
  tls-required-for: []
  retry-first-seconds: 60
  retry-longest-seconds: 14400
  delay-notice-seconds: 14400
  expire-seconds: 432000
  connections-per-destination: 4

signer:
  # A signature ends this long after it was made.
  expire-seconds: 1209600

# What the receiver does with those who connect, before it reads anything of a message: scop firewall list.
firewall:
  # false: rules are kept, and nobody is refused, slowed down or put off by them.
  enabled: true
  # Networks that are never banned and of which nothing is counted, beside this machine: ["192.0.2.0/24"].
  trusted: []
  # Whether loopback addresses are judged as others: only for tests on one machine.
  judge-loopback: false
  # How late each reply comes to a client in the tarpit; and how many are held there at once: more are sent away (421).
  tarpit-seconds: 10
  tarpit-sessions: 50
  # How long a new sender and recipient of a greylisted network are put off.
  greylist-seconds: 300
  # How long the greeting waits, to see who speaks first; 0: not at all.
  greeting-seconds: 0

# What becomes of mail whose sender is not who it says: accept, junk or refuse. Of what DNS does not answer it is deferred.
verifier:
  # From is missing, repeated, or can be read in more than one way.
  author: refuse
  # DMARC fails, and the author's domain asks for it to be rejected, or quarantined.
  dmarc-reject: refuse
  dmarc-quarantine: junk
  # SPF fails, and the author's domain has no DMARC policy.
  spf-fail: junk
  # Domains whose ARC seals are believed: forwarders and lists that you know.
  trusted-sealers: []

# What is remembered of those who send us mail, and when they are judged: scop reputation show NAME.
reputation:
  # After so long an event is worth half.
  half-life-seconds: 604800
  # Scores lie between -100 and 100.
  good-from: 40
  greylist-at: -20
  tarpit-at: -40
  refuse-at: -60
  # Events that must have been seen before any judgement, and before a refusal.
  evidence-for-any: 10
  evidence-for-refusal: 20
  # The first ban; each further one is four times as long, up to the longest.
  first-ban-seconds: 3600
  longest-ban-seconds: 2592000
  # So many are remembered; beyond it those of whom least is known are forgotten.
  subjects: 100000
  # Whether dns-primary serves it as DNS lists (RFC 5782) in the zone reputation.${choices.hostname}: off; own: to this
  # machine and to firewall.trusted; world: to all. Published so often, where something has changed.
  dns-list: off
  dns-list-seconds: 300

directory:
  scram-iterations: 10000
  password-checks: 2

mailbox:
  # Octets per account; 0: no quota.
  quota-octets: 0

supervisor:
  restart-first-milliseconds: 200
  restart-longest-milliseconds: 30000
  drain-seconds: 10
  certificate-seconds: 86400
  log-octets: 16777216
`
}
