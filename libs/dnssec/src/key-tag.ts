// Key tags: 16 bits by which a signature or a DS finds its key among the few of a zone. Not unique, and no proof of anything.
// RFC 4034 §B, §B.1 (algorithm 1), RFC 4034 §2.1.1 and RFC 5011 §2.1 (the flags)

import { DNSKEY, type DnskeyData, encodeRdata } from '@scop/dns'

/** Bits of the DNSKEY flags field. */
export const KEY_FLAG = { ZONE: 0x0100, REVOKE: 0x0080, SEP: 0x0001 } as const

export function keyTag(key: DnskeyData): number {
  if (key.algorithm === RSAMD5) {
    const { publicKey } = key
    return ((publicKey.at(-3) ?? 0) << 8) | (publicKey.at(-2) ?? 0)
  }
  return keyTagOf(encodeRdata(DNSKEY, key))
}

/** The tag from the record data of a DNSKEY of any algorithm but 1. */
export function keyTagOf(rdata: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < rdata.length; i += 2) sum += ((rdata[i] ?? 0) << 8) + (rdata[i + 1] ?? 0)
  return (sum + (sum >>> 16)) & 0xffff
}

/** Whether the key may sign records of its zone at all. RFC 4034 §2.1.1, §2.1.2 */
export function isZoneKey(key: DnskeyData): boolean {
  return (key.flags & KEY_FLAG.ZONE) !== 0 && key.protocol === DNSSEC_PROTOCOL
}

export function isRevoked(key: DnskeyData): boolean {
  return (key.flags & KEY_FLAG.REVOKE) !== 0
}

/** The only value of the protocol field. RFC 4034 §2.1.2 */
export const DNSSEC_PROTOCOL = 3
const RSAMD5 = 1
