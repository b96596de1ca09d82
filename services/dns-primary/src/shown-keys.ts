// What a zone shows of its signing: whether it is signed at all, and in which way; its keys; how long caches keep its data.
// RFC 4034 §2, RFC 5155 §4 (NSEC3PARAM), RFC 7344 §3, RFC 8976 §2.2

import {
  CDNSKEY,
  CDS,
  decodeRdata,
  DNSKEY,
  encodeRdata,
  equalRdata,
  findNode,
  NSEC,
  NSEC3PARAM,
  type RRset,
  signatureSlot,
  SOA,
  type Zone,
  ZONEMD,
} from '@scop/dns'
import type { Steps, ZoneKeys } from '@scop/dnssec'

export function isSigned(zone: Zone): boolean {
  return findNode(zone, zone.origin)?.rrsets.has(signatureSlot(SOA.code)) === true
}

/** Whether anything of a signing is left. */
export function showsSigning(zone: Zone): boolean {
  const rrsets = findNode(zone, zone.origin)?.rrsets
  return isSigned(zone) || [DNSKEY, NSEC, NSEC3PARAM, CDS, CDNSKEY].some(({ code }) => rrsets?.has(code) === true)
}

/** How a signed zone denies. */
export function denialKind(zone: Zone): 'nsec' | 'nsec3' | 'online' {
  const rrsets = findNode(zone, zone.origin)?.rrsets
  if (rrsets?.has(NSEC3PARAM.code) === true) return 'nsec3'
  return rrsets?.has(NSEC.code) === true ? 'nsec' : 'online'
}

/** Whether the apex has exactly these keys, and asks the parent for exactly this. */
export function showsKeys(zone: Zone, keys: ZoneKeys): boolean {
  const rrsets = findNode(zone, zone.origin)?.rrsets
  return (
    sameData(
      rrsets?.get(DNSKEY.code),
      keys.dnskeys.map((key) => encodeRdata(DNSKEY, key)),
      DNSKEY.code,
    ) &&
    sameData(
      rrsets?.get(CDS.code),
      keys.cds.map((ds) => encodeRdata(CDS, ds)),
      CDS.code,
    ) &&
    sameData(
      rrsets?.get(CDNSKEY.code),
      keys.cdnskeys.map((key) => encodeRdata(CDNSKEY, key)),
      CDNSKEY.code,
    )
  )
}

/** Whether there is one digest, of this hash and serial; `undefined`: whether there is none. Not whether it is true. */
export function showsDigest(zone: Zone, hash: number | undefined): boolean {
  const rdatas = findNode(zone, zone.origin)?.rrsets.get(ZONEMD.code)?.rdatas ?? []
  if (hash === undefined) return rdatas.length === 0
  const data = rdatas[0] === undefined ? undefined : decodeRdata(ZONEMD, rdatas[0])
  return (
    rdatas.length === 1 &&
    data?.ok === true &&
    data.value.hashAlgorithm === hash &&
    data.value.serial === zone.soa.serial
  )
}

/** No RRset has no data. */
export function sameData(rrset: RRset | undefined, rdatas: readonly Uint8Array[], type: number): boolean {
  const here = rrset?.rdatas ?? []
  return here.length === rdatas.length && rdatas.every((rdata) => here.some((other) => equalRdata(type, rdata, other)))
}

/** For so long a cache may keep what the zone says. In steps of one name each. */
export function* largestTtl(zone: Zone): Steps<number> {
  let largest = zone.soaTtlSeconds
  for (const [, node] of zone.nodes.entries()) {
    for (const { ttlSeconds } of node.rrsets.values()) largest = Math.max(largest, ttlSeconds)
    yield
  }
  return largest
}
