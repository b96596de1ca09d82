// Who speaks: the one domain of From, as A-labels. What two readers could take for two authors is refused, each with its
// own reason and the domains that could be read, so that a receiver may still ask for the strictest of their policies.
// RFC 9989 §5.3.1 (extraction), §11.5 (several domains); RFC 5322 §3.6.2 (From); RFC 6854 (groups); RFC 2047 §5 (3)

import type { DomainName } from '@scop/identifiers'
import {
  type Address,
  type AddressDefectKind,
  type AddressListError,
  fieldsNamed,
  type HeaderSection,
  mailboxesOf,
  parseAddressList,
  readAddressList,
} from '@scop/mime'
import { err, ok, type Result } from '@scop/result'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'

export type AuthorDomain = {
  readonly domain: DomainName
  /** How many mailboxes speak for it: several are one author as long as their domain is one. */
  readonly mailboxes: number
}

export type AuthorError =
  | { readonly kind: 'no-from' }
  /** Also of equal ones: which one is shown depends on the reader. RFC 5322 §3.6 allows one. */
  | { readonly kind: 'several-from-fields'; readonly count: number; readonly domains: readonly DomainName[] }
  /** No mailbox at all: an empty value, `<>`, a group without members. */
  | { readonly kind: 'no-mailbox' }
  /** RFC 6854 allows a group; readers show its name and not who is in it. */
  | { readonly kind: 'group'; readonly domains: readonly DomainName[] }
  /** A name for people cannot be an address: readers that decode before they parse see another author. RFC 2047 §5 (3) */
  | { readonly kind: 'encoded-word-in-address'; readonly domains: readonly DomainName[] }
  /** `<@a,@b:user@domain>`: readers take either end. */
  | { readonly kind: 'source-route'; readonly domains: readonly DomainName[] }
  | { readonly kind: 'address-literal' }
  /** Nothing that SMTP could carry or DNS be asked about: a label too long, no IDNA, a local part of 65 octets. */
  | { readonly kind: 'bad-mailbox' }
  | { readonly kind: 'several-domains'; readonly domains: readonly DomainName[] }
  | { readonly kind: 'unreadable'; readonly why: AddressDefectKind; readonly at: number }

/** The author domain of a message, or why there is not one. `domains` in errors: each once, at most `limits.authorDomains`. */
export function findAuthorDomain(
  header: HeaderSection,
  limits: DmarcLimits = DMARC_LIMITS,
): Result<AuthorDomain, AuthorError> {
  const [from, ...others] = fieldsNamed(header, 'From')
  if (from === undefined) return err({ kind: 'no-from' })
  if (others.length > 0) {
    const lists = [from, ...others].slice(0, limits.authorDomains).map(({ text }) => parseAddressList(text))
    const domains = domainsOf(lists.flatMap((list) => (list.ok ? list.value : [])))
    return err({ kind: 'several-from-fields', count: others.length + 1, domains: cut(domains, limits) })
  }
  const list = parseAddressList(from.text)
  if (!list.ok) return err(refusal(from.text, list.error))
  const mailboxes = mailboxesOf(list.value)
  if (mailboxes.length === 0) return err({ kind: 'no-mailbox' })
  const domains = domainsOf(list.value)
  const several = cut(domains, limits)
  if (mailboxes.some(({ mailbox }) => ENCODED_WORD.test(mailbox.localPart)))
    return err({ kind: 'encoded-word-in-address', domains: several })
  if (list.value.some(({ kind }) => kind === 'group')) return err({ kind: 'group', domains: several })
  if (from.text.includes(':') && readAddressList(from.text).defects.some(({ kind }) => kind === 'obsolete-route'))
    return err({ kind: 'source-route', domains: several })
  if (mailboxes.some(({ mailbox }) => typeof mailbox.domain !== 'string')) return err({ kind: 'address-literal' })
  const [domain] = domains
  if (domain === undefined || domains.length > 1) return err({ kind: 'several-domains', domains: several })
  return ok({ domain, mailboxes: mailboxes.length })
}

/** Every domain name of the list, each once, in order. */
function domainsOf(addresses: readonly Address[]): readonly DomainName[] {
  const named = mailboxesOf(addresses).flatMap(({ mailbox: { domain } }) =>
    typeof domain === 'string' ? [domain] : [],
  )
  return [...new Set(named)]
}

/** The domains worth asking: a name below another is not dropped, for its policy may differ. */
function cut(domains: readonly DomainName[], limits: DmarcLimits): readonly DomainName[] {
  return domains.slice(0, limits.authorDomains)
}

function refusal(text: string, { kind, at }: AddressListError): AuthorError {
  if (kind === 'no-address' || kind === 'empty-address') return { kind: 'no-mailbox' }
  if (ENCODED_WORD.test(text) && AS_AN_ADDRESS.has(kind)) return { kind: 'encoded-word-in-address', domains: [] }
  if (kind === 'bad-mailbox') return { kind }
  return { kind: 'unreadable', why: kind, at }
}

const ENCODED_WORD = /=\?[^\s?]+\?[bq]\?/i
/** What an encoded word in the place of an address looks like to a reader who does not decode it. */
const AS_AN_ADDRESS: ReadonlySet<AddressListError['kind']> = new Set([
  'no-at-sign',
  'no-domain',
  'no-local-part',
  'bad-mailbox',
  'special-in-encoded-word',
])
