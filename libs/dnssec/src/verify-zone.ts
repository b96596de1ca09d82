// A signed zone judged as a whole, as one does before it is served: every signature, every denial, the keys and what they
// ask of the parent. It trusts nothing that the signer knows.
// RFC 4035 §2 (what a signed zone has), RFC 6840 §5.11 (a signature of each algorithm), RFC 4034 §3

import {
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  DS,
  type DsData,
  findHashedNode,
  findNode,
  type Name,
  type RRset,
  RRSIG,
  type RrsigData,
  signatureSlot,
  typesOf,
  type Zone,
  ZONEMD,
  type ZoneNode,
} from '@scop/dns'
import type { AlgorithmTable } from './algorithms.ts'
import { checkCds } from './cds-check.ts'
import { checkDenial } from './denial-check.ts'
import { matchDs } from './ds.ts'
import { isRevoked, isZoneKey, keyTag } from './key-tag.ts'
import { DNSSEC_LIMITS, type DnssecLimits } from './limits.ts'
import { expirationOf } from './signed-edit.ts'
import { isSigned, type Standing, standingOf } from './standing.ts'
import { allSteps, type Steps } from './steps.ts'
import { verifyRrsig } from './verify-rrsig.ts'
import { Findings, type ZoneFinding } from './zone-finding.ts'
import { verifyZonemd } from './zonemd.ts'

export type ZoneVerdict = {
  readonly findings: readonly ZoneFinding[]
  /** Beyond the limit. */
  readonly furtherFindings: number
  readonly signatures: number
  /** When the first signature that is needed ends; `undefined` if there is none. */
  readonly validUntilSeconds: number | undefined
}

export type VerifyZoneOptions = {
  readonly algorithms: AlgorithmTable
  /** `undefined` leaves the times aside. */
  readonly nowSeconds: number | undefined
  /** What the parent has. */
  readonly ds?: readonly DsData[]
  readonly limits?: DnssecLimits
}

export function verifyZone(zone: Zone, options: VerifyZoneOptions): ZoneVerdict {
  return allSteps(verifyZoneInSteps(zone, options))
}

/** The same in steps: one name's signatures each, and the chain. */
export function* verifyZoneInSteps(zone: Zone, options: VerifyZoneOptions): Steps<ZoneVerdict> {
  const { algorithms, limits = DNSSEC_LIMITS } = options
  const findings = new Findings(limits.zoneFindings)
  const keys = readKeys(zone, algorithms, findings)
  if (keys.length === 0) {
    findings.error('no-dnskey', zone.origin)
    return { findings: findings.list, furtherFindings: 0, signatures: 0, validUntilSeconds: undefined }
  }
  const check = new SignatureCheck(zone, keys, options, findings)
  for (let i = 0; i < zone.order.size; i++) {
    const node = findNode(zone, zone.order.at(i) ?? zone.origin)
    if (node === undefined) continue
    const standing = standingOf(zone, node)
    if (node.rrsets.has(DNSKEY.code) && node.name.key !== zone.origin.key)
      findings.warning('dnskey-not-at-apex', node.name)
    if (node.rrsets.has(DS.code) && standing !== 'delegation') findings.error('ds-without-delegation', node.name)
    check.node(node, standing)
    yield
  }
  for (let i = 0; i < zone.hashedOrder.size; i++) {
    const node = findHashedNode(zone, zone.hashedOrder.at(i) ?? zone.origin)
    if (node !== undefined) check.node(node, 'authoritative')
    yield
  }
  checkDs(zone, keys, options, findings)
  checkDenial(zone, findings, limits)
  checkCds(zone, keys, check.keySigners, algorithms, findings)
  if (findNode(zone, zone.origin)?.rrsets.has(ZONEMD.code) === true) {
    const zonemd = verifyZonemd(zone)
    if (!zonemd.ok) findings.error('zonemd-refused', zone.origin, { type: ZONEMD.code, detail: zonemd.error.kind })
  }
  const { signatures, validUntilSeconds } = check
  return { findings: findings.list, furtherFindings: findings.left, signatures, validUntilSeconds }
}

/** A key of the zone, decoded once, so that the table can remember it. */
export type KnownKey = { readonly key: DnskeyData; readonly keyTag: number }

function readKeys(zone: Zone, algorithms: AlgorithmTable, findings: Findings): readonly KnownKey[] {
  const keys: KnownKey[] = []
  for (const rdata of findNode(zone, zone.origin)?.rrsets.get(DNSKEY.code)?.rdatas ?? []) {
    const key = decodeRdata(DNSKEY, rdata)
    if (!key.ok) findings.error('dnskey-malformed', zone.origin)
    else if (!algorithms.supports(key.value.algorithm))
      findings.warning('algorithm-unsupported', zone.origin, { detail: String(key.value.algorithm) })
    else keys.push({ key: key.value, keyTag: keyTag(key.value) })
  }
  return keys
}

