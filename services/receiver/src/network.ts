// The network that a rule is for: an address prefix of any length, in one canonical text. RFC 4632 §3.1, RFC 4291 §2.3

import {
  type AddressPrefix,
  decodeIpAddress,
  encodeIpAddress,
  isAddressCovered,
  isLoopback,
  type IpAddress,
  parseAddressPrefix,
  unmapIpAddress,
} from '@scop/identifiers'
import { expectOk } from '@scop/result'

export type RuleNetwork = {
  /** `192.0.2.0/24`: no bit is set behind the prefix. */
  readonly text: string
  readonly octets: Uint8Array
  readonly bits: number
}

/** An address alone is itself. Undefined: no network, or all of them (`/0`), which would lock out the world. */
export function parseRuleNetwork(text: string): RuleNetwork | undefined {
  const prefix = parseAddressPrefix(text)
  if (!prefix.ok || prefix.value.bits === 0) return undefined
  const { bits } = prefix.value
  const octets = masked(prefix.value.octets, bits)
  return { octets, bits, text: `${expectOk(decodeIpAddress(octets), 'name a network')}/${bits}` }
}

/** The first `bits` of an address as a key; the same for every address of the network. */
export function prefixKey(address: Uint8Array, bits: number): string {
  return `${address.length === 4 ? '4' : '6'}/${bits}/${masked(address, bits).toHex()}`
}

export function connectionOctets(address: IpAddress): Uint8Array {
  return encodeIpAddress(unmapIpAddress(address))
}

export type Trust = { readonly trusted: readonly AddressPrefix[]; readonly judgeLoopback: boolean }

/** Those who are never judged: this machine, and the networks that the administrator trusts. */
export function isTrusted(address: IpAddress, { trusted, judgeLoopback }: Trust): boolean {
  return (!judgeLoopback && isLoopback(address)) || isAddressCovered(address, trusted)
}

export function firstAddress({ octets }: RuleNetwork): IpAddress {
  return expectOk(decodeIpAddress(octets), 'name a network')
}

function masked(octets: Uint8Array, bits: number): Uint8Array {
  const kept = octets.slice()
  const whole = bits >> 3
  if (whole < kept.length) kept[whole] = (kept[whole] ?? 0) & (0xff00 >> (bits & 7))
  kept.fill(0, whole + 1)
  return kept
}
