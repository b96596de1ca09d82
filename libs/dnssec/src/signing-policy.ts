// How a zone is signed: with which keys, for how long, and with which proofs that a name is absent.
// RFC 6781 §4.4 (times), RFC 9276 §3.1 (NSEC3: no iterations, no salt), RFC 7344 §3, §4 (CDS, CDNSKEY), RFC 9077 §3

import type { DnskeyData, DsData } from '@scop/dns'
import type { SigningKey } from './signing-key.ts'

export type Denial =
  | { readonly kind: 'nsec' }
  /** Opt-out: delegations without DS have no NSEC3 of their own. */
  | { readonly kind: 'nsec3'; readonly optOut: boolean }
  /** No chain: each denial is made when it is asked for, by `createOnlineSigner`. */
  | { readonly kind: 'online' }

export type SigningPolicy = {
  readonly denial: Denial
  /** From the moment of signing to the end of a signature. */
  readonly signatureSeconds: number
  /** A signature that ends within this time is due. */
  readonly refreshSeconds: number
  /** Each signature ends earlier by a random part of this, so that not all are due at once. */
  readonly jitterSeconds: number
  /** How far before now a signature begins, for clocks that are late. */
  readonly inceptionOffsetSeconds: number
  /** Of DNSKEY, CDS and CDNSKEY. */
  readonly keyTtlSeconds: number
  /** The hash of a ZONEMD, which each version then has; without it none has one. It costs as much as the zone is large. */
  readonly zonemdHash?: number
}

export const DEFAULT_SIGNING_POLICY: SigningPolicy = {
  denial: { kind: 'nsec' },
  signatureSeconds: 14 * 86400,
  refreshSeconds: 5 * 86400,
  jitterSeconds: 86400,
  inceptionOffsetSeconds: 3600,
  keyTtlSeconds: 3600,
}

/** What stands at the apex of a zone for its keys, and which of them sign. */
export type ZoneKeys = {
  readonly dnskeys: readonly DnskeyData[]
  /** Sign DNSKEY, CDS and CDNSKEY. */
  readonly keySigners: readonly SigningKey[]
  /** Sign all else. */
  readonly zoneSigners: readonly SigningKey[]
  readonly cds: readonly DsData[]
  readonly cdnskeys: readonly DnskeyData[]
}

/** One key that does all, without a word to the parent: a zone's simplest state. */
export function singleKey(key: SigningKey): ZoneKeys {
  return { dnskeys: [key.dnskey], keySigners: [key], zoneSigners: [key], cds: [], cdnskeys: [] }
}
