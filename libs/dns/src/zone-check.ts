// What is wrong with a zone that can be read: errors, which make a server refuse it, and warnings. A rule a function.
// RFC 1912 §2 (common mistakes), RFC 2181 §10 (aliases), RFC 6672 §2.4 (DNAME), RFC 7208 §3.1 (SPF)

import { decodeLatin1 } from '@scop/octets'
import { formatName, isAtOrBelow, isWildcard, parentName } from './name.ts'
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
import { checkDnssecData } from './zone-check-dnssec.ts'
import { checkNameServers, checkTargets } from './zone-check-targets.ts'
import { checkServiceBindings } from './zone-check-svcb.ts'
import { checkHostNames } from './zone-check-hosts.ts'
import { dataOf, hiddenBy, type Report, type ZoneCheck, type ZoneFinding } from './zone-finding.ts'
import { lookUpInZone } from './zone-lookup.ts'

/** All findings, by name in canonical order. */
export function checkZone(zone: Zone): readonly ZoneFinding[] {
  const findings: ZoneFinding[] = []
  const reporter =
    (severity: ZoneFinding['severity']): Report =>
    (kind, name, type, text = '') => {
      findings.push({ severity, kind, name, type: type?.code, text })
    }
  const check: ZoneCheck = { zone, error: reporter('error'), warn: reporter('warning') }
  checkSoa(check)
  for (let i = 0; i < zone.order.size; i++) {
    const name = zone.order.at(i)
    const node = name === undefined ? undefined : findNode(zone, name)
    if (node === undefined || node.rrsets.size === 0) continue
    if (isOccluded(check, node)) continue
    checkTypes(check, node)
    checkWildcard(check, node)
    checkSpf(check, node)
    checkAlias(check, node)
    checkNameServers(check, node)
    checkTargets(check, node)
    checkHostNames(check, node)
    checkServiceBindings(check, node)
  }
  checkDnssecData(check)
  return findings
}

/** `warning obsolete-type a.example. MD` */
export function formatZoneFinding({ severity, kind, name, type, text }: ZoneFinding): string {
  return [severity, kind, formatName(name), ...(type === undefined ? [] : [formatType(type)]), text].join(' ').trimEnd()
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
