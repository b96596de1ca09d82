// What a mail server asks the DNS for, read from outcomes: each answer says how far it can be trusted.
// Law: what validation refuses is a failure for now, never an answer and never an absence; an answer is secure when
// every RRset on the way to it is.
// RFC 5321 §5.1 (MX), RFC 7505 (null MX), RFC 7208 §3.3 (TXT strings are joined), RFC 7672 §2 (DANE), RFC 4033 §5 (status)

import {
  A,
  AAAA,
  CNAME,
  decodeRdata,
  DS,
  encodeRdata,
  equalNames,
  type ExtendedError,
  formatName,
  formatRcode,
  MX,
  type Name,
  parseName,
  PTR,
  RCODE,
  type RecordType,
  ROOT,
  TLSA,
  type TlsaData,
  TXT,
} from '@scop/dns'
import { type DomainName, encodeIpAddress, type IpAddress, parseDomainName } from '@scop/identifiers'
import { concatOctets } from '@scop/octets'
import { err, expectOk, ok, type Result } from '@scop/result'
import type { Outcome } from './outcome.ts'
import type { Rrset } from './rrset.ts'

/** `secure`: signed from a trust anchor down. `insecure`: provably, or by configuration, not signed. */
export type AnswerSecurity = 'secure' | 'insecure'

export type MailAnswer<T> =
  | { readonly kind: 'answer'; readonly value: T; readonly security: AnswerSecurity; readonly ttlSeconds: number }
  /** The name has no such record, or does not exist. */
  | { readonly kind: 'nodata' | 'nxdomain'; readonly security: AnswerSecurity; readonly ttlSeconds: number }
  /** Nobody could tell now, or what was told is false: later may be different. */
  | { readonly kind: 'temporary'; readonly reason: string; readonly ede: readonly ExtendedError[] }

export type MailExchanges =
  /** Lowest preference first, equal ones in random order. */
  | {
      readonly kind: 'mx'
      readonly exchanges: readonly { readonly preference: number; readonly exchange: DomainName }[]
      /** Exchanges that no host can have, as they were. */
      readonly unusable: readonly string[]
    }
  /** The domain says that it takes no mail. RFC 7505 §3 */
  | { readonly kind: 'null-mx' }

export type HostAddresses = {
  /** IPv6 first. */
  readonly addresses: readonly IpAddress[]
  /** The name at the end of the aliases, where both families agree on it. RFC 7672 §2.2.2 */
  readonly canonical: string
}

/** `random`: an integer from 0 up to, and without, `below`. */
export function readMx(outcome: Outcome, domain: Name, random: (below: number) => number): MailAnswer<MailExchanges> {
  return readWith(outcome, domain, MX, (records) => {
    const exchanges: { readonly preference: number; readonly exchange: DomainName; readonly order: number }[] = []
    const unusable: string[] = []
    for (const { preference, exchange } of records) {
      const text = formatName(exchange)
      if (text === '.' && records.length === 1) return { kind: 'null-mx' }
      const host = parseDomainName(text)
      if (host.ok) exchanges.push({ preference, exchange: host.value, order: random(0x10000) })
      else unusable.push(text)
    }
    exchanges.sort((a, b) => a.preference - b.preference || a.order - b.order)
    return {
      kind: 'mx',
      exchanges: exchanges.map(({ preference, exchange }) => ({ preference, exchange })),
      unusable,
    }
  })
}

/** One entry for each record, its strings joined. */
export function readTxt(outcome: Outcome, name: Name): MailAnswer<readonly Uint8Array[]> {
  return readWith(outcome, name, TXT, (records) => records.map(({ strings }) => concatOctets(strings)))
}

export function readTlsa(outcome: Outcome, name: Name): MailAnswer<readonly TlsaData[]> {
  return readWith(outcome, name, TLSA, (records) => records)
}

/** What SPF asks for beside TXT. */
export type HostRecordType = 'A' | 'AAAA' | 'MX' | 'PTR'

/** Each record as text: an address, or the name of a host without its last dot; of MX the lowest preference first. */
export function readHostRecords(outcome: Outcome, name: Name, type: HostRecordType): MailAnswer<readonly string[]> {
  switch (type) {
    case 'A':
      return readWith(outcome, name, A, (records) => records.map(({ address }) => address))
    case 'AAAA':
      return readWith(outcome, name, AAAA, (records) => records.map(({ address }) => address))
    case 'MX':
      return readWith(outcome, name, MX, (records) =>
        records.toSorted((a, b) => a.preference - b.preference).map(({ exchange }) => hostText(exchange)),
      )
    case 'PTR':
      return readWith(outcome, name, PTR, (records) => records.map((record) => hostText(record.name)))
  }
}

/** Data of the DS records of a zone, which are its parent's. */
export function readDs(outcome: Outcome, zone: Name): MailAnswer<readonly Uint8Array[]> {
  return readWith(outcome, zone, DS, (records) => records.map((ds) => encodeRdata(DS, ds)))
}

/** Of AAAA and A together: one of them is enough, but a failure counts more than an absence. */
export function readAddresses(v6: Outcome, v4: Outcome, host: Name): MailAnswer<HostAddresses> {
  const six = read(v6, host, AAAA)
  const four = read(v4, host, A)
  const found: MailAnswer<Found<{ readonly address: IpAddress }>>[] = [six, four]
  const answers = found.filter((answer) => answer.kind === 'answer')
  if (answers.length === 0) return (six.kind === 'temporary' ? six : four) as MailAnswer<never> // as: none is an answer
  const [first, second] = answers
  const canonical = first !== undefined && (second === undefined || equalNames(first.value.at, second.value.at))
  return {
    kind: 'answer',
    value: {
      addresses: answers.flatMap(({ value }) => value.records.map(({ address }) => address)),
      canonical: hostText(canonical ? first.value.at : host),
    },
    // What is missing matters too: who hides the signed half would choose the other.
    security: found.every((answer) => answer.kind !== 'temporary' && answer.security === 'secure')
      ? 'secure'
      : 'insecure',
    ttlSeconds: Math.min(...answers.map(({ ttlSeconds }) => ttlSeconds)),
  }
}

