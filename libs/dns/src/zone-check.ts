// What is wrong with a zone that can be read: errors, which make a server refuse it, and warnings. A rule a function.
// RFC 1912 §2 (common mistakes), RFC 2181 §10 (aliases), RFC 6672 §2.4 (DNAME), RFC 7208 §3.1 (SPF)

import { decodeLatin1 } from '@scop/octets'
import { formatName, isAtOrBelow, isWildcard, type Name, parentName } from './name.ts'
import { A } from './rr/a.ts'
import { A6 } from './rr/a6.ts'
import { AAAA } from './rr/aaaa.ts'
import { CNAME } from './rr/cname.ts'
import { DLV } from './rr/dlv.ts'
import { DNAME } from './rr/dname.ts'
import { MD } from './rr/md.ts'
import { MF } from './rr/mf.ts'
import { NS } from './rr/ns.ts'
import { NXT } from './rr/nxt.ts'
import { SIG } from './rr/sig.ts'
import { SPF } from './rr/spf.ts'
import { TXT } from './rr/txt.ts'
import { WKS } from './rr/wks.ts'
import { formatType } from './type-names.ts'
import { findNode, typesOf, type Zone, type ZoneNode } from './zone.ts'
import { checkDnssecApex, checkDnssecNode, checkHashedOwners } from './zone-check-dnssec.ts'
import { checkNameServerFamilies, checkNameServers, checkTargets } from './zone-check-targets.ts'
import { checkServiceBindings } from './zone-check-svcb.ts'
import { checkHostNames } from './zone-check-hosts.ts'
import { dataOf, hiddenBy, type Report, type ZoneCheck, type ZoneFinding } from './zone-finding.ts'
import { lookUpInZone } from './zone-lookup.ts'

/** All findings, by name in canonical order. */
export function checkZone(zone: Zone): readonly ZoneFinding[] {
  const { check, findings } = startCheck(zone)
  checkSoa(check)
  checkNameServerFamilies(check)
  for (let i = 0; i < zone.order.size; i++) {
    const name = zone.order.at(i)
    if (name !== undefined) checkName(check, name)
  }
  checkDnssecApex(check)
  checkHashedOwners(check)
  return findings
}

/**
 * The errors that `after` has and `before` has not, at the names that changed and at the apex, which names the zone's
 * servers. Its work is that of the change, not that of the zone.
 */
export function findNewErrors(before: Zone, after: Zone, changed: Iterable<Name>): readonly ZoneFinding[] {
  const names = new Map([[after.origin.key, after.origin]])
  for (const name of changed) names.set(name.key, name)
  const errorsOf = (zone: Zone): readonly ZoneFinding[] => {
    const { check, findings } = startCheck(zone)
    for (const name of names.values()) checkName(check, name)
    checkDnssecApex(check)
    return findings.filter(({ severity }) => severity === 'error')
  }
  const found = errorsOf(after)
  if (found.length === 0) return []
  const known = new Set(errorsOf(before).map(formatZoneFinding))
  return found.filter((finding) => !known.has(formatZoneFinding(finding)))
}

/** `warning obsolete-type a.example. MD` */
export function formatZoneFinding(finding: ZoneFinding): string {
  return `${finding.severity} ${describeZoneFinding(finding)}`
}

/** `obsolete-type a.example. MD` */
export function describeZoneFinding({ kind, name, type, text }: ZoneFinding): string {
  return [kind, formatName(name), ...(type === undefined ? [] : [formatType(type)]), text].join(' ').trimEnd()
}

function startCheck(zone: Zone): { readonly check: ZoneCheck; readonly findings: readonly ZoneFinding[] } {
  const findings: ZoneFinding[] = []
  const reporter =
    (severity: ZoneFinding['severity']): Report =>
    (kind, name, type, text = '') => {
      findings.push({ severity, kind, name, type: type?.code, text })
    }
  return { check: { zone, error: reporter('error'), warn: reporter('warning') }, findings }
}

function checkName(check: ZoneCheck, name: Name): void {
  const node = findNode(check.zone, name)
  if (node === undefined || node.rrsets.size === 0 || isOccluded(check, node)) return
  checkTypes(check, node)
  checkWildcard(check, node)
  checkSpf(check, node)
  checkAlias(check, node)
  checkNameServers(check, node)
  checkTargets(check, node)
  checkHostNames(check, node)
  checkServiceBindings(check, node)
  checkDnssecNode(check, node)
}

/** Whether nobody will see this node's data but as glue. */
function isOccluded({ zone, warn }: ZoneCheck, node: ZoneNode): boolean {
  const hidden = hiddenBy(zone, node)
  if (hidden === undefined) return false
  const others = typesOf(node).filter((type) => type !== A.code && type !== AAAA.code)
  if (hidden.kind === 'dname') warn('below-dname', node.name, undefined, formatName(hidden.node.name))
  else if (others.length > 0) warn('below-delegation', node.name, undefined, formatName(hidden.node.name))
  return true
}

function checkSoa({ zone, warn }: ZoneCheck): void {
  const { refreshSeconds, retrySeconds, expireSeconds } = zone.soa
  const sound = retrySeconds < refreshSeconds && expireSeconds > refreshSeconds + retrySeconds
  if (!sound) warn('soa-timers', zone.origin)
}

function checkTypes({ warn }: ZoneCheck, node: ZoneNode): void {
  for (const type of OBSOLETE) if (node.rrsets.has(type.code)) warn('obsolete-type', node.name, type)
}

function checkWildcard({ warn }: ZoneCheck, node: ZoneNode): void {
  const above = parentName(node.name)
  for (let at = above; at !== undefined; at = parentName(at)) {
    if (isWildcard(at)) warn('wildcard-inside', node.name)
  }
  // RFC 4592 §4.2, RFC 6672 §3.3: what these mean is not defined.
  if (!isWildcard(node.name)) return
  for (const type of [NS, DNAME]) if (node.rrsets.has(type.code)) warn('wildcard-delegation', node.name, type)
}

function checkSpf({ warn }: ZoneCheck, node: ZoneNode): void {
  const isPolicy = ({ strings }: { readonly strings: readonly Uint8Array[] }): boolean =>
    /^v=spf1(?: |$)/i.test(strings.map(decodeLatin1).join(''))
  const policies = dataOf(node, TXT).filter(isPolicy).length
  if (policies > 1) warn('several-spf-records', node.name, TXT)
  if (policies === 0 && dataOf(node, SPF).some(isPolicy)) warn('spf-type-alone', node.name, SPF)
}

function checkAlias({ zone, warn }: ZoneCheck, node: ZoneNode): void {
  for (const { name } of dataOf(node, CNAME)) {
    const absent = isAtOrBelow(name, zone.origin) && lookUpInZone(zone, name, CNAME.code).kind === 'absent'
    if (absent) warn('alias-leads-nowhere', node.name, CNAME, formatName(name))
  }
}

const OBSOLETE: readonly { readonly code: number }[] = [MD, MF, WKS, SIG, NXT, A6, SPF, DLV]
