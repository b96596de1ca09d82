// Who may ask at our ports: this machine and the networks of the configuration. A resolver that answers everybody is
// a weapon against everybody. RFC 5358 §3

import type { Settings } from '@scop/bottle'
import { isAddressCovered, isLoopback, parseAddressPrefix, parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'

export function mayAsk({
  allow,
  ourAddresses,
}: Pick<Settings<'dns-resolver'>, 'allow' | 'ourAddresses'>): (address: string) => boolean {
  const networks = allow.map((text) => expectOk(parseAddressPrefix(text), `read the network "${text}"`))
  /** The answer for the address before: most clients ask more than once. */
  let last: { readonly address: string; readonly may: boolean } | undefined
  return (address) => {
    if (last?.address === address) return last.may
    const parsed = parseIpAddress(address.replace(/%.*$/, ''))
    const plain = parsed.ok ? unmapIpAddress(parsed.value) : undefined
    const may =
      plain !== undefined && (isLoopback(plain) || ourAddresses.includes(plain) || isAddressCovered(plain, networks))
    last = { address, may }
    return may
  }
}
