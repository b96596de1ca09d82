// The message for a client: what it asked for and can use, with the bits that say what was done.
// RFC 4035 §3.2 (DO, CD, AD), RFC 6840 §5.7 and §5.8 (AD asked for), RFC 8914 §2, RFC 5001 §2.2 (NSID), RFC 6891 §6.1.3

import {
  CNAME,
  encodeExtendedError,
  type EdnsOption,
  equalNames,
  type Message,
  NSEC,
  NSEC3,
  RCODE,
  responseTo,
  type ResourceRecord,
  RRSIG,
  TYPE_ANY,
} from '@scop/dns'
import type { ResolverConfig } from './config.ts'
import { endOfAliases } from './classify.ts'
import { isAddress } from './scrub.ts'
import type { Outcome } from './outcome.ts'
import { type Rrset, rrsetToRecords } from './rrset.ts'

/** `query` has one question. */
export function replyTo(query: Message, outcome: Outcome, config: ResolverConfig): Message {
  const question = query.questions[0]
  const dnssec = query.edns?.dnssecOk === true
  const bogus = outcome.status === 'bogus' && !query.checkingDisabled && !config.validation.permissive
  const rcode = bogus ? RCODE.SERVFAIL : outcome.rcode
  const asked = question?.type ?? 0
  const minimal = bogus || (config.minimalResponses && isPositive(outcome, query))
  const records = (rrsets: readonly Rrset[], keep: (rrset: Rrset) => boolean): readonly ResourceRecord[] =>
    rrsets.filter(keep).flatMap((rrset) => rrsetToRecords(rrset, dnssec || asked === RRSIG.code))
  const inAuthority = ({ type }: Rrset): boolean => dnssec || !DNSSEC_ONLY.has(type) || type === asked
  return {
    ...responseTo(query, rcode),
    authoritative: outcome.authoritative,
    recursionAvailable: true,
    authenticData: !bogus && outcome.status === 'secure' && !query.checkingDisabled && (dnssec || query.authenticData),
    answers: bogus ? [] : records(outcome.answer, () => true),
    authorities: minimal ? [] : records(outcome.authority, inAuthority),
    additionals: minimal ? [] : records(outcome.additional, ({ type }) => isAddress(type)),
    edns:
      query.edns === undefined
        ? undefined
        : { udpOctets: config.limits.udpOctets, version: 0, dnssecOk: dnssec, options: optionsOf(query, outcome, config) },
  }
}

function optionsOf(query: Message, outcome: Outcome, config: ResolverConfig): readonly EdnsOption[] {
  const options: EdnsOption[] = []
  if (config.nsid !== undefined && query.edns?.options.some(({ code }) => code === NSID) === true)
    options.push({ code: NSID, octets: config.nsid })
  if (config.extendedErrors) {
    const seen = new Set<number>()
    for (const error of outcome.ede) {
      if (seen.has(error.code)) continue
      seen.add(error.code)
      options.push(encodeExtendedError(error))
    }
  }
  return options
}

/** Whether the answer needs nothing else: data of the type, and no proof that belongs to them. */
function isPositive({ rcode, answer, authority }: Outcome, query: Message): boolean {
  const question = query.questions[0]
  if (rcode !== RCODE.NOERROR || question === undefined || answer.length === 0) return false
  if (authority.some(({ type }) => type === NSEC.code || type === NSEC3.code)) return false
  if (question.type === TYPE_ANY || question.type === CNAME.code) return true
  const end = endOfAliases({ question, answer })
  return answer.some(({ name, type }) => type === question.type && equalNames(name, end))
}

const NSID = 3
const DNSSEC_ONLY: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, NSEC3.code])
