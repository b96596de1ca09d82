// A reply as octets: what fits the transport, with what the asker's EDNS options and signature ask for.
// RFC 6891 §6.2.5 (size), RFC 7873 §5.2 (cookies), RFC 5001 §3 (NSID), RFC 7828 §3.3 (keepalive), RFC 7830 §4 (padding),
// RFC 8914 §3 (extended errors), RFC 8945 §5.3

import { parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import type { AnswerPackets } from './answer-packets.ts'
import type { SelfDescription } from './chaos.ts'
import { checkCookie, type CookieSecrets, decodeCookie, encodeCookie, makeServerCookie } from './cookie.ts'
import { type Edns, encodeKeepalive, findOption, OPTION, PADDING_BLOCK } from './edns.ts'
import { encodeExtendedError } from './extended-error.ts'
import type { Limits } from './limits.ts'
import { encodeMessage, type Message } from './message.ts'
import type { OnlineSigner } from './online-denial.ts'
import type { EdnsOption } from './rr/opt.ts'
import type { RateLimiter } from './rrl.ts'
import { signMessage, tsigOctets, type VerifiedTsig } from './tsig.ts'
import type { Zone } from './zone.ts'

/** How a server answers, beside what its zones say. */
export type Answering = {
  /** For zones whose denials are signed when they are asked for. */
  readonly onlineSigner?: (zone: Zone) => OnlineSigner | undefined
  /** Answers that are kept. Without it each is made anew. */
  readonly packets?: AnswerPackets
  /** Without it nobody is held down. */
  readonly rateLimiter?: RateLimiter
  /** The secrets as they are now. Without them cookies are an unknown option. */
  readonly cookies?: () => CookieSecrets
  /** Who we are among the servers of one address, for those who ask. */
  readonly nsid?: Uint8Array
  /** What we say of ourselves in class CH. Without it, nothing. */
  readonly self?: SelfDescription
  /** How long a connection may be idle, for those who ask. */
  readonly keepaliveMs?: number
}

export type Incoming = {
  /** Seconds since 1970. */
  readonly now: number
  readonly octets: Uint8Array
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly peer: { readonly address: string; readonly port: number }
}

export type ReplyTo = {
  readonly state: Answering
  readonly incoming: Incoming
  readonly query: Message
  readonly signer: VerifiedTsig | undefined
  readonly limits: Limits
}

/** `error`: the code of an extended error that says why. */
export function encodeReply(to: ReplyTo, message: Message, error?: number): Uint8Array {
  const { incoming, query, signer, limits } = to
  const { transport, now } = incoming
  const tsig = signer === undefined ? 0 : tsigOctets(signer.key)
  const maxOctets = (transport === 'udp' ? udpRoom(query.edns?.udpOctets, limits) : 0xffff) - tsig
  // Only where the length is all that others see. RFC 7830 §6
  const pads = transport === 'tls' && findOption(query.edns, OPTION.PADDING) !== undefined
  const edns = ednsOf(query, optionsFor(to, error), limits)
  const encode = { maxOctets, limits, ...(pads && { paddingBlock: PADDING_BLOCK.response }) }
  const whole = encodeMessage({ ...message, edns }, encode)
  // Half an answer is of no use and yet weighs as much as a whole one, which matters to whom it is reflected. RFC 2181 §9
  const cut = whole.truncated && transport === 'udp' && message.answers.length > 0
  const { octets } = cut ? encodeMessage({ ...withoutRecords(message), edns }, encode) : whole
  return signer === undefined ? octets : signMessage(octets, signer.key, { now, requestMac: signer.mac }).octets
}

/** What a client takes by UDP, and no more than we send. */
export function udpRoom(asked: number | undefined, limits: Limits): number {
  return Math.min(Math.max(SMALLEST_UDP, asked ?? SMALLEST_UDP), limits.udpOctets)
}

/** RFC 6891 §6.1.1: OPT in the answer if, and only if, it was in the query. */
export function ednsOf(query: Message, options: readonly EdnsOption[], limits: Limits): Edns | undefined {
  if (query.edns === undefined) return undefined
  return { udpOctets: limits.udpOctets, version: 0, dnssecOk: query.edns.dnssecOk, options }
}

/** Whether the asker's cookie proves its address, and the cookie that it gets, as a whole option. `cookie`: of its query. */
export function answerCookie(
  { cookies }: Answering,
  { peer, now }: Incoming,
  cookie: Uint8Array | undefined,
): { readonly proved: boolean; readonly option: Uint8Array | undefined } {
  const decoded = cookie === undefined || cookies === undefined ? undefined : decodeCookie(cookie)
  const address = decoded === undefined ? undefined : parseIpAddress(peer.address.replace(/%.*$/, ''))
  if (cookies === undefined || !decoded?.ok || !address?.ok) return NO_COOKIE
  const secrets = cookies()
  const from = unmapIpAddress(address.value)
  const judgement = checkCookie(decoded.value, from, secrets, now)
  const { client } = decoded.value
  const server = judgement === 'valid' ? decoded.value.server : makeServerCookie(client, from, secrets.signing, now)
  const { octets } = encodeCookie({ client, server })
  const option = new Uint8Array(4 + octets.length)
  option[1] = OPTION.COOKIE
  option[3] = octets.length
  option.set(octets, 4)
  return { proved: judgement === 'valid' || judgement === 'renew', option }
}

function optionsFor({ state, incoming, query }: ReplyTo, error: number | undefined): readonly EdnsOption[] {
  const options: EdnsOption[] = []
  if (error !== undefined) options.push(encodeExtendedError({ code: error, text: '' }))
  const { option } = answerCookie(state, incoming, findOption(query.edns, OPTION.COOKIE))
  if (option !== undefined) options.push({ code: OPTION.COOKIE, octets: option.subarray(4) })
  if (state.nsid !== undefined && findOption(query.edns, OPTION.NSID) !== undefined) {
    options.push({ code: OPTION.NSID, octets: state.nsid })
  }
  const keeps = incoming.transport !== 'udp' && findOption(query.edns, OPTION.TCP_KEEPALIVE) !== undefined
  if (keeps && state.keepaliveMs !== undefined) options.push(encodeKeepalive(state.keepaliveMs))
  return options
}

function withoutRecords(message: Message): Message {
  return { ...message, truncated: true, answers: [], authorities: [], additionals: [] }
}

const SMALLEST_UDP = 512
const NO_COOKIE = { proved: false, option: undefined } as const
