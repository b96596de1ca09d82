// A reply, reduced to what its server may say: answers to the question along its aliases, data of its zone, one delegation.
// All else is dropped before anything is decided or kept. RFC 5452 §6 (bailiwick), RFC 2181 §5.4.1 (ranking),
// RFC 6672 §3.4 (CNAMEs from DNAMEs), RFC 2308 §5 (SOA of denials), RFC 1034 §5.3.3

import {
  A,
  AAAA,
  additionalTargets,
  CLASS,
  CNAME,
  decodeName,
  decodeRdata,
  DNAME,
  DS,
  encodeRdata,
  equalNames,
  isAtOrBelow,
  type Message,
  type Name,
  NS,
  NSEC,
  NSEC3,
  type Question,
  RCODE,
  SOA,
  SVCB,
  HTTPS,
  TYPE_ANY,
  RRSIG,
} from '@scop/dns'
import { isCovered } from '@scop/identifiers'
import type { ResolverConfig } from './config.ts'
import { groupRecords, type Rrset, TRUST, type Trust } from './rrset.ts'

export type Scrubbed = {
  readonly question: Question
  readonly rcode: number
  readonly authoritative: boolean
  readonly recursionAvailable: boolean
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  readonly additional: readonly Rrset[]
  /** The address of the server that said it. */
  readonly server?: string
}

/** `zone`: what the server was asked for. `forwarded`: it answers for others, and is not the authority itself. */
export function scrub(
  message: Message,
  question: Question,
  zone: Name,
  config: ResolverConfig,
  forwarded = false,
): Scrubbed {
  const { authoritative, rcode } = message
  const { recordsPerRrset, signaturesPerRrset } = config.limits
  const signatures = [...message.answers, ...message.authorities, ...message.additionals].filter(
    ({ type }) => type === RRSIG.code,
  )
  const group = (records: Message['answers'], trust: Trust): readonly Rrset[] =>
    groupRecords(
      records.filter((record) => record.class === question.class || question.class === CLASS.ANY),
      trust,
      signatures,
    )
      .filter((rrset) => rrset.rdatas.length <= recordsPerRrset && !leavesZone(rrset, zone, forwarded))
      .map((rrset) => ({ ...rrset, signatures: rrset.signatures.slice(0, signaturesPerRrset) }))
  const said = group(message.answers, authoritative ? TRUST.answerAuthoritative : TRUST.answer)
  const answer = scrubAnswer(said, question, zone, forwarded || config.takeAliasTargets)
  // Of two DNAMEs neither is taken, and that nothing is left then denies nothing. RFC 6672 §2.4
  if (answer.length === 0 && said.some((rrset) => rrset.rdatas.length > 1 && rewrites(rrset, question.name)))
    return { ...flagsOf(message, question), rcode: RCODE.FORMERR, answer: [], authority: [], additional: [] }
  const denies =
    rcode === RCODE.NXDOMAIN || (answer.length === 0 && message.authorities.some(({ type }) => type === SOA.code))
  const authorities = group(message.authorities, authoritative ? TRUST.authorityAuthoritative : TRUST.authority)
  const ds = authorities.find(
    ({ name, type }) => question.type === DS.code && type === DS.code && equalNames(name, question.name),
  )
  if (ds !== undefined && answer.length === 0) {
    // The referral that carries the DS is itself the answer to a question for the DS.
    return { ...flagsOf(message, question), answer: [ds], authority: [], additional: [] }
  }
  const authority = scrubAuthority(authorities, question, zone, config, {
    denies,
    answers: answer.length > 0,
    answersNs: answer.some(({ type, name }) => type === NS.code && equalNames(name, question.name)),
    forwarded,
  })
  const wanted = new Set<string>()
  for (const rrset of [...answer, ...authority]) {
    if (answer.includes(rrset) && !equalNames(rrset.name, question.name)) continue
    const { name, type } = rrset
    for (const { host, types } of rrset.rdatas.flatMap((rdata) => additionalTargets({ name, type, rdata })))
      for (const each of types) wanted.add(`${each} ${host.key}`)
  }
  const additional = group(
    message.additionals,
    authoritative ? TRUST.additionalAuthoritative : TRUST.additional,
  ).filter(
    ({ name, type }) =>
      wanted.has(`${type} ${name.key}`) &&
      (isAddress(type) || !config.addressesAlone) &&
      isAtOrBelow(name, zone) &&
      !answer.some((rrset) => rrset.type === type && equalNames(rrset.name, name)),
  )
  const withoutPrivate = (rrsets: readonly Rrset[]): readonly Rrset[] =>
    config.privateAddresses.length === 0 ? rrsets : rrsets.flatMap((rrset) => publicPart(rrset, config))
  return {
    ...flagsOf(message, question),
    answer: withoutPrivate(answer),
    authority,
    additional: withoutPrivate(additional),
  }
}

