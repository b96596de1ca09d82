// What a signature is computed over: the RRSIG without its signature, then the RRset in canonical form and order.
// RFC 4034 §3.1.8.1, §6.2 (form), §6.3 (order, no duplicates), RFC 4035 §5.3.2 (the owner that a wildcard had)

import { canonicalRdata, CLASS, labelCount, isWildcard, type Name, type RRset, type RrsigData } from '@scop/dns'
import { compareOctets, encodeLatin1 } from '@scop/octets'

/** `labels` of the RRSIG must not be more than the owner has: `verifyRrsig` has checked. */
export function signedData(owner: Name, rrset: RRset, rrsig: RrsigData): Uint8Array {
  const records = canonicalRrset(signedOwner(owner, rrsig.labels), rrset, rrsig.originalTtlSeconds)
  return withRrsigHead(rrsig, records)
}

/** The labels field of a signature over this owner: the root and a wildcard's `*` do not count. RFC 4034 §3.1.3 */
export function signedLabels(owner: Name): number {
  return labelCount(owner) - (isWildcard(owner) ? 1 : 0)
}

// RRSIG_RDATA without the signature, the signer's name in lower case.      RFC 4034 §3.1.8.1
export function withRrsigHead(rrsig: Omit<RrsigData, 'signature'>, records: Uint8Array): Uint8Array {
  const signer = rrsig.signer.key
  const data = new Uint8Array(HEAD_OCTETS + signer.length + records.length)
  const view = new DataView(data.buffer)
  view.setUint16(0, rrsig.typeCovered)
  view.setUint8(2, rrsig.algorithm)
  view.setUint8(3, rrsig.labels)
  view.setUint32(4, rrsig.originalTtlSeconds)
  view.setUint32(8, rrsig.expiration)
  view.setUint32(12, rrsig.inception)
  view.setUint16(16, rrsig.keyTag)
  writeKey(data, HEAD_OCTETS, signer)
  data.set(records, HEAD_OCTETS + signer.length)
  return data
}

// RR(i) = owner | type | class | TTL | RDATA length | RDATA      RFC 4034 §3.1.8.1
/** The records one after the other; `ownerKey` is the canonical owner, one character for each octet. */
export function canonicalRrset(ownerKey: string, rrset: RRset, ttlSeconds: number): Uint8Array {
  const rdatas = canonicalOrder(rrset)
  const head = encodeLatin1(ownerKey)
  let length = 0
  for (const rdata of rdatas) length += head.length + RECORD_OCTETS + rdata.length
  const records = new Uint8Array(length)
  const view = new DataView(records.buffer)
  let at = 0
  for (const rdata of rdatas) {
    records.set(head, at)
    at += head.length
    view.setUint16(at, rrset.type)
    view.setUint16(at + 2, CLASS.IN)
    view.setUint32(at + 4, ttlSeconds)
    view.setUint16(at + 8, rdata.length)
    at += RECORD_OCTETS
    records.set(rdata, at)
    at += rdata.length
  }
  return records
}

/** Canonical, sorted, each once. */
function canonicalOrder({ type, rdatas }: RRset): readonly Uint8Array[] {
  if (rdatas.length === 1) return rdatas.map((rdata) => canonicalRdata(type, rdata))
  const sorted = rdatas.map((rdata) => canonicalRdata(type, rdata)).sort(compareOctets)
  return sorted.filter((rdata, i) => i === 0 || compareOctets(rdata, sorted[i - 1] ?? rdata) !== 0)
}

/** Where the labels are fewer than the owner's, the records came from a wildcard, and its name was signed. */
function signedOwner(owner: Name, rrsigLabels: number): string {
  const extra = signedLabels(owner) - rrsigLabels
  if (extra <= 0) return owner.key
  const { key } = owner
  let at = 0
  for (let skip = labelCount(owner) - rrsigLabels; skip > 0; skip--) at += 1 + key.charCodeAt(at)
  return WILDCARD + key.slice(at)
}

function writeKey(octets: Uint8Array, at: number, key: string): void {
  for (let i = 0; i < key.length; i++) octets[at + i] = key.charCodeAt(i)
}

const HEAD_OCTETS = 18
const RECORD_OCTETS = 10
const WILDCARD = '\u0001*'
