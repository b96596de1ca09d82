// What the records of DNSSEC say that cannot be, or should not be any more. Signatures are not verified here.
// RFC 4035 §2.4 (DS), RFC 5155 §4.1, RFC 7344 §4.1 (CDS), RFC 8078 §4, RFC 8624 §3, RFC 8976 §3.1, RFC 9276 §3.1

import { decodeLatin1 } from '@scop/octets'
import { decodeBase32Hex } from './base32hex.ts'
import { equalNames, labels, parentName } from './name.ts'
import { CDNSKEY } from './rr/cdnskey.ts'
import { CDS } from './rr/cds.ts'
import { DNSKEY } from './rr/dnskey.ts'
import { DS_DIGEST_OCTETS, fitsDigest, zonemdOctets } from './rr/digest-octets.ts'
import { DS, type DsData } from './rr/ds.ts'
import { KEY } from './rr/key.ts'
import { NS } from './rr/ns.ts'
import { NSEC3 } from './rr/nsec3.ts'
import { NSEC3PARAM } from './rr/nsec3param.ts'
import type { RecordType } from './rr/record-type.ts'
import { RRSIG } from './rr/rrsig.ts'
import { ZONEMD } from './rr/zonemd.ts'
import { findHashedNode, findNode, signatureSlot, typesOf, type ZoneNode } from './zone.ts'
import { dataOf, type ZoneCheck } from './zone-finding.ts'

/** Of a node that nothing hides. */
export function checkDnssecNode(check: ZoneCheck, node: ZoneNode): void {
  checkDs(check, node)
  checkKeys(check, node)
  checkSignatureTtls(check, node)
  if (!equalNames(node.name, check.zone.origin)) checkNotAtApex(check, node)
}

export function checkDnssecApex(check: ZoneCheck): void {
  const { zone } = check
  checkCds(check)
  checkParameters(check)
  for (const { serial, scheme, hashAlgorithm, digest } of dataOf(findNode(zone, zone.origin), ZONEMD)) {
    if (serial !== zone.soa.serial) check.warn('zonemd-serial', zone.origin, ZONEMD, String(serial))
    const octets = zonemdOctets(scheme, hashAlgorithm)
    const text = `${serial} ${scheme} ${hashAlgorithm}`
    if (!fitsDigest(digest, octets)) check.error('digest-length', zone.origin, ZONEMD, text)
  }
}

function checkDs(check: ZoneCheck, node: ZoneNode): void {
  const records = dataOf(node, DS)
  if (records.length === 0) return
  if (equalNames(node.name, check.zone.origin)) check.error('ds-at-apex', node.name, DS)
  else if (!node.rrsets.has(NS.code)) check.error('ds-without-delegation', node.name, DS)
  for (const ds of records) checkDigest(check, node, DS, ds)
}

function checkDigest(check: ZoneCheck, node: ZoneNode, type: RecordType<DsData>, ds: DsData): void {
  const octets = DS_DIGEST_OCTETS.get(ds.digestType)
  const text = `${ds.keyTag} ${ds.algorithm} ${ds.digestType}`
  if (!fitsDigest(ds.digest, octets)) check.error('digest-length', node.name, type, text)
  if (DEPRECATED_DIGESTS.has(ds.digestType)) check.warn('deprecated-digest', node.name, type, text)
  if (DEPRECATED.has(ds.algorithm)) check.warn('deprecated-algorithm', node.name, type, text)
}

function checkKeys({ warn }: ZoneCheck, node: ZoneNode): void {
  for (const type of [DNSKEY, CDNSKEY, KEY]) {
    const algorithms = new Set(dataOf(node, type).map(({ algorithm }) => algorithm))
    for (const algorithm of algorithms) {
      if (DEPRECATED.has(algorithm)) warn('deprecated-algorithm', node.name, type, String(algorithm))
    }
  }
}

