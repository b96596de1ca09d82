// The servers of one zone: their names, the addresses that are known, and what has been tried.
// RFC 1034 §5.3.3 (SLIST), RFC 9471 §2 (glue)

import { A, AAAA, decodeRdata, equalNames, type Name, NS } from '@scop/dns'
import { decodeIpAddress } from '@scop/identifiers'
import type { ServerAddress } from './event.ts'
import type { Rrset } from './rrset.ts'

export type NameServer = {
  readonly name: Name
  /** Looked up, whatever came of it. */
  readonly asked: { 4: boolean; 6: boolean }
  /** Has one address at least. */
  found: boolean
}

export type Target = {
  readonly server: ServerAddress
  /** Of the server; `undefined` where only the address was configured. */
  readonly host: Name | undefined
  attempts: number
  /** Of no use for this zone, in this lookup. */
  dead: boolean
  /** Answers without signatures where there should be some: the last resort. */
  unsigned: boolean
}

export class Delegation {
  readonly zone: Name
  readonly nameServers: NameServer[] = []
  readonly targets: Target[] = []
  /** Whether its NS records are those of the parent. */
  readonly fromParent: boolean
  /** Set: its servers are resolvers, to be asked with RD. */
  readonly recursive: boolean
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** Whether anything may be kept. */
  readonly cache: boolean
  readonly configured: boolean
  /** Its servers are asked which the zone's servers are. */
  readonly primes: boolean
  /** What is learned from its servers about delegations ends with its own. */
  readonly expiresAtMs: number
  misses = 0

  constructor(
    zone: Name,
    options: {
      readonly fromParent?: boolean
      readonly recursive?: boolean
      readonly transport?: 'udp' | 'tcp' | 'tls'
      readonly cache?: boolean
      readonly configured?: boolean
      readonly primes?: boolean
      readonly expiresAtMs?: number
    } = {},
  ) {
    this.zone = zone
    this.fromParent = options.fromParent ?? false
    this.recursive = options.recursive ?? false
    this.transport = options.transport ?? 'udp'
    this.cache = options.cache ?? true
    this.configured = options.configured ?? false
    this.primes = options.primes ?? false
    this.expiresAtMs = options.expiresAtMs ?? Number.POSITIVE_INFINITY
  }

  addName(name: Name, limit: number): void {
    if (this.nameServers.length >= limit || this.nameServers.some((known) => equalNames(known.name, name))) return
    this.nameServers.push({ name, asked: { 4: false, 6: false }, found: false })
  }

  addNames(ns: Rrset, limit: number): void {
    for (const rdata of ns.rdatas) {
      const decoded = decodeRdata(NS, rdata)
      if (decoded.ok) this.addName(decoded.value.name, limit)
    }
  }

  addAddress(server: ServerAddress, host: Name | undefined): void {
    const nameServer = host === undefined ? undefined : this.nameServers.find(({ name }) => equalNames(name, host))
    if (nameServer !== undefined) nameServer.found = true
    const { address, port } = server
    // One address under many names is one server, and is asked as one.
    if (this.targets.some(({ server: known }) => known.address === address && known.port === port)) return
    this.targets.push({ server, host, attempts: 0, dead: false, unsigned: false })
  }

  /** The addresses of an A or AAAA RRset, if its owner is one of the name servers. */
  addAddresses(rrset: Rrset, asHost: Name = rrset.name): void {
    const nameServer = this.nameServers.find(({ name }) => equalNames(name, asHost))
    if (nameServer === undefined || (rrset.type !== A.code && rrset.type !== AAAA.code)) return
    nameServer.asked[rrset.type === A.code ? 4 : 6] = true
    for (const rdata of rrset.rdatas) {
      const address = decodeIpAddress(rdata)
      if (address.ok) this.addAddress({ address: address.value, port: 53 }, asHost)
    }
  }
}