class SignatureCheck {
  signatures = 0
  validUntilSeconds: number | undefined
  /** Keys that signed the DNSKEY RRset rightly. */
  readonly keySigners = new Set<DnskeyData>()
  readonly #zone: Zone
  readonly #keys: readonly KnownKey[]
  readonly #options: VerifyZoneOptions
  readonly #findings: Findings
  /** Each RRset must have one of each. */
  readonly #algorithms: ReadonlySet<number>

  constructor(zone: Zone, keys: readonly KnownKey[], options: VerifyZoneOptions, findings: Findings) {
    this.#zone = zone
    this.#keys = keys
    this.#options = options
    this.#findings = findings
    const signing = keys.filter(({ key }) => isZoneKey(key) && !isRevoked(key))
    this.#algorithms = new Set(signing.map(({ key }) => key.algorithm))
  }

  node(node: ZoneNode, standing: Standing): void {
    const { name, rrsets } = node
    for (const type of typesOf(node)) {
      const rrset = rrsets.get(type)
      const signatures = rrsets.get(signatureSlot(type))
      if (rrset === undefined) continue
      // An NSEC where none should be is a finding of its own.
      if (isSigned(standing, type)) this.#rrset(name, rrset, signatures)
      else if (signatures !== undefined) this.#findings.warning('signature-not-wanted', name, { type })
    }
    for (const [slot, { type, rdatas }] of rrsets) {
      const covered = (((rdatas[0]?.[0] ?? 0) << 8) | (rdatas[0]?.[1] ?? 0)) & 0xffff
      if (type === RRSIG.code && slot === signatureSlot(covered) && !rrsets.has(covered))
        this.#findings.error('signature-of-nothing', name, { type: covered })
    }
  }

  #rrset(owner: Name, rrset: RRset, signatures: RRset | undefined): void {
    const { type } = rrset
    const right = new Set<number>()
    const refused: { readonly algorithm: number; readonly detail: string }[] = []
    for (const rdata of signatures?.rdatas ?? []) {
      this.signatures++
      const rrsig = decodeRdata(RRSIG, rdata)
      const detail = rrsig.ok ? this.#signature(owner, rrset, rrsig.value) : 'malformed'
      if (detail === undefined && rrsig.ok) {
        right.add(rrsig.value.algorithm)
        this.#until(expirationOf(rdata))
      } else refused.push({ algorithm: rdata[2] ?? 0, detail: detail ?? 'malformed' })
    }
    if (signatures !== undefined && signatures.ttlSeconds !== rrset.ttlSeconds)
      this.#findings.error('signature-ttl-differs', owner, { type })
    for (const { algorithm, detail } of refused) {
      const kind = detail === UNKNOWN_KEY ? 'signature-of-unknown-key' : 'signature-refused'
      const more = { type, ...(detail === UNKNOWN_KEY ? {} : { detail }) }
      if (right.has(algorithm) || kind === 'signature-of-unknown-key') this.#findings.warning(kind, owner, more)
      else this.#findings.error(kind, owner, more)
    }
    for (const algorithm of this.#algorithms) {
      if (!right.has(algorithm)) this.#findings.error('signature-missing', owner, { type, detail: String(algorithm) })
    }
  }

  /** `undefined` if it is right, or why not. */
  #signature(owner: Name, rrset: RRset, rrsig: RrsigData): string | undefined {
    const { algorithms, nowSeconds } = this.#options
    const keyOwner = this.#zone.origin
    let refusal: string = UNKNOWN_KEY
    for (const { key, keyTag: tag } of this.#keys) {
      if (tag !== rrsig.keyTag || key.algorithm !== rrsig.algorithm) continue
      const verified = verifyRrsig({ owner, rrset, rrsig, keyOwner, key }, nowSeconds, algorithms)
      if (!verified.ok) refusal = verified.error.kind
      // In a zone every record stands under the name that was signed.
      else if (verified.value.wildcardLabels !== undefined) refusal = 'labels-fewer-than-owner'
      else if (rrsig.originalTtlSeconds !== rrset.ttlSeconds) refusal = 'original-ttl-differs'
      else {
        if (rrset.type === DNSKEY.code) this.keySigners.add(key)
        return undefined
      }
    }
    return refusal
  }

  #until(expiration: number): void {
    const { nowSeconds } = this.#options
    if (nowSeconds === undefined) return
    const until = nowSeconds + ((expiration - nowSeconds) | 0)
    if (this.validUntilSeconds === undefined || until < this.validUntilSeconds) this.validUntilSeconds = until
  }
}

function checkDs(
  zone: Zone,
  keys: readonly KnownKey[],
  { ds, algorithms }: VerifyZoneOptions,
  findings: Findings,
): void {
  if (ds === undefined || ds.length === 0) return
  const known = ds.some((one) => keys.some(({ key }) => matchDs(zone.origin, key, one, algorithms) === 'match'))
  if (!known) findings.error('ds-of-no-key', zone.origin, { type: DS.code })
}

const UNKNOWN_KEY = 'unknown-key'
