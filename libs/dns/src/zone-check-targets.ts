// Whether the hosts that NS, MX and SRV name can be reached by what the zone says of them.
// RFC 2181 §10.3 (no aliases), RFC 1912 §2.8 (lame delegations), RFC 1034 §4.2.1 (glue), RFC 6672 §2.4

import { equalNames, formatName, isAtOrBelow, labels, type Name } from './name.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { CNAME } from './rr/cname.ts'
import { MX } from './rr/mx.ts'
import { NS } from './rr/ns.ts'
import { SRV } from './rr/srv.ts'
import { findNode, type Zone, type ZoneNode } from './zone.ts'
import { dataOf, type ZoneCheck } from './zone-finding.ts'
import { lookUpInZone } from './zone-lookup.ts'

/** A zone goes on without one of its delegations, but not without servers of its own: there it is an error. */
export function checkNameServers(check: ZoneCheck, node: ZoneNode): void {
  const { zone } = check
  const atApex = equalNames(node.name, zone.origin)
  const report = atApex ? check.error : check.warn
  const targets = dataOf(node, NS).map(({ name }) => name)
  for (const target of targets) {
    const text = formatName(target)
    warnOfAddress(check, node.name, NS, target)
    const found = standing(zone, target)
    if (found === 'alias') report('name-server-is-alias', node.name, NS, text)
    if (found === 'below-dname') report('name-server-below-dname', node.name, NS, text)
    if (found === 'no-address') report('name-server-without-address', node.name, NS, text)
    if (found === 'delegated') check.warn('glue-missing', node.name, NS, text)
  }
}

export function checkTargets(check: ZoneCheck, node: ZoneNode): void {
  for (const { exchange } of dataOf(node, MX)) checkTarget(check, node.name, MX, exchange)
  for (const { target } of dataOf(node, SRV)) checkTarget(check, node.name, SRV, target)
}

function checkTarget(check: ZoneCheck, owner: Name, type: { readonly code: number }, target: Name): void {
  const { zone, warn } = check
  warnOfAddress(check, owner, type, target)
  const found = standing(zone, target)
  if (found === 'alias') warn('target-is-alias', owner, type, formatName(target))
  if (found === 'no-address' || found === 'below-dname') warn('target-without-address', owner, type, formatName(target))
}

/** `MX 10 192.0.2.1` */
function warnOfAddress({ warn }: ZoneCheck, owner: Name, type: { readonly code: number }, target: Name): void {
  const first = labels(target).slice(0, 4)
  const isAddress = first.length === 4 && first.every((label) => label.every((octet) => octet >= 0x30 && octet <= 0x39))
  if (isAddress) warn('target-is-an-address', owner, type, formatName(target))
}

type Standing = 'outside' | 'below-dname' | 'delegated' | 'alias' | 'address' | 'no-address'

function standing(zone: Zone, target: Name): Standing {
  if (!isAtOrBelow(target, zone.origin)) return 'outside'
  const found = lookUpInZone(zone, target, NS.code)
  if (found.kind === 'dname') return 'below-dname'
  if (found.kind === 'cut') return hasAddress(findNode(zone, target)) ? 'address' : 'delegated'
  if (found.kind === 'absent') return 'no-address'
  if (found.node.rrsets.has(CNAME.code)) return 'alias'
  return hasAddress(found.node) ? 'address' : 'no-address'
}

function hasAddress(node: ZoneNode | undefined): boolean {
  return node?.rrsets.has(A.code) === true || node?.rrsets.has(AAAA.code) === true
}

/** A zone that has hosts of a family, and no server that this family reaches; of servers elsewhere it knows nothing. */
export function checkNameServerFamilies({ zone, warn }: ZoneCheck): void {
  const targets = dataOf(findNode(zone, zone.origin), NS).map(({ name }) => name)
  if (targets.length === 0 || !targets.every((target) => isAtOrBelow(target, zone.origin))) return
  const reached = (type: number): boolean => targets.some((target) => findNode(zone, target)?.rrsets.has(type) === true)
  const used = (type: number): boolean => {
    for (const [, node] of zone.nodes.entries()) if (node.rrsets.has(type)) return true
    return false
  }
  if (!reached(A.code) && used(A.code)) warn('name-servers-without-ipv4', zone.origin, NS)
  if (!reached(AAAA.code) && used(AAAA.code)) warn('name-servers-without-ipv6', zone.origin, NS)
}