function rewrites({ name, type }: Rrset, asked: Name): boolean {
  return type === DNAME.code && !equalNames(name, asked) && isAtOrBelow(asked, name)
}

/** An NSEC whose next name is in another zone denies what is not its own. RFC 4034 §4.1.1 */
function leavesZone({ type, rdatas }: Rrset, zone: Name, forwarded: boolean): boolean {
  if (type !== NSEC.code || forwarded) return false
  return rdatas.some((rdata) => {
    const nsec = decodeRdata(NSEC, rdata)
    return nsec.ok && !isAtOrBelow(nsec.value.next, zone)
  })
}

function flagsOf(
  message: Message,
  question: Question,
): Pick<Scrubbed, 'question' | 'rcode' | 'authoritative' | 'recursionAvailable'> {
  const { rcode, authoritative, recursionAvailable } = message
  return { question, rcode, authoritative, recursionAvailable }
}

/** The aliases from the name asked for, in their order, and the data at their end, as far as the zone may say them. */
function scrubAnswer(
  answer: readonly Rrset[],
  question: Question,
  zone: Name,
  takesTargets: boolean,
): readonly Rrset[] {
  const kept: Rrset[] = []
  let at = question.name
  const seen = new Set<string>()
  for (;;) {
    if (!isAtOrBelow(at, zone) || seen.has(at.key)) return kept
    // Behind an alias an authority's words are not authoritative (RFC 2181 §5.4.1): what is there is asked for itself.
    if (!takesTargets && kept.length > 0) return kept
    seen.add(at.key)
    const own = answer.filter(({ name }) => equalNames(name, at))
    const matching = own.filter(
      ({ type }) => type === question.type || (question.type === TYPE_ANY && type !== RRSIG.code),
    )
    if (question.type === TYPE_ANY && own.length > 0) return [...kept, ...own.map((rrset) => ranked(rrset, kept))]
    const dname = answer.find(
      (rrset) => rewrites(rrset, at) && rrset.rdatas.length === 1 && isAtOrBelow(rrset.name, zone),
    )
    // The alias that was asked for may be one that a DNAME makes, which is then what is signed.
    if (
      matching.length > 0 &&
      question.type === CNAME.code &&
      dname !== undefined &&
      matching[0]?.signatures.length === 0
    )
      return [...kept, ranked(dname, kept), ...matching.map((rrset) => ranked(rrset, kept))]
    // Where a zone has an alias beside other data, by mistake, what it says first holds. RFC 2181 §10.1
    const first = own.find(({ type }) => type === CNAME.code || type === question.type)
    const aliased = first?.type === CNAME.code && question.type !== CNAME.code && question.type !== NSEC.code
    if (matching.length > 0 && !aliased) return [...kept, ...matching.map((rrset) => ranked(rrset, kept))]
    const cname = own.find(({ type }) => type === CNAME.code)
    if (dname !== undefined) {
      const target = substitute(at, dname)
      if (!kept.includes(dname)) kept.push(ranked(dname, kept))
      if (target === undefined) return kept
      const sent = cname === undefined ? undefined : targetOf(cname)
      kept.push(
        cname !== undefined && sent !== undefined && equalNames(sent, target)
          ? ranked(cname, kept)
          : synthesised(at, target, dname),
      )
      at = target
      continue
    }
    if (cname === undefined || question.type === CNAME.code) return kept
    const single = cname.rdatas[0]
    // Several CNAMEs at one name are a fault of the zone; the first is taken, as all resolvers do.
    kept.push(ranked(cname.rdatas.length === 1 || single === undefined ? cname : { ...cname, rdatas: [single] }, kept))
    const target = targetOf(cname)
    if (target === undefined) return kept
    at = target
  }
}

