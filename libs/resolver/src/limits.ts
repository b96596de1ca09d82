// Every bound of the resolver, as named numbers. Each has a test that trips it.
// RFC 9520 §3.2 (failures), RFC 9156 §2.3 (minimisation), RFC 8767 §5 (stale), RFC 1034 §5.3.3 (bounded work)

export type ResolverLimits = {
  /** Packets sent for one client query, with everything that it sets off: restarts, aliases, addresses, validation. */
  readonly packetsPerQuery: number
  /** Packets of one lookup, which is one name and type. */
  readonly packetsPerLookup: number
  /** Lookups waiting for lookups. */
  readonly depth: number
  /** CNAMEs and DNAMEs followed for one query. */
  readonly aliasHops: number
  /** Referrals followed for one query. */
  readonly referrals: number
  /** Name servers of one delegation that are looked at. */
  readonly nameServers: number
  /** Name servers of one delegation that turned out to have no address. */
  readonly addressMisses: number
  /** Lookups of name servers' addresses for one query. */
  readonly addressLookups: number
  /** Times that one server is asked in one lookup. */
  readonly attemptsPerServer: number
  /** From the client's query to the end of all work for it. */
  readonly queryMs: number
  /** Labels of a name that are asked one by one, and those first that go alone. RFC 9156 §2.3 */
  readonly minimisedQueries: number
  readonly minimisedSingly: number
  /** Replies that do not match, after which the question is put by TCP. */
  readonly mismatches: number
  /** Clients that may wait at the same time, all and from one address. */
  readonly waitingClients: number
  readonly waitingPerClient: number
  /** A client that waited longer gets no answer: it has asked again, and late answers sent together are an attack. */
  readonly clientWaitMs: number
  /** Exchanges under way at the same time, all and with one zone. */
  readonly exchanges: number
  readonly exchangesPerZone: number
  /** Records of one RRset; a larger one is dropped. */
  readonly recordsPerRrset: number
  /** What the caches may hold, and what one zone may hold of it, as a divisor. */
  readonly rrsetCacheOctets: number
  readonly messageCacheOctets: number
  readonly cacheZoneShare: number
  /** How long a failure is remembered: first, and at most after doubling. */
  readonly failureSeconds: number
  readonly failureMaxSeconds: number
  /** Servers whose round-trip times are remembered, and for how long. */
  readonly serversRemembered: number
  readonly serverSeconds: number
  /** Octets of a UDP reply that is asked for. */
  readonly udpOctets: number
  /** Signatures verified in one go, before other work has its turn. */
  readonly verificationsPerTurn: number
  /** Signatures verified for one client query: all, and those that failed. */
  readonly verificationsPerQuery: number
  readonly failedVerificationsPerQuery: number
  /** NSEC3 hashes for one client query. */
  readonly hashesPerQuery: number
  /** Signatures tried for one RRset, and keys of the same tag for one signature. */
  readonly signaturesPerRrset: number
  readonly keyCollisions: number
  /** DS records that name a key and are not its digest, in one DNSKEY set. */
  readonly dsMismatches: number
  /** RRsets of an answer of type ANY that are verified and told. */
  readonly rrsetsOfAny: number
  /** NSEC and NSEC3 RRsets looked at in one answer. */
  readonly denialRecords: number
  /** How often other servers are asked for what did not validate. */
  readonly validationRetries: number
  /** How often a zone is asked for its keys, in one probe of its anchors, while they do not verify. */
  readonly probeAttempts: number
  /** Zones whose keys are kept. */
  readonly trustedZones: number
  /** Zones whose denials are kept, how many of each, and NSEC3 hashes to find them by. */
  readonly denialZones: number
  readonly denialsPerZone: number
  readonly hashesPerSynthesis: number
}

export const RESOLVER_LIMITS: ResolverLimits = {
  packetsPerQuery: 200,
  packetsPerLookup: 32,
  depth: 7,
  aliasHops: 11,
  referrals: 130,
  nameServers: 20,
  addressMisses: 5,
  addressLookups: 64,
  attemptsPerServer: 5,
  queryMs: 10_000,
  minimisedQueries: 10,
  minimisedSingly: 4,
  mismatches: 3,
  waitingClients: 10_000,
  waitingPerClient: 1000,
  clientWaitMs: 1900,
  exchanges: 5000,
  exchangesPerZone: 1000,
  recordsPerRrset: 100,
  rrsetCacheOctets: 64 * 1024 * 1024,
  messageCacheOctets: 32 * 1024 * 1024,
  cacheZoneShare: 4,
  failureSeconds: 5,
  failureMaxSeconds: 300,
  serversRemembered: 10_000,
  serverSeconds: 900,
  udpOctets: 1232,
  verificationsPerTurn: 8,
  verificationsPerQuery: 32,
  failedVerificationsPerQuery: 16,
  hashesPerQuery: 600,
  signaturesPerRrset: 8,
  keyCollisions: 2,
  dsMismatches: 4,
  rrsetsOfAny: 24,
  denialRecords: 8,
  validationRetries: 2,
  probeAttempts: 6,
  trustedZones: 10_000,
  denialZones: 1000,
  denialsPerZone: 1000,
  hashesPerSynthesis: 200,
}
