// The Received trace field, written by us. What the client said of itself is cleaned before it is written.
// RFC 5321 §4.4 (grammar); RFC 3848, RFC 6531 §4.3 ("with" words); RFC 8314 §4.3 (the "tls" clause)

import {
  type DomainName,
  formatMailbox,
  type IpAddress,
  ipVersion,
  type Mailbox,
  parseDomainName,
} from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { formatDate } from './date.ts'
import { formatField } from './format-field.ts'

/** RFC 3848 §1, RFC 6531 §4.3 */
export type WithProtocol = 'SMTP' | `${'ESMTP' | 'UTF8SMTP' | 'LMTP' | 'UTF8LMTP'}${'' | 'A' | 'S' | 'SA'}`

export type Received = {
  /** Left out where the client's address is nobody's business (submission). */
  readonly from?: {
    /** The argument of EHLO or HELO as it came; anything that is not a domain name goes into a comment, cleaned. */
    readonly helo: string
    readonly address: IpAddress
    /** Name found by reverse lookup and confirmed. */
    readonly name?: DomainName
  }
  readonly by: DomainName
  /** Left out where the message came by no protocol for mail. */
  readonly with?: WithProtocol
  /** Our queue identifier: letters, digits, `.`, `-`, `_`. */
  readonly id: string
  /** Only where there is exactly one recipient. RFC 5321 §7.6 (blind copies) */
  readonly for?: Mailbox
  /** The IANA name of the TLS cipher suite. */
  readonly tlsCipher?: string
  readonly epochMilliseconds: number
  readonly offsetMinutes?: number
}

/** The word after "with". */
export function withProtocol(of: {
  readonly extended: boolean
  readonly utf8: boolean
  readonly tls: boolean
  readonly authenticated: boolean
}): WithProtocol {
  if (!of.extended) return 'SMTP'
  return `${of.utf8 ? 'UTF8SMTP' : 'ESMTP'}${of.tls ? (of.authenticated ? 'SA' : 'S') : of.authenticated ? 'A' : ''}`
}

/** The whole field with its line end. */
export function formatReceived(received: Received): Uint8Array {
  if (!IDENTIFIER.test(received.id)) throw new Error(`Cannot write Received: "${received.id}" is no identifier`)
  const words: string[] = []
  if (received.from !== undefined) words.push(formatFrom(received.from))
  words.push(`by ${received.by}`)
  if (received.with !== undefined) words.push(`with ${received.with}`)
  words.push(`id ${received.id}`)
  if (received.for !== undefined) words.push(`for <${formatMailbox(received.for)}>`)
  if (received.tlsCipher !== undefined && CIPHER.test(received.tlsCipher)) words.push(`tls ${received.tlsCipher}`)
  const date = formatDate(received.epochMilliseconds, received.offsetMinutes)
  return expectOk(formatField('Received', `${words.join(' ')}; ${date}`), 'write Received')
}

// From-domain = "FROM" FWS Extended-Domain      Extended-Domain = Domain / (Domain FWS "(" TCP-info ")") / …
function formatFrom(from: NonNullable<Received['from']>): string {
  const literal = ipVersion(from.address) === 6 ? `[IPv6:${from.address}]` : `[${from.address}]`
  const tcpInfo = from.name === undefined ? literal : `${from.name} ${literal}`
  const domain = parseDomainName(from.helo)
  if (domain.ok) return `from ${domain.value} (${tcpInfo})`
  if (from.helo.toLowerCase() === literal.toLowerCase()) return `from ${literal} (${tcpInfo})`
  return `from ${literal} (${tcpInfo} helo=${from.helo.slice(0, MAX_HELO).replace(NOT_PLAIN, '?')})`
}

const MAX_HELO = 255
const NOT_PLAIN = /[^A-Za-z0-9.:_[\]-]/g
const IDENTIFIER = /^[A-Za-z0-9._-]{1,128}$/
const CIPHER = /^[A-Za-z0-9_-]{1,64}$/
