// Who may take which zone whole, and who may say that one has changed: by key, by address, or by both. Nobody else.
// RFC 5936 §5 (authorisation), RFC 1996 §3.10 (NOTIFY from others is ignored)

import { encodeIpAddress, type IpAddress, parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { equalNames, type Name } from './name.ts'
import type { VerifiedTsig } from './tsig.ts'

/** `192.0.2.0/24`: all addresses whose first bits are these. */
export type AddressRange = { readonly address: IpAddress; readonly bits: number }

export type AddressRangeError = { readonly kind: 'not-a-range'; readonly text: string }

/** What a peer must have: this key, an address among these, or, where both stand here, both. */
export type PeerGrant = { readonly key: Name; readonly from?: AddressRange } | { readonly from: AddressRange }

export type TransferGrant = PeerGrant & {
  /** Default: every zone. */
  readonly zone?: Name
  /** Without `zone`: but not these. */
  readonly except?: readonly Name[]
}

/** Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; bits behind the prefix must be zero. */
export function parseAddressRange(text: string): Result<AddressRange, AddressRangeError> {
  const [, host, size] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  const address = parseIpAddress(host ?? '')
  if (!address.ok) return err({ kind: 'not-a-range', text })
  const octets = encodeIpAddress(address.value)
  const bits = size === undefined ? octets.length * 8 : Number(size)
  if (bits > octets.length * 8) return err({ kind: 'not-a-range', text })
  for (const [i, octet] of octets.entries()) {
    if ((octet & ~maskOf(bits - i * 8)) !== 0) return err({ kind: 'not-a-range', text })
  }
  return ok({ address: address.value, bits })
}

/** Whether an address, as a socket gives it, has this prefix. */
export function isInRange(address: string, { address: prefix, bits }: AddressRange): boolean {
  const parsed = parseIpAddress(address.replace(/%.*$/, ''))
  if (!parsed.ok) return false
  const [octets, wanted] = [encodeIpAddress(unmapIpAddress(parsed.value)), encodeIpAddress(prefix)]
  if (octets.length !== wanted.length) return false
  return wanted.every((octet, i) => (((octets[i] ?? 0) ^ octet) & maskOf(bits - i * 8)) === 0)
}

export function hasGrant(grants: readonly PeerGrant[], signer: VerifiedTsig | undefined, address: string): boolean {
  return grants.some((grant) => {
    if (grant.from !== undefined && !isInRange(address, grant.from)) return false
    return !('key' in grant) || (signer !== undefined && equalNames(signer.key.name, grant.key))
  })
}

export function mayTransfer(
  grants: readonly TransferGrant[],
  zone: Name,
  signer: VerifiedTsig | undefined,
  address: string,
): boolean {
  const here = grants.filter((grant) =>
    grant.zone === undefined
      ? grant.except?.some((name) => equalNames(name, zone)) !== true
      : equalNames(grant.zone, zone),
  )
  return hasGrant(here, signer, address)
}

/** The octet that keeps the first `bits` of eight. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : 0x100 - (1 << (8 - bits))
}
