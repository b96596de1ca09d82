// The one question that nearly every message asks, read where it lies and without making anything: no names, no records.
// What is not plain is read in full elsewhere.      RFC 1035 §4.1, RFC 6891 §6.1, RFC 9619 §4

import { CLASS } from './codes.ts'
import { OPTION } from './edns.ts'
import { EMPTY_MESSAGE, HEADER_OCTETS, type Message } from './message.ts'
import { lowerOctet, MAX_NAME_OCTETS, Name } from './name.ts'
import { OPT } from './rr/opt.ts'

/** Where things lie in a plain query. One is filled again for each message. */
export class PlainQuery {
  /** Behind the name of the question. */
  nameEnd = 0
  /** Behind its type and class. */
  questionEnd = 0
  type = 0
  hasEdns = false
  dnssecOk = false
  /** What the client takes by UDP, as it says. */
  udpOctets = 0
  cookieAt = 0
  /** 0: no cookie. */
  cookieOctets = 0
  /** Of the question, in lower case, and of what decides the form of its answer. */
  hash = 0
}

/**
 * Whether `octets` are a plain query: QUERY, one question of class IN, nothing but it and perhaps an OPT of version 0
 * with no option but one well-formed cookie. If so, `into` says where all is.
 */
export function readPlainQuery(octets: Uint8Array, into: PlainQuery): boolean {
  const { length } = octets
  // QR, opcode, AA and TC are zero; one question, no other record but one additional.
  if (length < HEADER_OCTETS + 5 || ((octets[2] ?? 0) & 0xfe) !== 0) return false
  for (let at = 4; at < HEADER_OCTETS - 1; at++) if (octets[at] !== (at === 5 ? 1 : 0)) return false
  const additional = octets[HEADER_OCTETS - 1] ?? 0
  if (additional > 1) return false
  let at = HEADER_OCTETS
  let hash = FIRST
  for (;;) {
    const label = octets[at] ?? 0xff
    if (label > 63) return false
    hash = Math.imul(hash ^ label, PRIME)
    at++
    if (label === 0) break
    for (const end = at + label; at < end; at++) hash = Math.imul(hash ^ lowerOctet(octets[at] ?? 0), PRIME)
    if (at - HEADER_OCTETS >= MAX_NAME_OCTETS) return false
  }
  if (at + 4 > length || octets[at + 2] !== 0 || octets[at + 3] !== 1) return false
  into.nameEnd = at
  into.questionEnd = at + 4
  into.type = ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
  into.cookieOctets = 0
  into.hasEdns = additional === 1
  into.dnssecOk = false
  into.udpOctets = 0
  if (additional === 0 ? length !== at + 4 : !readOpt(octets, at + 4, into)) return false
  hash = Math.imul(hash ^ into.type, PRIME)
  into.hash = Math.imul(hash ^ (into.hasEdns ? (into.dnssecOk ? 2 : 1) : 0), PRIME) >>> 0
  return true
}

/** Whether the question of `octets` is that of `message`, where it is in lower case and ends at the same place. */
export function asksSame(octets: Uint8Array, { nameEnd, questionEnd }: PlainQuery, message: Uint8Array): boolean {
  // Length octets are below 64 and so never letters.
  for (let at = HEADER_OCTETS; at < nameEnd; at++) if (lowerOctet(octets[at] ?? 0) !== message[at]) return false
  for (let at = nameEnd; at < questionEnd; at++) if (octets[at] !== message[at]) return false
  return true
}

/** Puts the question of a message in lower case, where it lies. */
export function lowerQuestion(message: Uint8Array, { nameEnd }: PlainQuery): void {
  for (let at = HEADER_OCTETS; at < nameEnd; at++) message[at] = lowerOctet(message[at] ?? 0)
}

/** The same as `decodeMessage` makes of it, but for the cookie; its name is a view of `octets`. */
export function plainMessage(octets: Uint8Array, query: PlainQuery): Message {
  const name = new Name(octets.subarray(HEADER_OCTETS, query.nameEnd))
  const { udpOctets, dnssecOk } = query
  return {
    ...EMPTY_MESSAGE,
    id: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    recursionDesired: ((octets[2] ?? 0) & 0x01) !== 0,
    recursionAvailable: ((octets[3] ?? 0) & 0x80) !== 0,
    authenticData: ((octets[3] ?? 0) & 0x20) !== 0,
    checkingDisabled: ((octets[3] ?? 0) & 0x10) !== 0,
    questions: [{ name, type: query.type, class: CLASS.IN }],
    edns: query.hasEdns ? { udpOctets, version: 0, dnssecOk, options: [] } : undefined,
  }
}

function readOpt(octets: Uint8Array, start: number, into: PlainQuery): boolean {
  const end = start + OPT_OCTETS
  if (end > octets.length || octets[start] !== 0 || octets[start + 1] !== 0 || octets[start + 2] !== OPT.code)
    return false
  // No extended code, version 0.
  if (octets[start + 5] !== 0 || octets[start + 6] !== 0) return false
  into.udpOctets = ((octets[start + 3] ?? 0) << 8) | (octets[start + 4] ?? 0)
  into.dnssecOk = ((octets[start + 7] ?? 0) & 0x80) !== 0
  const optionOctets = ((octets[start + 9] ?? 0) << 8) | (octets[start + 10] ?? 0)
  if (end + optionOctets !== octets.length) return false
  if (optionOctets === 0) return true
  const code = ((octets[end] ?? 0) << 8) | (octets[end + 1] ?? 0)
  const cookie = ((octets[end + 2] ?? 0) << 8) | (octets[end + 3] ?? 0)
  if (code !== OPTION.COOKIE || optionOctets !== 4 + cookie) return false
  if (cookie !== 8 && (cookie < 16 || cookie > 40)) return false
  into.cookieAt = end + 4
  into.cookieOctets = cookie
  return true
}

/** The root's name, type, class, TTL and length. */
const OPT_OCTETS = 11
const FIRST = 0x811c9dc5 | 0
const PRIME = 0x01000193
