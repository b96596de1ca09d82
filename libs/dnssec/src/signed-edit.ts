// A zone on its way to its next signed version: RRsets are set together with their signatures, and only where they differ.
// RFC 4035 §2.2, RFC 4034 §3.1.5

import {
  CDNSKEY,
  CDS,
  DNSKEY,
  equalRdata,
  type Name,
  type RRset,
  rrsetRecords,
  signatureSlot,
  type ZoneEditor,
  type ZoneError,
  type ZoneNode,
} from '@scop/dns'
import { signatureRrset } from './sign-rrset.ts'
import type { SigningKey } from './signing-key.ts'
import type { SigningPolicy, ZoneKeys } from './signing-policy.ts'

export type SigningMoment = {
  readonly keys: ZoneKeys
  readonly policy: SigningPolicy
  readonly nowSeconds: number
  /** From 0 to below 1. */
  readonly random: () => number
  /** Made beforehand with these keys, by `signInSteps`. */
  readonly made?: MadeSignatures
  /** The serial after this one. Default: the next number. */
  readonly serialAfter?: (serial: number) => number
}

/** What signs each of these RRsets. A version that has the same object has the same data. */
export type MadeSignatures = ReadonlyMap<RRset, RRset>

export class SignedEdit {
  readonly editor: ZoneEditor
  readonly #moment: SigningMoment
  /** The first record that the zone could not take. */
  error: ZoneError | undefined

  constructor(editor: ZoneEditor, moment: SigningMoment) {
    this.editor = editor
    this.#moment = moment
  }

  /** Signs anew what `node` has of this type. */
  sign(node: ZoneNode, type: number): void {
    const rrset = node.rrsets.get(type)
    if (rrset === undefined) return
    this.#remove(node.name, node.rrsets.get(signatureSlot(type)))
    const made = this.#moment.made?.get(rrset)
    this.#add(node.name, made ?? makeSignatures(this.editor.origin, node.name, rrset, this.#moment))
  }

  /** Makes this RRset, or none where it has no data, what `name` has. `node` is what is there now. */
  set(name: Name, node: ZoneNode | undefined, rrset: RRset): void {
    const { type } = rrset
    const before = node?.rrsets.get(type)
    const signatures = node?.rrsets.get(signatureSlot(type))
    if (rrset.rdatas.length === 0) {
      this.#remove(name, before)
      this.#remove(name, signatures)
      return
    }
    if (before !== undefined && sameRrset(before, rrset)) {
      const signers = signersOf(this.#moment.keys, type)
      if (signatures === undefined || !isSignedBy(signatures, signers)) this.sign(node ?? nodeOf(name, rrset), type)
      return
    }
    this.#remove(name, before)
    this.#add(name, rrset)
    const rrsets = new Map([[type, rrset]])
    if (signatures !== undefined) rrsets.set(signatureSlot(type), signatures)
    this.sign({ name, rrsets, children: 0 }, type)
  }

  removeSignatures(node: ZoneNode, type: number): void {
    this.#remove(node.name, node.rrsets.get(signatureSlot(type)))
  }

  removeRrset(node: ZoneNode, slot: number): void {
    this.#remove(node.name, node.rrsets.get(slot))
  }

  #add(name: Name, rrset: RRset): void {
    for (const record of rrsetRecords(name, rrset)) {
      const kind = this.editor.add(record)
      if (kind !== undefined) this.error ??= { kind, record }
    }
  }

  #remove(name: Name, rrset: RRset | undefined): void {
    if (rrset !== undefined) for (const record of rrsetRecords(name, rrset)) this.editor.remove(record)
  }
}

/** What the keys of this moment make of an RRset of the zone `origin`. */
export function makeSignatures(origin: Name, owner: Name, rrset: RRset, moment: SigningMoment): RRset {
  const { keys, policy, nowSeconds, random } = moment
  return signatureRrset(owner, rrset, signersOf(keys, rrset.type), {
    signer: origin,
    inceptionSeconds: nowSeconds - policy.inceptionOffsetSeconds,
    expirationSeconds: nowSeconds + policy.signatureSeconds - Math.floor(random() * policy.jitterSeconds),
  })
}

/** Which keys sign an RRset of this type: those that the parent vouches for sign what speaks of keys. RFC 7344 §4.1 */
export function signersOf(keys: ZoneKeys, type: number): readonly SigningKey[] {
  return isKeyType(type) ? keys.keySigners : keys.zoneSigners
}

/** Whether there is exactly one signature of each of these keys. */
export function isSignedBy(signatures: RRset, signers: readonly SigningKey[]): boolean {
  if (signatures.rdatas.length !== signers.length) return false
  const wanted = new Set(signers.map(({ keyTag, dnskey }) => keyTag * 0x100 + dnskey.algorithm))
  return signatures.rdatas.every((rdata) => {
    const { keyTag, algorithm } = signerOf(rdata)
    return wanted.delete(keyTag * 0x100 + algorithm)
  })
}

/** When a signature ends, read from its data. */
export function expirationOf(rdata: Uint8Array): number {
  return ((rdata[8] ?? 0) * 0x1000000 + ((rdata[9] ?? 0) << 16) + ((rdata[10] ?? 0) << 8) + (rdata[11] ?? 0)) >>> 0
}

/** Which key made a signature, read from its data. */
export function signerOf(rdata: Uint8Array): { readonly algorithm: number; readonly keyTag: number } {
  return { algorithm: rdata[2] ?? 0, keyTag: ((rdata[16] ?? 0) << 8) | (rdata[17] ?? 0) }
}

/** DNSKEY, CDS, CDNSKEY: what speaks of the keys. */
export function isKeyType(type: number): boolean {
  return type === DNSKEY.code || type === CDS.code || type === CDNSKEY.code
}

function sameRrset(a: RRset, b: RRset): boolean {
  if (a.ttlSeconds !== b.ttlSeconds || a.rdatas.length !== b.rdatas.length) return false
  return b.rdatas.every((rdata) => a.rdatas.some((other) => equalRdata(a.type, rdata, other)))
}

function nodeOf(name: Name, rrset: RRset): ZoneNode {
  return { name, rrsets: new Map([[rrset.type, rrset]]), children: 0 }
}