/** RFC 4034 §3: a signature has the TTL of what it covers. */
function checkSignatureTtls({ warn }: ZoneCheck, node: ZoneNode): void {
  for (const type of typesOf(node)) {
    const [data, signatures] = [node.rrsets.get(type), node.rrsets.get(signatureSlot(type))]
    if (signatures !== undefined && data?.ttlSeconds !== signatures.ttlSeconds) warn('signature-ttl', node.name, RRSIG)
  }
}

function checkNotAtApex({ warn }: ZoneCheck, node: ZoneNode): void {
  if (node.rrsets.has(DNSKEY.code)) warn('dnskey-not-at-apex', node.name, DNSKEY)
  for (const type of [CDS, CDNSKEY]) if (node.rrsets.has(type.code)) warn('cds-not-at-apex', node.name, type)
}

/** What the parent is asked for must be a key that is there, or the end of all keys, and then nothing else. */
function checkCds(check: ZoneCheck): void {
  const { zone, error } = check
  const apex = findNode(zone, zone.origin)
  const keys = new Set(dataOf(apex, DNSKEY).map(({ algorithm }) => algorithm))
  const requests: readonly (readonly [{ readonly code: number }, readonly { readonly algorithm: number }[]])[] = [
    [CDS, dataOf(apex, CDS)],
    [CDNSKEY, dataOf(apex, CDNSKEY)],
  ]
  for (const [type, data] of requests) {
    const deletions = data.filter(({ algorithm }) => algorithm === 0).length
    if (deletions > 0 && deletions < data.length) error('cds-deletion-not-alone', zone.origin, type)
    for (const { algorithm } of data) {
      if (algorithm !== 0 && !keys.has(algorithm)) error('cds-without-key', zone.origin, type, String(algorithm))
    }
  }
  if (apex !== undefined) {
    for (const cds of dataOf(apex, CDS)) if (cds.algorithm !== 0) checkDigest(check, apex, CDS, cds)
  }
}

function checkParameters({ zone, warn }: ZoneCheck): void {
  for (const param of dataOf(findNode(zone, zone.origin), NSEC3PARAM)) {
    const text = `${param.hashAlgorithm} ${param.flags} ${param.iterations}`
    const unusable = param.hashAlgorithm !== SHA1 || param.flags !== 0 // RFC 5155 §4.1.2: it is ignored
    if (unusable || param.iterations > 0 || param.salt.length > 0) {
      warn('nsec3-parameters', zone.origin, NSEC3PARAM, text)
    }
  }
}

/** RFC 5155 §3: one label of base 32, right below the apex. */
export function checkHashedOwners({ zone, error }: ZoneCheck): void {
  for (let i = 0; i < zone.hashedOrder.size; i++) {
    const name = zone.hashedOrder.at(i)
    const [label] = name === undefined ? [] : labels(name)
    const above = name === undefined ? undefined : parentName(name)
    if (name === undefined || label === undefined || above === undefined) continue
    const hash = decodeBase32Hex(decodeLatin1(label))
    if (!hash.ok || !equalNames(above, zone.origin)) error('nsec3-owner-no-hash', name)
    for (const { hashAlgorithm, nextHash } of dataOf(findHashedNode(zone, name), NSEC3)) {
      if (hashAlgorithm === SHA1 && nextHash.length !== SHA1_OCTETS) error('nsec3-hash-length', name, NSEC3)
    }
  }
}

const SHA1 = 1
const SHA1_OCTETS = 20
/** SHA-1, GOST R 34.11-94. RFC 8624 §3.3, RFC 9905 §3 */
const DEPRECATED_DIGESTS: ReadonlySet<number> = new Set([1, 3])
/** RSAMD5, DSA, RSASHA1, DSA-NSEC3-SHA1, RSASHA1-NSEC3-SHA1, ECC-GOST. RFC 8624 §3.1, RFC 9905 §2 */
const DEPRECATED: ReadonlySet<number> = new Set([1, 3, 5, 6, 7, 12])
