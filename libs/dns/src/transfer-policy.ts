// Who may take which zone whole, and who may say that one has changed: by key, by address, or by both. Nobody else.
// RFC 5936 §5 (authorisation), RFC 1996 §3.10 (NOTIFY from others is ignored)

import { type AddressPrefix, isAddressCovered, parseIpAddress } from '@scop/identifiers'
import { equalNames, type Name } from './name.ts'
import type { VerifiedTsig } from './tsig.ts'

/** What a peer must have: this key, an address among these, or, where both stand here, both. */
export type PeerGrant = { readonly key: Name; readonly from?: AddressPrefix } | { readonly from: AddressPrefix }

export type TransferGrant = PeerGrant & {
  /** Default: every zone. */
  readonly zone?: Name
  /** Without `zone`: but not these. */
  readonly except?: readonly Name[]
}

export function hasGrant(grants: readonly PeerGrant[], signer: VerifiedTsig | undefined, address: string): boolean {
  const from = parseIpAddress(address.replace(/%.*$/, ''))
  return grants.some((grant) => {
    if (grant.from !== undefined && !(from.ok && isAddressCovered(from.value, [grant.from]))) return false
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
