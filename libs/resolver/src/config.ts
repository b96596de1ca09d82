// How a resolver is set up: where it begins, whom it forwards to, what it keeps and for how long.
// RFC 9609 §2 (hints), RFC 8767 §5 (stale answers), RFC 9156 §2 (minimisation), RFC 7646 (negative trust anchors)

import type { Name, ResourceRecord } from '@scop/dns'
import { type AddressPrefix } from '@scop/identifiers'
import type { ServerAddress } from './event.ts'
import { RESOLVER_LIMITS, type ResolverLimits } from './limits.ts'

export type ResolverConfig = {
  /** The root's servers, asked which are the root's servers (RFC 9609 §3). */
  readonly hints: readonly NamedServer[]
  /** Zones whose servers are known beforehand; a stub for the root stands for hints that are taken as they are. */
  readonly stubs: readonly StubZone[]
  /** Zones for which another resolver is asked. */
  readonly forwards: readonly ForwardZone[]
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly minimise: 'no' | 'relaxed' | 'strict'
  /** The type that stands for the one asked for, until the whole name is asked for. RFC 9156 §2.1 */
  readonly minimisedType: 'A' | 'NS'
  /** The whole name is asked for with that type first, in case it is a zone of its own: its parent then does not learn the type. */
  readonly hideType: boolean
  /** Letters of the name in random case (0x20), which the reply must repeat. */
  readonly mixedCase: boolean
  /** DNS cookies are sent (RFC 7873 §5). */
  readonly cookies: boolean
  /** How many addresses of name servers are looked up beforehand, by depth. */
  readonly addressesAhead: readonly number[]
  /** NS, SOA and address records that nobody asked for are left out of answers. */
  readonly minimalResponses: boolean
  /** NS records in the authority section of an answer are not kept: only referrals and questions for NS say them. */
  readonly refuseUnaskedNs: boolean
  /** What stands behind an alias in the same answer and zone is taken as it is; otherwise it is asked for itself. */
  readonly takeAliasTargets: boolean
  /** Of additional records addresses alone are taken, and not the services that a NAPTR or an alias of SVCB leads to. */
  readonly addressesAlone: boolean
  /** Nothing exists below a name that does not exist: always, only when that is proven, never. RFC 8020 */
  readonly nxdomainCut: 'always' | 'secure' | 'no'
  /** Addresses that no answer may have, but for names at or below `privateNames`. */
  readonly privateAddresses: readonly AddressPrefix[]
  readonly privateNames: readonly Name[]
  /** Addresses that are never asked. */
  readonly unaskedAddresses: readonly AddressPrefix[]
  readonly ttl: TtlBounds
  readonly stale: StaleConfig | undefined
  /** Answers in their last tenth are renewed. */
  readonly prefetch: boolean
  /** DNSKEY is fetched as soon as a DS is seen. */
  readonly prefetchKeys: boolean
  /** Extended errors are told (RFC 8914). */
  readonly extendedErrors: boolean
  /** `version.bind.`, `id.server.` in class CH; `undefined` is REFUSED. NSID is told to who asks (RFC 5001). */
  readonly version: string | undefined
  readonly identity: string | undefined
  readonly nsid: Uint8Array | undefined
  /** How long an idle connection is kept, in tenths of a second, told to clients on it. RFC 7828 §3.3.2 */
  readonly keepaliveDeciseconds: number | undefined
  readonly validation: ValidationConfig
  readonly limits: ResolverLimits
}

/** Without a name only the addresses are known. */
export type NamedServer = { readonly name: Name | undefined; readonly addresses: readonly ServerAddress[] }

export type StubZone = {
  readonly zone: Name
  readonly addresses: readonly ServerAddress[]
  /** Servers known by name only. */
  readonly names: readonly Name[]
  /** Iterate from the root when the stub's servers fail. */
  readonly first: boolean
  /** Its servers are asked for the zone's NS records, which are used from then on. */
  readonly prime: boolean
  readonly cache: boolean
  readonly transport: 'udp' | 'tcp' | 'tls'
}

