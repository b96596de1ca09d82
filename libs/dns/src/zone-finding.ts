// What a check of a zone finds, and what its rules work with.

import { DS } from './rr/ds.ts'
import type { RecordType } from './rr/record-type.ts'
import type { Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import type { Zone, ZoneNode } from './zone.ts'
import { lookUpInZone, type ZoneLookup } from './zone-lookup.ts'

export type ZoneFinding = {
  readonly severity: 'error' | 'warning'
  readonly kind:
    | 'alias-leads-nowhere'
    | 'below-delegation'
    | 'below-dname'
    | 'cds-not-at-apex'
    | 'cds-without-key'
    | 'cds-deletion-not-alone'
    | 'deprecated-algorithm'
    | 'deprecated-digest'
    | 'digest-length'
    | 'dnskey-not-at-apex'
    | 'ds-at-apex'
    | 'ds-without-delegation'
    | 'glue-missing'
    | 'name-server-below-dname'
    | 'name-server-is-alias'
    | 'name-server-without-address'
    | 'name-servers-without-ipv4'
    | 'name-servers-without-ipv6'
    | 'not-a-host-name'
    | 'not-a-mailbox-name'
    | 'nsec3-hash-length'
    | 'nsec3-owner-no-hash'
    | 'nsec3-parameters'
    | 'obsolete-type'
    | 'signature-ttl'
    | 'soa-timers'
    | 'several-spf-records'
    | 'spf-type-alone'
    | 'svcb-for-dns'
    | 'target-is-alias'
    | 'target-without-address'
    | 'target-is-an-address'
    | 'wildcard-delegation'
    | 'wildcard-inside'
    | 'zonemd-serial'
  readonly name: Name
  readonly type: number | undefined
  /** What of the data it is about; may be empty. */
  readonly text: string
}

/** `text` says what of the data it is about. */
export type Report = (kind: ZoneFinding['kind'], name: Name, type?: { readonly code: number }, text?: string) => void

export type ZoneCheck = { readonly zone: Zone; readonly error: Report; readonly warn: Report }

/** The typed data of the records of one type at a node. */
export function dataOf<Data>(node: ZoneNode | undefined, type: RecordType<Data>): readonly Data[] {
  const made: Data[] = []
  for (const rdata of node?.rrsets.get(type.code)?.rdatas ?? []) {
    const data = decodeRdata(type, rdata)
    if (data.ok) made.push(data.value)
  }
  return made
}

/** What hides a node: a delegation above it, or a DNAME. */
export function hiddenBy(zone: Zone, node: ZoneNode): (ZoneLookup & { readonly kind: 'cut' | 'dname' }) | undefined {
  const found = lookUpInZone(zone, node.name, DS.code)
  return found.kind === 'cut' || found.kind === 'dname' ? found : undefined
}
