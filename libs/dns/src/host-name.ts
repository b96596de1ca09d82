// Which names may be names of hosts, and which stand for mailboxes in SOA and RP.      RFC 952, RFC 1123 §2.1, RFC 1035 §8

import { isWildcard, labels, type Name, parentName, ROOT } from './name.ts'

/** Letters, digits and inner hyphens in every label; the root too, which says that there is no host. */
export function isHostName(name: Name): boolean {
  return labels(name).every((label) => LDH.test(textOf(label)))
}

/** An owner of addresses: a host, a wildcard over hosts, or a name that a protocol gives addresses in spite of its `_`. */
export function isAddressOwner(name: Name): boolean {
  if (isHostName(isWildcard(name) ? (parentName(name) ?? ROOT) : name)) return true
  const texts = labels(name).map((label) => textOf(label).toLowerCase())
  // RFC 7208 §7.2 has macros that lead to such names; the other is what Active Directory has.
  const at = texts[0] === 'gc' && texts[1] === '_msdcs' ? 1 : texts.findIndex((text, i) => i > 0 && SPF.has(text))
  return at > 0 && texts.every((text, i) => i === at || LDH.test(text))
}

/** The first label is a local part, of any printable octets. */
export function isMailboxName(name: Name): boolean {
  const [localPart, ...rest] = labels(name)
  const printable = localPart?.every((octet) => octet > 0x20 && octet < 0x7f) ?? true
  return printable && rest.every((label) => LDH.test(textOf(label)))
}

function textOf(label: Uint8Array): string {
  return String.fromCharCode(...label)
}

const LDH = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/
const SPF: ReadonlySet<string> = new Set(['_spf', '_spf_rate', '_spf_verify'])
