// DANE: whether the certificates that a TLS server shows are those that TLSA records bind to its name.
// RFC 6698 §2.1 (usage, selector, matching type), RFC 7671 §4.1 (unusable records), §5 (what each usage asks), §9 (digests)

import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { equalOctets } from '@scop/octets'
import type { TlsaData } from './rr/tlsa.ts'
import { subjectPublicKeyInfo } from './subject-public-key-info.ts'

export const TLSA_USAGE = { PKIX_TA: 0, PKIX_EE: 1, DANE_TA: 2, DANE_EE: 3 } as const
export const TLSA_SELECTOR = { CERTIFICATE: 0, PUBLIC_KEY: 1 } as const
export const TLSA_MATCHING = { FULL: 0, SHA2_256: 1, SHA2_512: 2 } as const

export type DaneOptions = {
  /** Seconds since 1970. */
  readonly now: number
  /** Names of which a certificate below a trust anchor must have one; usage 3 asks for none. RFC 7671 §5.1, §5.2.2 */
  readonly names: readonly string[]
  /** Usages that count; the others are unusable. Default 2 and 3, as mail has them (RFC 7672 §3.1.3). */
  readonly usages?: readonly number[]
}

export type DaneRefusal = {
  readonly record: TlsaData
  readonly kind: /** Unusable: these records count as if they were not there. */
    | 'usage-not-usable'
    | 'selector-unknown'
    | 'matching-type-unknown'
    | 'digest-length'
    | 'association-malformed'
    /** Usable, and another digest of the same content is stronger. RFC 7671 §9 */
    | 'weaker-digest'
    /** Usable, and no certificate that it may match does. */
    | 'differs'
    /** It matches, but what must hold besides does not. */
    | 'path-broken'
    | 'not-an-authority'
    | 'not-yet-valid'
    | 'expired'
    | 'name-differs'
}

export type DaneJudgement =
  /** `depth`: which certificate of the path it matches, 0 for the server's own. Usages 0 and 1 ask for PKIX besides. */
  | { readonly kind: 'match'; readonly record: TlsaData; readonly depth: number; readonly needsPkix: boolean }
  | { readonly kind: 'no-match'; readonly refusals: readonly DaneRefusal[] }
  /** TLS without authentication is all that these records give. RFC 7672 §2.2 */
  | { readonly kind: 'no-usable-record'; readonly refusals: readonly DaneRefusal[] }
  | { readonly kind: 'certificate-malformed' }

/** Certificates beyond `certificates` and records beyond `records` do not count. */
export const DANE_LIMITS = { certificates: 10, records: 100 } as const

/** `chain` is what the server has shown, in DER, its own certificate first. */
export function matchTlsa(
  records: readonly TlsaData[],
  chain: readonly Uint8Array[],
  options: DaneOptions,
): DaneJudgement {
  const considered = records.slice(0, DANE_LIMITS.records)
  const certificates: Certificate[] = []
  for (const der of chain.slice(0, DANE_LIMITS.certificates)) {
    const certificate = readCertificate(der)
    if (certificate === undefined) return { kind: 'certificate-malformed' }
    certificates.push(certificate)
  }
  const [own] = certificates
  if (own === undefined) return { kind: 'certificate-malformed' }
  const refusals: DaneRefusal[] = []
  const usable: TlsaData[] = []
  for (const record of considered) {
    const kind = whyUnusable(record, options.usages ?? [TLSA_USAGE.DANE_TA, TLSA_USAGE.DANE_EE])
    if (kind === undefined) usable.push(record)
    else refusals.push({ record, kind })
  }
  if (usable.length === 0) return { kind: 'no-usable-record', refusals }
  const path = pathFrom(own, certificates)
  for (const record of usable) {
    const outcome = usable.some((other) => isStronger(other, record))
      ? 'weaker-digest'
      : judge(record, own, path, options)
    if (typeof outcome === 'number') return { kind: 'match', record, depth: outcome, needsPkix: record.usage < 2 }
    refusals.push({ record, kind: outcome })
  }
  return { kind: 'no-match', refusals }
}

type Certificate = {
  readonly der: Uint8Array
  readonly spki: Uint8Array
  readonly x509: X509Certificate
  /** `undefined` for an algorithm or a curve that this host does not know: it can have signed nothing. */
  readonly key: KeyObject | undefined
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  const spki = subjectPublicKeyInfo(der)
  if (spki === undefined) return undefined
  try {
    return { der, spki, x509: new X509Certificate(der), key: readPublicKey(spki) }
  } catch {
    return undefined
  }
}

