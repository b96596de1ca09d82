// What kind of thing a scrubbed reply is: an answer, an alias, a referral, or the words of a server that is of no use here.
// RFC 1034 §4.3.1, §5.3.3, RFC 2308 §2 (denials and referrals told apart), RFC 1912 §2.8 (lame servers)

import { CNAME, DNAME, DS, equalNames, isAtOrBelow, type Name, NS, RCODE, SOA, TYPE_ANY } from '@scop/dns'
import { targetOf } from './scrub.ts'
import type { Scrubbed } from './scrub.ts'

export type ReplyKind =
  | 'answer'
  /** Ends in an alias that leads elsewhere. */
  | 'alias'
  | 'referral'
  /** Refers upwards or sideways: no server of the zone. */
  | 'lame'
  /** A resolver where an authority was expected. */
  | 'recursive'
  /** Says nothing: ask the next. */
  | 'useless'

/** `recursive`: the server was asked to recurse, so that its referrals are answers. */
export function classify(reply: Scrubbed, zone: Name, recursive: boolean): ReplyKind {
  const { question, rcode, authoritative, answer, authority } = reply
  const strangersCache = reply.recursionAvailable && !authoritative && !recursive
  const end = endOfAliases(reply)
  const answers = answer.some(
    ({ name, type }) => equalNames(name, end) && (type === question.type || question.type === TYPE_ANY),
  )
  if (rcode === RCODE.NXDOMAIN) {
    if (strangersCache) return 'recursive'
    return equalNames(end, question.name) ? 'answer' : 'alias'
  }
  if (rcode === RCODE.YXDOMAIN && answer.some(({ type }) => type === DNAME.code)) return 'answer'
  if (rcode !== RCODE.NOERROR) return 'useless'
  if (answers && authoritative) return 'answer'
  if (!answers && !equalNames(end, question.name)) return 'alias'
  for (const { name, type } of authority) {
    if (type === SOA.code && isAtOrBelow(question.name, name)) return strangersCache ? 'recursive' : 'answer'
  }
  for (const { name, type } of authority) {
    if (type !== NS.code) continue
    if (equalNames(name, zone)) {
      if (strangersCache) return 'recursive'
      return answer.length === 0 && !authoritative && !recursive ? 'useless' : 'answer'
    }
    if (isAtOrBelow(zone, name)) return recursive ? 'useless' : 'lame'
    if (isAtOrBelow(name, zone)) return recursive ? 'answer' : 'referral'
  }
  return strangersCache ? 'recursive' : 'answer'
}

/** The name at which the aliases of the answer end. */
export function endOfAliases({
  question,
  answer,
  rcode = RCODE.NOERROR,
}: Pick<Scrubbed, 'question' | 'answer'> & { readonly rcode?: number }): Name {
  let at = question.name
  if (question.type === TYPE_ANY) return at
  // NXDOMAIN speaks of the end of the aliases, also where an alias was asked for. RFC 2308 §2.1
  if (question.type === CNAME.code && rcode !== RCODE.NXDOMAIN) return at
  for (let hops = 0; hops <= answer.length; hops++) {
    const cname = answer.find(({ name, type }) => type === CNAME.code && equalNames(name, at))
    const target = cname === undefined ? undefined : targetOf(cname)
    if (target === undefined) return at
    at = target
  }
  return at
}

/** A denial of the DS by the child, which is not the one to ask: `zone` is too low. RFC 4035 §3.1.4.1 */
export function isTooLowForDs(reply: Scrubbed, zone: Name): boolean {
  const { question, answer, authority } = reply
  if (question.type !== DS.code || !equalNames(zone, question.name)) return false
  return (
    answer.length === 0 && !authority.some(({ name, type }) => type === SOA.code && !isAtOrBelow(name, question.name))
  )
}
