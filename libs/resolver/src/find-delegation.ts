// Where to begin: the closest servers that are known for a name, by configuration, by the cache, or the root's.
// RFC 1034 §5.3.3 step 2, RFC 4035 §4.2 (DS is the parent's), RFC 9609 §3

import { A, AAAA, DS, equalNames, isAtOrBelow, type Name, NS, parentName, type Question, ROOT } from '@scop/dns'
import { isAddressCovered } from '@scop/identifiers'
import { Delegation } from './delegation.ts'
import { closest, type Environment } from './environment.ts'
import { counted } from './message-cache.ts'

export type FindOptions = {
  /** Servers of this zone and of those below it led nowhere. */
  readonly above?: Name
  /** Forwarders and stubs that failed and may be passed by. */
  readonly passBy: ReadonlySet<string>
  /** A delegation that ends so soon is renewed first. */
  readonly leewayMs?: number | undefined
}

/** `undefined`: nothing is known but the root's hints, and they have not been asked yet. */
export function findDelegation(env: Environment, question: Question, options: FindOptions): Delegation | undefined {
  const { config, clock } = env
  const { nameServers } = config.limits
  let from: Name | undefined = question.name
  if (question.type === DS.code) from = parentName(question.name) ?? question.name
  const above = options.above
  if (above !== undefined && isAtOrBelow(from, above)) from = parentName(above) ?? ROOT
  const start = from
  const covers = (zone: Name): boolean => isAtOrBelow(start, zone) && !options.passBy.has(zone.key)
  const forward = closest(config.forwards, covers)
  const stub = closest(config.stubs, covers)
  const useForward =
    forward !== undefined && (stub === undefined || forward.zone.octets.length >= stub.zone.octets.length)
  if (useForward) {
    const { zone, transport, cache } = forward
    const delegation = new Delegation(zone, { recursive: true, transport, cache, configured: true })
    for (const name of forward.names) delegation.addName(name, nameServers)
    for (const server of forward.addresses) delegation.addAddress(server, undefined)
    fillFromCache(env, delegation)
    return delegation
  }
  for (let at: Name | undefined = start; at !== undefined; at = parentName(at)) {
    const primed = stub?.prime === true && env.rrsets.find(at, NS.code, clock.nowMs, question.class) !== undefined
    if (stub !== undefined && equalNames(stub.zone, at) && !primed) {
      const { zone, transport, cache, prime } = stub
      const delegation = new Delegation(zone, { transport, cache, configured: true, primes: prime })
      for (const name of stub.names) delegation.addName(name, nameServers)
      for (const server of stub.addresses) delegation.addAddress(server, undefined)
      fillFromCache(env, delegation)
      return delegation
    }
    const ns = env.rrsets.find(at, NS.code, clock.nowMs + (options.leewayMs ?? 0), question.class)
    if (ns === undefined || ns.rrset.security === 'bogus') continue
    const { expiresAtMs } = ns
    const delegation = new Delegation(at, at.octets.length === 1 ? {} : { expiresAtMs })
    delegation.addNames(ns.rrset, nameServers)
    fillFromCache(env, delegation)
    if (!isUseless(env, delegation, question)) return delegation
    if (at.octets.length === 1) return hintedDelegation(env)
  }
  return undefined
}

/** The root's servers as configured. */
export function hintedDelegation(env: Environment): Delegation {
  const delegation = new Delegation(ROOT, { fromParent: true })
  for (const { name, addresses } of env.config.hints) {
    if (name !== undefined) delegation.addName(name, env.config.limits.nameServers)
    for (const server of addresses) delegation.addAddress(server, name)
  }
  return delegation
}

/** Addresses of its name servers, as far as they are known; those known to have none count as asked. */
export function fillFromCache(env: Environment, delegation: Delegation): void {
  const { rrsets, messages, clock } = env
  for (const { name, asked } of delegation.nameServers) {
    for (const [type, family] of [
      [A.code, 4],
      [AAAA.code, 6],
    ] as const) {
      const known = rrsets.find(name, type, clock.nowMs)
      if (known !== undefined) delegation.addAddresses(counted(known, clock.nowMs))
      else if (messages.find({ name, type, class: 1 }, clock.nowMs)?.fetched.answer.length === 0) asked[family] = true
    }
  }
}

/** Without addresses, and no way to them but through itself. */
function isUseless(env: Environment, delegation: Delegation, question: Question): boolean {
  if (delegation.targets.some(({ server }) => isUsable(env, server.address))) return false
  if (delegation.nameServers.some(({ name }) => equalNames(name, question.name))) return true
  return delegation.nameServers.every(
    ({ name, asked }) =>
      isAtOrBelow(name, delegation.zone) || ((asked[4] || !env.config.ipv4) && (asked[6] || !env.config.ipv6)),
  )
}

export function isUsable(env: Environment, address: Delegation['targets'][number]['server']['address']): boolean {
  const { ipv4, ipv6, unaskedAddresses } = env.config
  return (address.includes(':') ? ipv6 : ipv4) && !isAddressCovered(address, unaskedAddresses)
}