function whyUnusable(record: TlsaData, usages: readonly number[]): DaneRefusal['kind'] | undefined {
  const { usage, selector, matchingType, association } = record
  if (!usages.includes(usage) || usage > TLSA_USAGE.DANE_EE) return 'usage-not-usable'
  if (selector !== TLSA_SELECTOR.CERTIFICATE && selector !== TLSA_SELECTOR.PUBLIC_KEY) return 'selector-unknown'
  if (matchingType === TLSA_MATCHING.SHA2_256) return association.length === 32 ? undefined : 'digest-length'
  if (matchingType === TLSA_MATCHING.SHA2_512) return association.length === 64 ? undefined : 'digest-length'
  if (matchingType !== TLSA_MATCHING.FULL) return 'matching-type-unknown'
  const readable =
    selector === TLSA_SELECTOR.CERTIFICATE
      ? readCertificate(association) !== undefined
      : readPublicKey(association) !== undefined
  return readable ? undefined : 'association-malformed'
}

/** Whether `other` is of the same usage and selector and has the stronger digest. */
function isStronger(other: TlsaData, record: TlsaData): boolean {
  const same = other.usage === record.usage && other.selector === record.selector
  return same && other.matchingType === TLSA_MATCHING.SHA2_512 && record.matchingType === TLSA_MATCHING.SHA2_256
}

/** The depth at which the record matches, or why it does not. */
function judge(
  record: TlsaData,
  own: Certificate,
  path: readonly Certificate[],
  options: DaneOptions,
): number | DaneRefusal['kind'] {
  const { usage } = record
  // RFC 7671 §5.1: neither names nor dates of the certificate count.
  if (usage === TLSA_USAGE.DANE_EE || usage === TLSA_USAGE.PKIX_EE) return matches(record, own) ? 0 : 'differs'
  const depth = path.findIndex((certificate, i) => (i > 0 || isSelfIssued(own)) && matches(record, certificate))
  if (usage === TLSA_USAGE.PKIX_TA) return depth < 0 ? 'differs' : depth
  if (depth >= 0) return whyNotBelow(path.slice(0, depth + 1), options) ?? depth
  return record.matchingType === TLSA_MATCHING.FULL ? judgeAbsentAnchor(record, path, options) : 'differs'
}

/** The record holds the anchor itself, which servers need not show. RFC 7671 §5.2.1 */
function judgeAbsentAnchor(
  record: TlsaData,
  path: readonly Certificate[],
  options: DaneOptions,
): number | DaneRefusal['kind'] {
  const anchor = record.selector === TLSA_SELECTOR.CERTIFICATE ? readCertificate(record.association) : undefined
  const key = anchor === undefined ? readPublicKey(record.association) : anchor.key
  const depth = path.findIndex(
    ({ x509 }) => (anchor === undefined || x509.checkIssued(anchor.x509)) && isSignedBy(x509, key),
  )
  if (depth < 0) return 'differs'
  const below = path.slice(0, depth + 1)
  return whyNotBelow(anchor === undefined ? below : [...below, anchor], options) ?? depth + 1
}

function matches(record: TlsaData, certificate: Certificate): boolean {
  const content = record.selector === TLSA_SELECTOR.CERTIFICATE ? certificate.der : certificate.spki
  if (record.matchingType === TLSA_MATCHING.FULL) return equalOctets(content, record.association)
  const algorithm = record.matchingType === TLSA_MATCHING.SHA2_256 ? 'sha256' : 'sha512'
  return equalOctets(createHash(algorithm).update(content).digest(), record.association)
}

/** From the server's own certificate upwards, each signed by the next; others that were shown are left out. */
function pathFrom(own: Certificate, shown: readonly Certificate[]): readonly Certificate[] {
  const path = [own]
  const left = new Set(shown.filter((certificate) => certificate !== own))
  for (let below = own; !isSelfIssued(below); ) {
    const above = [...left].find(({ x509, key }) => below.x509.checkIssued(x509) && isSignedBy(below.x509, key))
    if (above === undefined) break
    left.delete(above)
    path.push(above)
    below = above
  }
  return path
}

/** Why the first certificate of the path is not what the last, an anchor, vouches for. The anchor's own dates do count. */
function whyNotBelow(path: readonly Certificate[], { now, names }: DaneOptions): DaneRefusal['kind'] | undefined {
  for (const [i, { x509 }] of path.entries()) {
    if (i > 0 && !x509.ca) return 'not-an-authority'
    // So that a date that is none refuses too.
    if (!(now * 1000 >= x509.validFromDate.getTime())) return 'not-yet-valid'
    if (!(now * 1000 <= x509.validToDate.getTime())) return 'expired'
  }
  const own = path[0]?.x509
  const named = names.some((name) => own?.checkHost(name, { partialWildcards: false }) !== undefined)
  return named ? undefined : 'name-differs'
}

function isSelfIssued({ x509 }: Certificate): boolean {
  return x509.checkIssued(x509)
}

function isSignedBy(certificate: X509Certificate, key: KeyObject | undefined): boolean {
  try {
    return key !== undefined && certificate.verify(key)
  } catch {
    return false // a signature of an algorithm that this host does not know
  }
}

function readPublicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
