// Mailboxes: local part and domain as SMTP carries them, unquoted inside and quoted again only where needed.
// RFC 5321 §4.1.2 (grammar), §4.1.3 (address literals), §4.5.3.1 (sizes); RFC 6531 §3.3 (UTF-8)

import { err, ok, type Result } from '@scop/result'
import type { Brand } from './brand.ts'
import { type DomainName, parseDomainName, parseInternationalDomainName } from './domain-name.ts'
import { type IpAddress, ipVersion, parseIpAddress } from './ip-address.ts'

/** A local part without its quotes: `john doe` for `"john doe"`. */
export type LocalPart = Brand<string, 'LocalPart'>

export type AddressLiteral = { readonly kind: 'address-literal'; readonly address: IpAddress }

export type Mailbox = { readonly localPart: LocalPart; readonly domain: DomainName | AddressLiteral }

export type MailboxError =
  | { readonly kind: 'no-at-sign' }
  | { readonly kind: 'bad-local-part' }
  | { readonly kind: 'local-part-too-long'; readonly octets: number }
  | { readonly kind: 'bad-domain' }
  | { readonly kind: 'bad-address-literal' }
  | { readonly kind: 'not-ascii' }

export type MailboxOptions = {
  /** Whether SMTPUTF8 is in force: UTF-8 local parts and U-labels. Default false. */
  readonly utf8?: boolean
}

// Mailbox = Local-part "@" ( Domain / address-literal )      RFC 5321 §4.1.2
export function parseMailbox(text: string, options: MailboxOptions = {}): Result<Mailbox, MailboxError> {
  const utf8 = options.utf8 ?? false
  if (!utf8 && !ASCII.test(text)) return err({ kind: 'not-ascii' })
  const at = text.startsWith('"') ? endOfQuotedString(text) : text.indexOf('@')
  if (at < 0 || text[at] !== '@') return err({ kind: text.startsWith('"') ? 'bad-local-part' : 'no-at-sign' })
  const localPart = parseLocalPart(text.slice(0, at))
  if (!localPart.ok) return localPart
  const domain = parseMailDomain(text.slice(at + 1), utf8)
  return domain.ok ? ok({ localPart: localPart.value, domain: domain.value }) : domain
}

/** Writes what `parseMailbox` (with utf8) reads back to the same mailbox. */
export function formatMailbox(mailbox: Mailbox): string {
  return `${formatLocalPart(mailbox.localPart)}@${formatMailDomain(mailbox.domain)}`
}

export function formatLocalPart(localPart: LocalPart): string {
  return DOT_STRING.test(localPart) ? localPart : `"${localPart.replace(/["\\]/g, '\\$&')}"`
}

export function formatMailDomain(domain: DomainName | AddressLiteral): string {
  if (typeof domain === 'string') return domain
  return ipVersion(domain.address) === 6 ? `[IPv6:${domain.address}]` : `[${domain.address}]`
}

/** Domains compare as A-labels, local parts octet for octet. RFC 5321 §2.4 */
export function equalMailboxes(a: Mailbox, b: Mailbox): boolean {
  return a.localPart === b.localPart && formatMailDomain(a.domain) === formatMailDomain(b.domain)
}

/** Whether SMTPUTF8 is needed to carry this mailbox. */
export function needsUtf8(mailbox: Mailbox): boolean {
  return !ASCII.test(mailbox.localPart)
}

// Local-part = Dot-string / Quoted-string      The empty Quoted-string is refused: nothing can be addressed by it.
export function parseLocalPart(text: string): Result<LocalPart, MailboxError> {
  const bare = text.startsWith('"') ? unquote(text) : DOT_STRING.test(text) ? text : undefined
  if (bare === undefined || bare === '' || !bare.isWellFormed() || LINE_OR_CONTROL.test(bare))
    return err({ kind: 'bad-local-part' })
  const octets = ASCII.test(text) ? text.length : UTF8.encode(text).length
  if (octets > MAX_LOCAL_PART) return err({ kind: 'local-part-too-long', octets })
  return ok(bare as LocalPart) // as: this parser makes the brand
}

// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"; general literals have no registered tag
function parseMailDomain(text: string, utf8: boolean): Result<DomainName | AddressLiteral, MailboxError> {
  if (text.startsWith('[')) {
    const literal = ADDRESS_LITERAL.exec(text)
    if (literal === null) return err({ kind: 'bad-address-literal' })
    const address = parseIpAddress(literal[2] ?? '')
    const tagged = literal[1] !== undefined
    if (!address.ok || (ipVersion(address.value) === 6) !== tagged) return err({ kind: 'bad-address-literal' })
    return ok({ kind: 'address-literal', address: address.value })
  }
  // RFC 5321 §4.1.2 has no final dot, and UTS 46 reads three more characters as dots.
  if (FINAL_DOT.test(text)) return err({ kind: 'bad-domain' })
  const domain = utf8 ? parseInternationalDomainName(text) : parseDomainName(text)
  return domain.ok ? domain : err({ kind: 'bad-domain' })
}

// Quoted-string = DQUOTE *QcontentSMTP DQUOTE
function unquote(text: string): string | undefined {
  if (endOfQuotedString(text) !== text.length) return undefined
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}

function endOfQuotedString(text: string): number {
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DQUOTE) return i + 1
    if (code === BACKSLASH) {
      const escaped = text.charCodeAt(++i)
      if (!(escaped >= 0x20 && escaped <= 0x7e)) return -1
    } else if (code < 0x20 || code === 0x7f) return -1
  }
  return -1
}

const DQUOTE = 0x22
const BACKSLASH = 0x5c
const MAX_LOCAL_PART = 64 // octets, RFC 5321 §4.5.3.1.1
const UTF8 = new TextEncoder()
const ASCII = /^[\x00-\x7f]*$/
// The grammar of RFC 6531 would let them through; readers take them for line ends and for commands to a terminal.
const LINE_OR_CONTROL = /[\u0080-\u009f\u2028\u2029]/
const FINAL_DOT = /[.\u3002\uff0e\uff61]$/
const DOT_STRING =
  /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u{10ffff}]+)*$/u
const ADDRESS_LITERAL = /^\[(IPv6:)?([0-9A-Fa-f:.]+)\]$/i
