// The record types whose data this library reads; those of all others are opaque.      RFC 3597 §3

import { A } from './a.ts'
import { A6 } from './a6.ts'
import { AAAA } from './aaaa.ts'
import { AFSDB } from './afsdb.ts'
import { AMTRELAY } from './amtrelay.ts'
import { APL } from './apl.ts'
import { ATMA } from './atma.ts'
import { AVC } from './avc.ts'
import { BRID } from './brid.ts'
import { CAA } from './caa.ts'
import { CDNSKEY } from './cdnskey.ts'
import { CDS } from './cds.ts'
import { CERT } from './cert.ts'
import { CLA } from './cla.ts'
import { CNAME } from './cname.ts'
import { CSYNC } from './csync.ts'
import { DHCID } from './dhcid.ts'
import { DLV } from './dlv.ts'
import { DNAME } from './dname.ts'
import { DNSKEY } from './dnskey.ts'
import { DOA } from './doa.ts'
import { DS } from './ds.ts'
import { DSYNC } from './dsync.ts'
import { EID } from './eid.ts'
import { EUI48 } from './eui48.ts'
import { EUI64 } from './eui64.ts'
import { GPOS } from './gpos.ts'
import { HHIT } from './hhit.ts'
import { HINFO } from './hinfo.ts'
import { HIP } from './hip.ts'
import { HTTPS } from './https.ts'
import { IPN } from './ipn.ts'
import { IPSECKEY } from './ipseckey.ts'
import { ISDN } from './isdn.ts'
import { KEY } from './key.ts'
import { KX } from './kx.ts'
import { L32 } from './l32.ts'
import { L64 } from './l64.ts'
import { LOC } from './loc.ts'
import { LP } from './lp.ts'
import { MB } from './mb.ts'
import { MD } from './md.ts'
import { MF } from './mf.ts'
import { MG } from './mg.ts'
import { MINFO } from './minfo.ts'
import { MR } from './mr.ts'
import { MX } from './mx.ts'
import { NAPTR } from './naptr.ts'
import { NID } from './nid.ts'
import { NIMLOC } from './nimloc.ts'
import { NINFO } from './ninfo.ts'
import { NS } from './ns.ts'
import { NSAP } from './nsap.ts'
import { NSAP_PTR } from './nsap-ptr.ts'
import { NSEC } from './nsec.ts'
import { NSEC3 } from './nsec3.ts'
import { NSEC3PARAM } from './nsec3param.ts'
import { NULL } from './null.ts'
import { NXT } from './nxt.ts'
import { OPENPGPKEY } from './openpgpkey.ts'
import { OPT } from './opt.ts'
import { PTR } from './ptr.ts'
import { PX } from './px.ts'
import type { RecordType } from './record-type.ts'
import { RESINFO } from './resinfo.ts'
import { RKEY } from './rkey.ts'
import { RP } from './rp.ts'
import { RRSIG } from './rrsig.ts'
import { RT } from './rt.ts'
import { SIG } from './sig.ts'
import { SINK } from './sink.ts'
import { SMIMEA } from './smimea.ts'
import { SOA } from './soa.ts'
import { SPF } from './spf.ts'
import { SRV } from './srv.ts'
import { SSHFP } from './sshfp.ts'
import { SVCB } from './svcb.ts'
import { TA } from './ta.ts'
import { TALINK } from './talink.ts'
import { TKEY } from './tkey.ts'
import { TLSA } from './tlsa.ts'
import { TSIG } from './tsig.ts'
import { TXT } from './txt.ts'
import { URI } from './uri.ts'
import { WALLET } from './wallet.ts'
import { WKS } from './wks.ts'
import { X25 } from './x25.ts'
import { ZONEMD } from './zonemd.ts'

/** The type of this number; `undefined` for one whose data are opaque here. */
export function recordType(code: number): RecordType<unknown> | undefined {
  return BY_CODE.get(code)
}

const TYPES: readonly RecordType<unknown>[] = [
  A,
  NS,
  MD,
  MF,
  CNAME,
  SOA,
  MB,
  MG,
  MR,
  NULL,
  WKS,
  PTR,
  HINFO,
  MINFO,
  MX,
  TXT,
  RP,
  AFSDB,
  X25,
  ISDN,
  RT,
  NSAP,
  NSAP_PTR,
  SIG,
  KEY,
  PX,
  GPOS,
  AAAA,
  LOC,
  NXT,
  EID,
  NIMLOC,
  SRV,
  ATMA,
  NAPTR,
  KX,
  CERT,
  A6,
  DNAME,
  SINK,
  OPT,
  APL,
  DS,
  SSHFP,
  IPSECKEY,
  RRSIG,
  NSEC,
  DNSKEY,
  DHCID,
  NSEC3,
  NSEC3PARAM,
  TLSA,
  SMIMEA,
  HIP,
  NINFO,
  RKEY,
  TALINK,
  CDS,
  CDNSKEY,
  OPENPGPKEY,
  CSYNC,
  ZONEMD,
  SVCB,
  HTTPS,
  DSYNC,
  HHIT,
  BRID,
  SPF,
  NID,
  L32,
  L64,
  LP,
  EUI48,
  EUI64,
  TKEY,
  TSIG,
  URI,
  CAA,
  AVC,
  DOA,
  AMTRELAY,
  RESINFO,
  WALLET,
  CLA,
  IPN,
  TA,
  DLV,
]
const BY_CODE: ReadonlyMap<number, RecordType<unknown>> = new Map(TYPES.map((type) => [type.code, type]))
