// What a response says about the name asked for: only records on the way from that name count, whatever else is in it.
// RFC 2308 §2 (denials), RFC 1034 §4.3.1, RFC 2181 §5.4.1 (trust)

import { CLASS, formatRcode, RCODE } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Message } from './message.ts'
import { equalNames, isAtOrBelow, type Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { CNAME } from './rr/cname.ts'
import { NS } from './rr/ns.ts'
import { SOA } from './rr/soa.ts'

export type AnswerReading =
  | {
      readonly kind: 'records'
      /** The end of the aliases. */
      readonly name: Name
      readonly records: readonly ResourceRecord[]
      readonly ttlSeconds: number
    }
  /** Aliases that lead to a name of which the response says nothing. */
  | { readonly kind: 'alias'; readonly target: Name; readonly ttlSeconds: number }
  | { readonly kind: 'nxdomain' | 'nodata'; readonly name: Name; readonly ttlSeconds: number }
  /** The server did not answer the question. */
  | { readonly kind: 'failed'; readonly reason: string }

export function readAnswer(message: Message, name: Name, type: number, limits: Limits = DEFAULT_LIMITS): AnswerReading {
  if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN) {
    return { kind: 'failed', reason: formatRcode(message.rcode) }
  }
  let at = name
  let ttlSeconds = MAX_TTL
  for (let hop = 0; hop <= limits.aliasHops; hop++) {
    const here = message.answers.filter((record) => record.class === CLASS.IN && equalNames(record.name, at))
    const records = here.filter((record) => record.type === type)
    if (records.length > 0) {
      for (const record of records) ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds)
      return { kind: 'records', name: at, records, ttlSeconds }
    }
    const alias = here.find((record) => record.type === CNAME.code)
    if (alias === undefined) return atEnd(message, name, at, ttlSeconds)
    const target = decodeRdata(CNAME, alias.rdata)
    if (!target.ok) return { kind: 'failed', reason: 'unreadable alias' }
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds)
    at = target.value.name
  }
  return { kind: 'failed', reason: 'too many aliases' }
}

function atEnd(message: Message, asked: Name, at: Name, ttlSeconds: number): AnswerReading {
  const denial = message.authorities.find(
    (record) => record.type === SOA.code && record.class === CLASS.IN && isAtOrBelow(at, record.name),
  )
  const soa = denial === undefined ? undefined : decodeRdata(SOA, denial.rdata)
  // RFC 2308 §5: a denial without SOA is not kept.
  const keep =
    denial !== undefined && soa?.ok ? Math.min(denial.ttlSeconds, soa.value.negativeTtlSeconds, ttlSeconds) : 0
  if (message.rcode === RCODE.NXDOMAIN) return { kind: 'nxdomain', name: at, ttlSeconds: keep }
  if (denial !== undefined) return { kind: 'nodata', name: at, ttlSeconds: keep }
  if (!equalNames(asked, at)) return { kind: 'alias', target: at, ttlSeconds }
  const referral = message.authorities.some((record) => record.type === NS.code)
  return referral
    ? { kind: 'failed', reason: 'a referral: the server does not answer for this name' }
    : { kind: 'nodata', name: at, ttlSeconds: 0 }
}

const MAX_TTL = 0x7fffffff
