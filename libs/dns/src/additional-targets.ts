// Which names a record leads its reader to, and which types of them he will ask for next.
// RFC 1035 §3.3.9, §3.3.11, RFC 2782, RFC 9460 §4.1 (SVCB), RFC 3403 §4.2 (NAPTR)

import { decodeLatin1 } from '@scop/octets'
import type { Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { A } from './rr/a.ts'
import { AAAA } from './rr/aaaa.ts'
import { HTTPS } from './rr/https.ts'
import { MX } from './rr/mx.ts'
import { NAPTR } from './rr/naptr.ts'
import { NS } from './rr/ns.ts'
import { SRV } from './rr/srv.ts'
import { SVCB } from './rr/svcb.ts'

/** A name, and the types at it that serve who reads the record. */
export type AdditionalTarget = { readonly host: Name; readonly types: readonly number[] }

/** What belongs to the additional section beside `record`, which may name several things or nothing. */
export function additionalTargets(
  record: Pick<ResourceRecord, 'name' | 'type' | 'rdata'>,
): readonly AdditionalTarget[] {
  if (record.type === NAPTR.code) return ruledBy(record)
  if (record.type === SVCB.code || record.type === HTTPS.code) return boundBy(record)
  const host = hostOf(record)
  return host === undefined ? [] : [{ host, types: ADDRESSES }]
}

/** Flags S and A say what comes next. RFC 3404 §4.3 */
function ruledBy({ rdata }: Pick<ResourceRecord, 'rdata'>): readonly AdditionalTarget[] {
  const naptr = decodeRdata(NAPTR, rdata)
  if (!naptr.ok) return []
  const flag = decodeLatin1(naptr.value.flags).toUpperCase()
  const types = flag === 'S' ? [SRV.code] : flag === 'A' ? ADDRESSES : []
  return types.length === 0 ? [] : [{ host: naptr.value.replacement, types }]
}

/** An alias leads to records of the same type; a service is at its target, or at the owner. RFC 9460 §4.1 */
function boundBy({ name, type, rdata }: Pick<ResourceRecord, 'name' | 'type' | 'rdata'>): readonly AdditionalTarget[] {
  const svcb = decodeRdata(SVCB, rdata)
  if (!svcb.ok) return []
  const { priority, target } = svcb.value
  const isRoot = target.octets.length === 1
  if (priority === 0) return isRoot ? [] : [{ host: target, types: [type, ...ADDRESSES] }]
  return [{ host: isRoot ? name : target, types: ADDRESSES }]
}

function hostOf({ type, rdata }: Pick<ResourceRecord, 'type' | 'rdata'>): Name | undefined {
  if (type === MX.code) {
    const mx = decodeRdata(MX, rdata)
    return mx.ok ? mx.value.exchange : undefined
  }
  if (type === SRV.code) {
    const srv = decodeRdata(SRV, rdata)
    return srv.ok ? srv.value.target : undefined
  }
  if (type === NS.code) {
    const ns = decodeRdata(NS, rdata)
    return ns.ok ? ns.value.name : undefined
  }
  return undefined
}

export const ADDRESSES: readonly number[] = [A.code, AAAA.code]
