// Whom something is known of: a domain, an IP network, or the name that a client says in HELO.
// A network is what one customer has at the least: IPv4 /24, IPv6 /48. RFC 6177 §2; RFC 5321 §4.1.1.1, §4.1.3 (HELO)

import {
  decodeIpAddress,
  type DomainName,
  encodeIpAddress,
  type IpAddress,
  parseDomainName,
  parseInternationalDomainName,
  parseIpAddress,
  unmapIpAddress,
} from '@scop/identifiers'
import { err, expectOk, ok, type Result } from '@scop/result'

export type SubjectKind = 'domain' | 'network' | 'helo'

export type Subject =
  /** A-labels, as given: whoever wants the organizational domain gives that. */
  | { readonly kind: 'domain'; readonly name: DomainName }
  /** `192.0.2.0/24` or `2001:db8::/48`. */
  | { readonly kind: 'network'; readonly name: Network }
  /** A domain name, or an address literal as `[192.0.2.1]`. */
  | { readonly kind: 'helo'; readonly name: string }

/** The canonical text of an IPv4 /24 or an IPv6 /48, made by `networkOf` and nothing else. */
export type Network = `${string}/24` | `${string}/48`

export type SubjectError = { readonly kind: 'not-a-subject'; readonly text: string }

/** The network of an address; an IPv4-mapped one is IPv4. */
export function networkOf(address: IpAddress): Network {
  const octets = encodeIpAddress(unmapIpAddress(address))
  const bits = octets.length === 4 ? 24 : 48
  const first = expectOk(decodeIpAddress(octets.fill(0, bits / 8)), 'name a network')
  return octets.length === 4 ? `${first}/24` : `${first}/48`
}

export const networkSubject = (address: IpAddress): Subject => ({ kind: 'network', name: networkOf(address) })

/** Undefined where the client gave no name that could be known again. */
export function heloSubject(helo: string): Subject | undefined {
  const name = heloName(helo)
  return name === undefined ? undefined : { kind: 'helo', name }
}

/** `domain:example.org`, `network:192.0.2.0/24`, `helo:mail.example.org`: stands for the subject as a key. */
export function formatSubject({ kind, name }: Subject): string {
  return `${kind}:${name}`
}

/** Reads what `formatSubject` wrote, and of people also a domain, an address or a network alone. */
export function parseSubject(text: string): Result<Subject, SubjectError> {
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(colon, 0))
  const subject = isSubjectKind(kind) ? subjectOf(kind, text.slice(colon + 1)) : bareSubject(text)
  return subject === undefined ? err({ kind: 'not-a-subject', text }) : ok(subject)
}

function subjectOf(kind: SubjectKind, name: string): Subject | undefined {
  switch (kind) {
    case 'domain': {
      const domain = parseInternationalDomainName(name)
      return domain.ok ? { kind, name: domain.value } : undefined
    }
    case 'network':
      return networkNamed(name)
    case 'helo':
      return heloSubject(name)
  }
}

/** `kind:` is never the beginning of an address: none of the three is hexadecimal. */
function bareSubject(text: string): Subject | undefined {
  return networkNamed(text) ?? subjectOf('domain', text)
}

/** An address, or exactly what `networkOf` makes of one. */
function networkNamed(text: string): Subject | undefined {
  const [address = '', bits, ...more] = text.split('/')
  const parsed = parseIpAddress(address)
  if (!parsed.ok || more.length > 0) return undefined
  const subject = networkSubject(parsed.value)
  return bits === undefined || subject.name === `${parsed.value}/${bits}` ? subject : undefined
}

function heloName(helo: string): string | undefined {
  const literal = /^\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]$/i.exec(helo)?.[1]
  if (literal !== undefined) {
    const address = parseIpAddress(literal)
    return address.ok ? `[${address.value}]` : undefined
  }
  const domain = parseDomainName(helo)
  return domain.ok ? domain.value : undefined
}

export function isSubjectKind(text: string): text is SubjectKind {
  return text === 'domain' || text === 'network' || text === 'helo'
}
