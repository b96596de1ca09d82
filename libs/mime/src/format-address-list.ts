// Addresses, written: `readAddressList` reads them back the same and finds no fault. What the grammar cannot say is refused.
// RFC 5322 §3.4 (grammar), §3.2.2 (comments); RFC 2047 §5 (names, comments); RFC 6532 §3.2 (UTF-8 in addresses)

import { err, ok, type Result } from '@scop/result'
import { formatQuotedString } from './cfws.ts'
import { encodeComment, encodePhrase } from './encode-words.ts'
import { READ_ADDRESS_LIMITS, type ReadAddress, type ReadMailbox } from './read-address-list.ts'

export type FormatAddressError = {
  readonly kind:
    | 'control-character'
    | 'not-unicode'
    | 'no-address'
    | 'bad-domain'
    | 'too-many-addresses'
    /** More than a reader would read. */
    | 'too-long'
  /** Which address of the list. */
  readonly index: number
}

/** The value of the field, for `formatField`. No address is the empty value, as Bcc may have it. */
// address-list = address *("," address)
export function formatAddressList(addresses: readonly ReadAddress[]): Result<string, FormatAddressError> {
  const written: string[] = []
  let count = 0
  for (const [index, address] of addresses.entries()) {
    const text = formatAddress(address)
    if (!text.ok) return err({ kind: text.error, index })
    written.push(text.value)
    count += address.kind === 'group' ? 1 + address.members.length : 1
    if (count > READ_ADDRESS_LIMITS.addresses) return err({ kind: 'too-many-addresses', index })
  }
  const value = written.join(', ')
  return value.length > READ_ADDRESS_LIMITS.characters ? err({ kind: 'too-long', index: addresses.length }) : ok(value)
}

/** `name <local@domain> (comment)`: one mailbox as it stands in a list; `brackets`: also where no name is. */
// mailbox = name-addr / addr-spec
export function formatReadMailbox(
  mailbox: ReadMailbox,
  { brackets = false }: { readonly brackets?: boolean } = {},
): Result<string, FormatAddressError['kind']> {
  const { displayName, localPart, domain, comments } = mailbox
  const bad = refused([displayName ?? '', localPart, domain, ...comments])
  if (bad !== undefined) return err(bad)
  if (domain === '' && localPart === '') return err('no-address')
  if (domain !== '' && !DOT_ATOM.test(domain) && !LITERAL.test(domain)) return err('bad-domain')
  // Without a domain, as programs write to users of their own machine, only the brackets tell it from a name.
  const address = domain === '' ? formatLocalPart(localPart) : `${formatLocalPart(localPart)}@${domain}`
  const bare = brackets || domain === '' ? `<${address}>` : address
  const named = displayName === undefined ? bare : `${encodePhrase(displayName)} <${address}>`
  return ok([named, ...comments.map(encodeComment)].join(' '))
}

/** As it stands before the at sign: quoted where it is no dot-atom, or could begin an encoded word. */
// local-part = dot-atom / quoted-string
export function formatLocalPart(localPart: string): string {
  return DOT_ATOM.test(localPart) && !localPart.includes('=?') ? localPart : formatQuotedString(localPart)
}

// group = display-name ":" [group-list] ";" [CFWS]
function formatAddress(address: ReadAddress): Result<string, FormatAddressError['kind']> {
  if (address.kind === 'mailbox') return formatReadMailbox(address)
  const { displayName, members, comments } = address
  const bad = refused([displayName, ...comments])
  if (bad !== undefined) return err(bad)
  const written: string[] = []
  for (const member of members) {
    const text = formatReadMailbox(member)
    if (!text.ok) return text
    written.push(text.value)
  }
  const name = [encodePhrase(displayName, 0, 1), ...comments.map(encodeComment)].join(' ')
  return ok(written.length === 0 ? `${name}:;` : `${name}: ${written.join(', ')};`)
}

function refused(texts: readonly string[]): 'control-character' | 'not-unicode' | undefined {
  for (const text of texts) {
    if (CONTROL.test(text)) return 'control-character'
    if (!text.isWellFormed()) return 'not-unicode'
  }
  return undefined
}

const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+)*$/
// "[" *dtext "]", of obs-dtext quoted pairs
const LITERAL = /^\[(?:[^\x00-\x20\x7f[\]\\]|\\[^\x00-\x20\x7f])*\]$/
