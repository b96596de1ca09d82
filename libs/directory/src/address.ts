// Addresses of ours: a mailbox in the one spelling under which the directory knows it. The account's name is one.
// RFC 5321 §2.4 (the receiving host interprets local parts: here case does not matter), RFC 8265 §3.3, RFC 5233 (subaddress)

import {
  type Brand,
  type DomainName,
  formatMailbox,
  type LocalPart,
  type Mailbox,
  type MailboxError,
  parseLocalPart,
  parseMailbox,
} from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { prepareUsername } from '@scop/sasl'

/** `alice@one.example`: local part folded as RFC 8265 §3.3 says, domain in A-labels. */
export type Address = Brand<string, 'Address'>

/** The address that an account was made for. */
export type AccountName = Address

export type AddressError =
  | MailboxError
  /** Address literals have no accounts. */
  | { readonly kind: 'not-a-domain' }
  /** A space, a control or a symbol outside ASCII: mail may carry it, an account may not be called so. */
  | { readonly kind: 'disallowed-character' }

/** Reads any spelling, UTF-8 and U-labels too. */
export function parseAddress(text: string): Result<Address, AddressError> {
  const mailbox = parseMailbox(text, { utf8: true })
  return mailbox.ok ? addressOf(mailbox.value) : mailbox
}

export function addressOf(mailbox: Mailbox): Result<Address, AddressError> {
  const { domain } = mailbox
  if (typeof domain !== 'string') return err({ kind: 'not-a-domain' })
  const folded = foldLocalPart(mailbox.localPart)
  return folded.ok ? ok(join(folded.value, domain)) : folded
}

/** What stands before and after the last `@`. The local part has no quotes. */
export function splitAddress(address: Address): { readonly localPart: LocalPart; readonly domain: DomainName } {
  const at = address.lastIndexOf('@')
  const localPart = parseLocalPart(address.slice(0, at))
  if (!localPart.ok) throw new Error(`Cannot split "${address}": not an address`)
  return { localPart: localPart.value, domain: domainOf(address) }
}

export function domainOf(address: Address): DomainName {
  return address.slice(address.lastIndexOf('@') + 1) as DomainName // as: `join` wrote a domain name there
}

/** `user@domain` for `user+tag@domain`; `undefined` where there is no tag. */
export function withoutSubaddress(address: Address): Address | undefined {
  const { localPart, domain } = splitAddress(address)
  const plus = localPart.indexOf('+')
  if (plus <= 0) return undefined
  const user = parseLocalPart(localPart.slice(0, plus))
  return user.ok ? join(user.value, domain) : undefined
}

/** Whether it is `postmaster`, which every domain has (RFC 5321 §4.5.1). */
export function isPostmaster(address: Address): boolean {
  return address.startsWith('postmaster@')
}

function foldLocalPart(localPart: LocalPart): Result<LocalPart, AddressError> {
  const prepared = prepareUsername(localPart)
  if (!prepared.ok) return err({ kind: 'disallowed-character' })
  // Quoted again: a folded local part need not be a dot-string.
  return parseLocalPart(`"${prepared.value.replace(/["\\]/g, '\\$&')}"`)
}

function join(localPart: LocalPart, domain: DomainName): Address {
  return formatMailbox({ localPart, domain }) as Address // as: this is the only place that makes the brand
}
