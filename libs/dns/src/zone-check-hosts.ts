// Whether names that stand for hosts and mailboxes could be such.      RFC 952, RFC 1123 §2.1, RFC 6763 §11

import { formatName, isAtOrBelow, labels, type Name, parseName, ROOT } from './name.ts'
import { isAddressOwner, isHostName, isMailboxName } from './host-name.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { HTTPS } from './rr/https.ts'
import { MX } from './rr/mx.ts'
import { NS } from './rr/ns.ts'
import { PTR } from './rr/ptr.ts'
import { RP } from './rr/rp.ts'
import { SOA } from './rr/soa.ts'
import { SRV } from './rr/srv.ts'
import { SVCB } from './rr/svcb.ts'
import type { ZoneNode } from './zone.ts'
import { dataOf, type ZoneCheck } from './zone-finding.ts'

export function checkHostNames({ zone, error }: ZoneCheck, node: ZoneNode): void {
  for (const type of [A, AAAA]) {
    if (node.rrsets.has(type.code) && !isAddressOwner(node.name)) error('not-a-host-name', node.name, type)
  }
  const host = (type: { readonly code: number }, name: Name): void => {
    if (!isHostName(name)) error('not-a-host-name', node.name, type, formatName(name))
  }
  const mailbox = (type: { readonly code: number }, name: Name): void => {
    if (!isMailboxName(name)) error('not-a-mailbox-name', node.name, type, formatName(name))
  }
  for (const { name } of dataOf(node, NS)) host(NS, name)
  for (const { exchange } of dataOf(node, MX)) host(MX, exchange)
  for (const { target } of dataOf(node, SRV)) host(SRV, target)
  for (const { primary, responsible } of dataOf(node, SOA)) {
    host(SOA, primary)
    mailbox(SOA, responsible)
  }
  for (const { first } of dataOf(node, RP)) mailbox(RP, first)
  for (const type of [SVCB, HTTPS]) {
    // An alias may lead to a name with labels of its own making.
    for (const { priority, target } of dataOf(node, type)) if (priority > 0) host(type, target)
  }
  const reverse = REVERSE.some((tree) => isAtOrBelow(zone.origin, tree))
  if (reverse && !isServiceEnumeration(node.name)) for (const { name } of dataOf(node, PTR)) host(PTR, name)
}

/** `b._dns-sd._udp…`: lists domains, whose names have no form. RFC 6763 §11 */
function isServiceEnumeration(name: Name): boolean {
  const [first, second, third] = labels(name).map((label) => String.fromCharCode(...label).toLowerCase())
  return ENUMERATIONS.has(first ?? '') && second === '_dns-sd' && third === '_udp'
}

const REVERSE: readonly Name[] = ['in-addr.arpa', 'ip6.arpa', 'ip6.int'].flatMap((text) => {
  const name = parseName(text, ROOT)
  return name.ok ? [name.value] : []
})
const ENUMERATIONS: ReadonlySet<string> = new Set(['b', 'db', 'r', 'dr', 'lb'])