export type Dane =
  /** TLS is due, and the certificate must match one of these. RFC 7672 §3.1 */
  | { readonly kind: 'authenticate'; readonly records: readonly TlsaData[] }
  /** TLS is due, but no record says how to check it. RFC 7672 §2.2 */
  | { readonly kind: 'encrypt' }
  /** The host has published nothing that binds. */
  | { readonly kind: 'none' }
  /** Whether it has cannot be told: the mail waits. RFC 7672 §2.1.1 */
  | { readonly kind: 'defer'; readonly reason: string }

/** What DANE asks of a delivery to one host. Binds only where MX, addresses and TLSA are all secure. */
export function judgeDane(
  mx: AnswerSecurity,
  addresses: MailAnswer<HostAddresses>,
  tlsa: MailAnswer<readonly TlsaData[]>,
): Dane {
  if (addresses.kind === 'temporary') return { kind: 'defer', reason: addresses.reason }
  // Servers that cannot answer for TLSA are many where nothing is signed: there, nobody is kept waiting for them.
  if (mx === 'insecure' || addresses.security === 'insecure') return { kind: 'none' }
  if (tlsa.kind === 'temporary') return { kind: 'defer', reason: tlsa.reason }
  if (tlsa.kind !== 'answer' || tlsa.security === 'insecure') return { kind: 'none' }
  const records = tlsa.value.filter(isUsable)
  return records.length > 0 ? { kind: 'authenticate', records } : { kind: 'encrypt' }
}

/** `_25._tcp.mx.example.` RFC 6698 §3 */
export function tlsaName(host: string, port: number): Result<Name, { readonly kind: 'bad-name' }> {
  const name = parseName(`_${port}._tcp.${host}`, ROOT)
  return name.ok ? ok(name.value) : err({ kind: 'bad-name' })
}

/** `1.2.0.192.in-addr.arpa.`, or its like below `ip6.arpa.` RFC 1035 §3.5, RFC 3596 §2.5 */
export function reverseName(address: IpAddress): Name {
  const octets = encodeIpAddress(address)
  const labels =
    octets.length === 4
      ? [...octets].map(String)
      : [...octets].flatMap((octet) => [(octet >>> 4).toString(16), (octet & 15).toString(16)])
  const below = octets.length === 4 ? 'in-addr.arpa' : 'ip6.arpa'
  return expectOk(parseName(`${labels.reverse().join('.')}.${below}`, ROOT), 'write the reverse name of an address')
}

type Found<T> = { readonly records: readonly T[]; readonly at: Name }

function readWith<T, V>(
  outcome: Outcome,
  name: Name,
  type: RecordType<T>,
  value: (records: readonly T[]) => V,
): MailAnswer<V> {
  const answer = read(outcome, name, type)
  return answer.kind === 'answer' ? { ...answer, value: value(answer.value.records) } : answer
}

/** The records of `type` at the end of the aliases from `name`. */
function read<T>(outcome: Outcome, name: Name, type: RecordType<T>): MailAnswer<Found<T>> {
  const { status, rcode, ede, ttlSeconds } = outcome
  const told = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN
  if (!told || status === 'bogus') return { kind: 'temporary', reason: reasonOf(outcome), ede }
  const way: Rrset[] = []
  let at = name
  for (const { answer } = outcome; way.length <= answer.length; ) {
    const here = answer.filter((rrset) => equalNames(rrset.name, at))
    const found = here.find((rrset) => rrset.type === type.code)
    if (found !== undefined) {
      const records = found.rdatas.flatMap((rdata) => {
        const data = decodeRdata(type, rdata)
        return data.ok ? [data.value] : []
      })
      if (records.length === 0) return { kind: 'temporary', reason: 'unreadable records', ede }
      return { kind: 'answer', value: { records, at }, security: securityOf(status, [...way, found]), ttlSeconds }
    }
    const alias = here.find((rrset) => rrset.type === CNAME.code)
    const target = alias?.rdatas[0] === undefined ? undefined : decodeRdata(CNAME, alias.rdatas[0])
    if (alias === undefined || !target?.ok) break
    way.push(alias)
    at = target.value.name
  }
  const kind = rcode === RCODE.NXDOMAIN ? 'nxdomain' : 'nodata'
  return { kind, security: securityOf(status, way), ttlSeconds }
}

const securityOf = (status: Outcome['status'], way: readonly Rrset[]): AnswerSecurity =>
  status === 'secure' && way.every(({ security }) => security === 'secure') ? 'secure' : 'insecure'

function reasonOf({ status, rcode, ede }: Outcome): string {
  const why = ede.map(({ code, text }) => (text === '' ? `EDE ${code}` : text)).join('; ')
  const what = status === 'bogus' ? 'the answer is not validly signed' : formatRcode(rcode)
  return why === '' ? what : `${what}: ${why}`
}

/** Others than DANE-TA and DANE-EE, unknown selectors and unknown digests bind nobody. RFC 7672 §3.1.3 */
const isUsable = ({ usage, selector, matchingType }: TlsaData): boolean =>
  (usage === DANE_TA || usage === DANE_EE) && selector <= 1 && matchingType <= 2

const hostText = (name: Name): string => formatName(name).replace(/(?<=.)\.$/, '')

const DANE_TA = 2
const DANE_EE = 3
