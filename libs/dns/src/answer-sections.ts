// An answer on its way: each RRset goes in with its signatures where the asker wants them, and nothing goes in twice.
// RFC 4035 §3.1.1 (signatures beside what they sign), RFC 2181 §5 (whole RRsets), RFC 2308 §3 (TTL of a denial)

import { CLASS, RCODE } from './codes.ts'
import type { Limits } from './limits.ts'
import type { Proof, ProofSource } from './denial.ts'
import { storedProofs } from './denial-source.ts'
import { equalNames, type Name } from './name.ts'
import { type OnlineSigner, onlineProofs } from './online-denial.ts'
import type { ResourceRecord } from './record.ts'
import { SOA } from './rr/soa.ts'
import { findNode, type RRset, signatureSlot, type Zone, type ZoneNode } from './zone.ts'

export type AnswerOptions = {
  readonly limits: Limits
  /** To ANY all that a name has, not one RRset: for transports that reflect nothing. RFC 8482 §4.4 */
  readonly wholeAny: boolean
  /** For zones whose denials are made when they are asked for. */
  readonly onlineSigner: ((zone: Zone) => OnlineSigner | undefined) | undefined
  /** The closest to the name asked for, where the caller knows it. */
  readonly zone: Zone | undefined
}

export class AnswerSections {
  readonly answers: ResourceRecord[] = []
  readonly authorities: ResourceRecord[] = []
  readonly additionals: ResourceRecord[] = []
  /** Signatures of additional records, the first that may be left out. RFC 4035 §3.1.1 */
  readonly #additionalSignatures: ResourceRecord[] = []
  #lacksSignature = false
  readonly #options: AnswerOptions
  readonly #dnssec: boolean
  readonly #there: { readonly owner: Name; readonly type: number }[] = []
  authoritative = true
  rcode: number = RCODE.NOERROR

  constructor(dnssec: boolean, options: AnswerOptions) {
    this.#dnssec = dnssec
    this.#options = options
  }

  get dnssec(): boolean {
    return this.#dnssec
  }

  /** An RRset as the answer, under `owner`, which differs from the node's name where that is a wildcard. */
  answer(zone: Zone, node: ZoneNode, owner: Name, rrset: RRset): void {
    if (this.#add(this.answers, owner, rrset)) this.#sign(this.answers, zone, node, owner, rrset)
  }

  /** What has no signature, or is one. */
  answerAlone(owner: Name, rrset: RRset): void {
    this.#add(this.answers, owner, rrset)
  }

  /** The name servers of a delegation, which nobody signs on this side. */
  refer(cut: ZoneNode, servers: RRset): void {
    this.#add(this.authorities, cut.name, servers)
  }

  authority(zone: Zone, node: ZoneNode, rrset: RRset): void {
    if (this.#add(this.authorities, node.name, rrset)) this.#sign(this.authorities, zone, node, node.name, rrset)
  }

  /** `signed`: not so for glue. False if it is there already. */
  additional(zone: Zone, node: ZoneNode, rrset: RRset, signed: boolean): boolean {
    if (!this.#add(this.additionals, node.name, rrset)) return false
    if (signed) this.#sign(this.#additionalSignatures, zone, node, node.name, rrset)
    return true
  }

  /** RFC 2308 §3: the SOA with the TTL that the denial may be kept, and its signatures alike. */
  deny(zone: Zone): void {
    const ttlSeconds = Math.min(zone.soaTtlSeconds, zone.soa.negativeTtlSeconds)
    const apex = findNode(zone, zone.origin)
    const soa = apex?.rrsets.get(SOA.code)
    if (apex === undefined || soa === undefined) return
    if (this.#add(this.authorities, zone.origin, { ...soa, ttlSeconds })) {
      this.#sign(this.authorities, zone, apex, zone.origin, soa, ttlSeconds)
    }
  }

  /** What `choose` takes from the zone's proofs, if the asker wants them and the zone has them. */
  prove(zone: Zone, choose: (source: ProofSource) => readonly Proof[]): void {
    const source = this.proofs(zone)
    if (source === undefined) return
    for (const { owner, rrset, signatures } of choose(source)) {
      const isNew = this.#add(this.authorities, owner, rrset)
      if (isNew && signatures !== undefined) put(this.authorities, owner, signatures, signatures.ttlSeconds)
    }
  }

  /** `undefined` also where the asker wants none. */
  proofs(zone: Zone): ProofSource | undefined {
    if (!this.#dnssec) return undefined
    const signer = this.#onlineSigner(zone)
    if (signer !== undefined) return onlineProofs(zone, signer, this.#options.limits)
    return storedProofs(zone, this.#options.limits)
  }

  /** A signature was due and could not be made: without it the answer would be bogus. */
  get lacksSignature(): boolean {
    return this.#lacksSignature
  }

  /** The answer already has an RRset of this name. */
  hasAnswered(name: Name): boolean {
    return this.answers.some((record) => record.name.key === name.key)
  }

  finish(): Pick<AnswerSections, 'answers' | 'authorities' | 'additionals' | 'authoritative' | 'rcode'> {
    const { answers, authorities, authoritative, rcode } = this
    return {
      answers,
      authorities,
      additionals: [...this.additionals, ...this.#additionalSignatures],
      authoritative,
      rcode,
    }
  }

  #onlineSigner(zone: Zone): OnlineSigner | undefined {
    const signer = this.#options.onlineSigner?.(zone)
    if (signer === undefined) return undefined
    const sign: OnlineSigner['sign'] = (of, owner, rrset) => {
      const signatures = this.#lacksSignature ? undefined : signer.sign(of, owner, rrset)
      this.#lacksSignature ||= signatures === undefined
      return signatures
    }
    return { denial: signer.denial, sign }
  }

  #add(section: ResourceRecord[], owner: Name, rrset: RRset): boolean {
    const { type } = rrset
    for (const there of this.#there) if (there.type === type && equalNames(there.owner, owner)) return false
    this.#there.push({ owner, type })
    put(section, owner, rrset, rrset.ttlSeconds)
    return true
  }

  #sign(section: ResourceRecord[], zone: Zone, node: ZoneNode, owner: Name, rrset: RRset, ttlSeconds?: number): void {
    if (!this.#dnssec) return
    const signatures = this.#signatures(zone, node, owner, rrset)
    if (signatures !== undefined) put(section, owner, signatures, ttlSeconds ?? signatures.ttlSeconds)
  }

  #signatures(zone: Zone, node: ZoneNode, owner: Name, rrset: RRset): RRset | undefined {
    const stored = node.rrsets.get(signatureSlot(rrset.type))
    const signer = this.#onlineSigner(zone)
    if (signer === undefined) return stored
    // The compact form has no proof that nothing stood closer than the wildcard: the answer is signed under its own name.
    if (signer.denial === 'compact' && owner.key !== node.name.key) return signer.sign(zone, owner, rrset)
    return stored ?? signer.sign(zone, node.name, rrset)
  }
}

function put(section: ResourceRecord[], name: Name, { type, rdatas }: RRset, ttlSeconds: number): void {
  for (const rdata of rdatas) section.push({ name, type, class: CLASS.IN, ttlSeconds, rdata })
}
