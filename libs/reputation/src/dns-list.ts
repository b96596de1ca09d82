// Standings as the records of DNS lists: an A record 127.0.0.x that says what, a TXT record that says why.
// RFC 5782 §2.1 (IPv4), §2.2 (TXT), §2.4 (IPv6), §2.3 (names), §5 (test entries)
// Laws: addresses and names, bad and good, lie in lists of their own; a network is a wildcard over its addresses; every
// list has the entries by which a client tests that it works, and none for what must not be listed.

import { encodeIpAddress, type IpAddress, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { explain } from './judgement.ts'
import type { Standing } from './reputation-book.ts'

/** Addresses that are bad, addresses that are good, domains that are bad, domains that are good. */
export type DnsList = 'bl' | 'wl' | 'dbl' | 'dwl'
export const DNS_LISTS: readonly DnsList[] = ['bl', 'wl', 'dbl', 'dwl']

export type DnsListEntry = {
  readonly list: DnsList
  /** Below the zone of the list, without its name: `*.2.0.192`, `example.org`. */
  readonly name: string
  readonly address: IpAddress
  readonly reason: string
}

/** What the last octet of the address says. 127.0.0.1 is never among them. RFC 5782 §2.1 */
export const DNS_LIST_CODES = { refuse: 2, tarpit: 3, greylist: 4, 'listed-good': 10 } as const

/** What is neutral is not listed; HELO names are nobody's, and not listed. The test entries come first. */
export function* dnsListEntries(standings: Iterable<Standing>): Generator<DnsListEntry, void, void> {
  for (const list of DNS_LISTS) yield* testEntries(list)
  for (const standing of standings) {
    const { subject } = standing
    const listed = standing.ban?.measure ?? standing.judgement
    if (listed === 'neutral' || subject.kind === 'helo') continue
    const good = listed === 'listed-good'
    const at =
      subject.kind === 'network'
        ? ({ list: good ? 'wl' : 'bl', name: `*.${reversedNetwork(subject.name)}` } as const)
        : ({ list: good ? 'dwl' : 'dbl', name: subject.name } as const)
    yield { ...at, address: codeAddress(DNS_LIST_CODES[listed]), reason: standing.ban?.reason ?? explain(standing) }
  }
}

/** `2.2.0.192` of 192.0.2.2; 32 nibbles of an IPv6 address. RFC 5782 §2.1, §2.4 */
export function reversedAddress(address: IpAddress): string {
  return reversed(encodeIpAddress(address))
}

function reversedNetwork(network: string): string {
  const address = expectOk(parseIpAddress(network.split('/')[0] ?? ''), 'read a network of our own')
  const octets = encodeIpAddress(address)
  return reversed(octets.subarray(0, octets.length === 4 ? 3 : 6))
}

function reversed(octets: Uint8Array): string {
  // A whole IPv4 address or three octets of it; otherwise IPv6, by nibbles
  if (octets.length <= 4) return [...octets].toReversed().join('.')
  return octets.toHex().split('').toReversed().join('.')
}

/** RFC 5782 §5: 127.0.0.2, ::FFFF:7F00:2 and TEST are listed; 127.0.0.1, ::FFFF:7F00:1 and INVALID are not. */
function* testEntries(list: DnsList): Generator<DnsListEntry, void, void> {
  const listed = { list, address: codeAddress(2), reason: 'a test entry' } as const
  if (list === 'dbl' || list === 'dwl') yield { ...listed, name: 'test' }
  else {
    yield { ...listed, name: '2.0.0.127' }
    yield { ...listed, name: reversed(Uint8Array.fromHex('00000000000000000000ffff7f000002')) }
  }
}

function codeAddress(code: number): IpAddress {
  return expectOk(parseIpAddress(`127.0.0.${code}`), 'make the address of a code')
}