/** RFC 2181 §5.4.1: AA speaks of the name asked for only, and of nothing behind an alias. */
function ranked(rrset: Rrset, before: readonly Rrset[]): Rrset {
  const first = before[0]
  if (first === undefined || rrset.trust !== TRUST.answerAuthoritative) return rrset
  const sameDname = before.length === 1 && first.type === DNAME.code && rrset.type === CNAME.code
  return sameDname ? rrset : { ...rrset, trust: TRUST.answer }
}

type AnswerKind = {
  readonly denies: boolean
  readonly answers: boolean
  readonly answersNs: boolean
  readonly forwarded: boolean
}

function scrubAuthority(
  authority: readonly Rrset[],
  question: Question,
  zone: Name,
  config: ResolverConfig,
  kind: AnswerKind,
): readonly Rrset[] {
  let delegation = false
  return authority.filter((rrset) => {
    if (!isAtOrBelow(rrset.name, zone) && !(rrset.type === NS.code && isAtOrBelow(zone, rrset.name))) return false
    switch (rrset.type) {
      case NS.code: {
        if (delegation || kind.denies || !isAtOrBelow(question.name, rrset.name)) return false
        if (kind.answers && config.refuseUnaskedNs && !kind.answersNs) return false
        delegation = true
        return true
      }
      case SOA.code:
        return isAtOrBelow(question.name, rrset.name) || kind.answers
      case DS.code:
      case NSEC.code:
      case NSEC3.code:
        return true
      case RRSIG.code:
        return false
      default:
        return false
    }
  })
}

/** The name below a DNAME in its new place; `undefined` where it would be too long. RFC 6672 §2.2 */
export function substitute(name: Name, dname: Rrset): Name | undefined {
  const target = targetOf(dname)
  if (target === undefined) return undefined
  const prefix = name.octets.subarray(0, name.octets.length - dname.name.octets.length)
  const octets = new Uint8Array(prefix.length + target.octets.length)
  octets.set(prefix)
  octets.set(target.octets, prefix.length)
  const substituted = decodeName(octets)
  return substituted.ok ? substituted.value : undefined
}

/** The CNAME that a DNAME stands for; its own signatures it has none. RFC 6672 §3.1 */
export function synthesised(name: Name, target: Name, dname: Rrset): Rrset {
  return { ...dname, name, type: CNAME.code, rdatas: [encodeRdata(CNAME, { name: target })], signatures: [] }
}

/** Where a CNAME, DNAME or NS record points; of several the first. */
export function targetOf(rrset: Rrset): Name | undefined {
  const rdata = rrset.rdatas[0]
  const decoded = rdata === undefined ? undefined : decodeRdata(CNAME, rdata)
  return decoded?.ok === true ? decoded.value.name : undefined
}

/** Without the records that lead into private networks: an answer from outside has no business there. */
function publicPart(rrset: Rrset, config: ResolverConfig): readonly Rrset[] {
  const { privateAddresses, privateNames } = config
  if (privateNames.some((name) => isAtOrBelow(rrset.name, name))) return [rrset]
  const rdatas = rrset.rdatas.filter(
    (rdata) => !addressesOf(rrset.type, rdata).some((address) => isCovered(address, privateAddresses)),
  )
  return rdatas.length === 0 ? [] : [{ ...rrset, rdatas }]
}

function addressesOf(type: number, rdata: Uint8Array): readonly Uint8Array[] {
  if (isAddress(type)) return [rdata]
  if (type !== SVCB.code && type !== HTTPS.code) return []
  const service = decodeRdata(SVCB, rdata)
  if (!service.ok) return []
  return service.value.params.flatMap(({ key, value }) => {
    const size = key === IPV4_HINT ? 4 : key === IPV6_HINT ? 16 : 0
    if (size === 0) return []
    return Array.from({ length: Math.floor(value.length / size) }, (_, i) => value.subarray(i * size, (i + 1) * size))
  })
}

/** RFC 9460 §7.3 */
const IPV4_HINT = 4
const IPV6_HINT = 6

export function isAddress(type: number): boolean {
  return type === A.code || type === AAAA.code
}