export type ForwardZone = Omit<StubZone, 'prime'>

export type TtlBounds = {
  readonly minSeconds: number
  readonly maxSeconds: number
  readonly minNegativeSeconds: number
  readonly maxNegativeSeconds: number
}

export type StaleConfig = {
  /** How long past its time; 0 is no end. */
  readonly maxSeconds: number
  /** The TTL of stale answers. */
  readonly replySeconds: number
  /** Wait so long for a fresh answer; 0: answer at once and fetch then. */
  readonly clientTimeoutMs: number
  /** A failure to renew makes the record stale for as long again. */
  readonly reset: boolean
  /** Told by an extended error. */
  readonly told: boolean
}

export type ValidationConfig = {
  readonly enabled: boolean
  /** DS and DNSKEY records that are trusted. */
  readonly anchors: readonly ResourceRecord[]
  /** State files of RFC 5011, which `persist` gives back. */
  readonly managedAnchors: readonly { readonly zone: Name; readonly text: string }[]
  readonly addHoldDownSeconds: number
  readonly removeHoldDownSeconds: number
  readonly keepMissingSeconds: number
  /** Zones that are taken as unsigned. RFC 7646 */
  readonly insecureZones: readonly Name[]
  /** The same until a time, in seconds since 1970. RFC 7646 §6 */
  readonly negativeAnchors: readonly { readonly zone: Name; readonly untilSeconds: number }[]
  /** A zone below an anchor that gives no DNSKEY is bogus; else insecure. */
  readonly hardenDnssecStripped: boolean
  /** The time by which signatures are judged, in seconds since 1970; absent: the clock. */
  readonly atSeconds?: number
  /** Dates of signatures do not count: for tests. */
  readonly ignoreDates: boolean
  /** Synthesise from validated denials. RFC 8198 */
  readonly aggressive: boolean
  /** How long what failed validation is remembered. */
  readonly bogusSeconds: number
  readonly nsec3Iterations: number
  /** Allowance for the clocks of signers: a tenth of the lifetime, within these. */
  readonly skewMinSeconds: number
  readonly skewMaxSeconds: number
  /** Bogus answers are told, without AD. */
  readonly permissive: boolean
  /** A zone that signs with an algorithm at its DS must sign all with it. RFC 6840 §5.11 */
  readonly hardenAlgorithmDowngrade: boolean
}

export const RESOLVER_CONFIG: Omit<ResolverConfig, 'hints'> = {
  stubs: [],
  forwards: [],
  ipv4: true,
  ipv6: true,
  minimise: 'relaxed',
  minimisedType: 'A',
  hideType: false,
  mixedCase: false,
  cookies: true,
  addressesAhead: [3, 2, 1, 0, 0],
  minimalResponses: true,
  refuseUnaskedNs: true,
  takeAliasTargets: false,
  addressesAlone: true,
  nxdomainCut: 'secure',
  privateAddresses: [],
  privateNames: [],
  unaskedAddresses: [],
  ttl: { minSeconds: 0, maxSeconds: 86_400, minNegativeSeconds: 0, maxNegativeSeconds: 3600 },
  stale: undefined,
  prefetch: false,
  prefetchKeys: false,
  extendedErrors: true,
  version: undefined,
  identity: undefined,
  nsid: undefined,
  keepaliveDeciseconds: undefined,
  validation: {
    enabled: true,
    anchors: [],
    managedAnchors: [],
    addHoldDownSeconds: 30 * 86_400,
    removeHoldDownSeconds: 30 * 86_400,
    keepMissingSeconds: 366 * 86_400,
    insecureZones: [],
    negativeAnchors: [],
    hardenDnssecStripped: true,
    ignoreDates: false,
    aggressive: true,
    bogusSeconds: 60,
    nsec3Iterations: 50,
    skewMinSeconds: 3600,
    skewMaxSeconds: 86_400,
    permissive: false,
    hardenAlgorithmDowngrade: false,
  },
  limits: RESOLVER_LIMITS,
}
