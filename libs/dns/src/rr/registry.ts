// The record types whose data this library reads; those of all others are opaque.      RFC 3597 §3

import { A } from './a.ts'
import { AAAA } from './aaaa.ts'
import { CAA } from './caa.ts'
import { CDNSKEY } from './cdnskey.ts'
import { CDS } from './cds.ts'
import { CNAME } from './cname.ts'
import { DNAME } from './dname.ts'
import { DNSKEY } from './dnskey.ts'
import { DS } from './ds.ts'
import { MX } from './mx.ts'
import { NS } from './ns.ts'
import { NSEC } from './nsec.ts'
import { NSEC3 } from './nsec3.ts'
import { NSEC3PARAM } from './nsec3param.ts'
import { OPT } from './opt.ts'
import { PTR } from './ptr.ts'
import type { RecordType } from './record-type.ts'
import { RRSIG } from './rrsig.ts'
import { SOA } from './soa.ts'
import { SRV } from './srv.ts'
import { TLSA } from './tlsa.ts'
import { TSIG } from './tsig.ts'
import { TXT } from './txt.ts'

/** The type of this number; `undefined` for one whose data are opaque here. */
export function recordType(code: number): RecordType<unknown> | undefined {
  return BY_CODE.get(code)
}

const TYPES: readonly RecordType<unknown>[] = [
  A,
  NS,
  CNAME,
  SOA,
  PTR,
  MX,
  TXT,
  AAAA,
  SRV,
  OPT,
  DNAME,
  DS,
  RRSIG,
  NSEC,
  DNSKEY,
  NSEC3,
  NSEC3PARAM,
  TLSA,
  CDS,
  CDNSKEY,
  TSIG,
  CAA,
]
const BY_CODE: ReadonlyMap<number, RecordType<unknown>> = new Map(TYPES.map((type) => [type.code, type]))
