// What a server does with one message, without any I/O: a reply, silence, or a change to keep before the reply may go.
// RFC 1035 §7.3 (never answer an answer), RFC 6891 §6.1.3 (versions), RFC 2136 §3, RFC 8945 §5.3, RFC 9619, RFC 8914 §4

import { answer } from './answer.ts'
import { addressed, type AnswerPacket, type AnswerPackets } from './answer-packets.ts'
import { answerChaos } from './chaos.ts'
import { CLASS, OPCODE, RCODE, TSIG_ERROR } from './codes.ts'
import { readCookie } from './cookie.ts'
import { findOption, OPTION } from './edns.ts'
import { encodeExtendedError, EXTENDED_ERROR } from './extended-error.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  HEADER_OCTETS,
  type Message,
  type Question,
  responseTo,
} from './message.ts'
import { type Name, parentKey } from './name.ts'
import { plainMessage, PlainQuery, readPlainQuery } from './plain-query.ts'
import { replyRoom } from './reply-room.ts'
import type { AnswerKind } from './rrl.ts'
import {
  answerCookie,
  type Answering,
  ednsOf,
  encodeReply,
  type Incoming,
  type ReplyTo,
  udpRoom,
} from './server-reply.ts'
import { appendTsigError, signMessage, type TsigError, type TsigKey, type VerifiedTsig, verifyMessage } from './tsig.ts'
import { isMetaType, TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
import { authoriseBy, type UpdateGrant } from './update-policy.ts'
import { applyUpdate } from './update.ts'
import type { Zone, ZoneDiff } from './zone.ts'
import type { ZoneFinding } from './zone-finding.ts'
import { closestZone, type ZoneSet } from './zone-set.ts'

export type ServerState = Answering & {
  readonly zones: ZoneSet
  readonly keys: readonly TsigKey[]
  readonly grants: readonly UpdateGrant[]
  /** AXFR and IXFR. Without it they are refused. */
  readonly transfer?: Delegate
  /** Without it NOTIFY is not implemented. */
  readonly notify?: Delegate
  /** Whether one more update of this key is taken now. Without it, all are. */
  readonly admitUpdate?: (signer: VerifiedTsig) => boolean
  /** By the keys of their origins: zones that are ours, and of which we know too little to answer. RFC 1035 §7 */
  readonly withdrawn?: ReadonlySet<string>
}

type Exchange = ReplyTo & { readonly state: ServerState }

/** A message for another module: read, of one question, its signature checked where it has one. */
export type Request = {
  readonly query: Message
  readonly question: Question
  readonly incoming: Incoming
  readonly signer: VerifiedTsig | undefined
  /** Octets for the transport, with what EDNS and TSIG ask for. */
  readonly encode: (reply: Message) => Uint8Array
}

export type RefusedUpdate = {
  readonly zone: Name
  readonly key: TsigKey
  readonly rcode: number
  /** What would have been wrong with the zone afterwards. */
  readonly errors: readonly ZoneFinding[]
}

export type Delegate = (request: Request) => Reaction

export type Reaction =
  | { readonly kind: 'silence' }
  /** `refused`: an update of somebody whom we know. */
  | {
      readonly kind: 'reply'
      readonly octets: Uint8Array
      readonly rcode: number
      readonly refused?: RefusedUpdate
    }
  /** Several messages, not by UDP. */
  | { readonly kind: 'stream'; readonly messages: Iterator<Uint8Array, void, void> }
  /** A zone that we have from elsewhere may have changed there. */
  | {
      readonly kind: 'notified'
      readonly origin: Name
      readonly serial: number | undefined
      readonly octets: Uint8Array
    }
  /** First make `diff` durable, then use `zone` and send `reply`; where it cannot be kept, stay as before and send `failure`. */
  | {
      readonly kind: 'change'
      readonly zone: Zone
      readonly diff: ZoneDiff
      /** Who asked for it. */
      readonly key: TsigKey
      readonly reply: Uint8Array
      readonly failure: Uint8Array
    }

/** What to do with these octets. The same state and octets give the same reaction, but for what was counted and kept before. */
export function handleMessage(state: ServerState, incoming: Incoming, limits: Limits = DEFAULT_LIMITS): Reaction {
  const { octets, now, transport, peer } = incoming
  if (transport === 'udp' && UNANSWERED_PORTS.has(peer.port)) return SILENCE
  if (octets.length < HEADER_OCTETS || ((octets[2] ?? 0) & 0x80) !== 0) return SILENCE
  if (state.packets !== undefined && state.withdrawn === undefined) {
    const plain = answerPlainQuery(state, state.packets, incoming, limits)
    if (plain !== undefined) return plain
  }
  const signature = verifyMessage(octets, state.keys, { now })
  if (!signature.ok && signature.error.kind !== 'unsigned') {
    return rateLimited(state, incoming, refuseSignature(octets, signature.error, now), 'error', '', limits)
  }
  const signer = signature.ok ? signature.value : undefined
  const decoded = decodeMessage(octets, limits)
  const query = decoded.ok ? decoded.value : headerOnly(octets)
  const exchange = { state, incoming, query, signer, limits }
  if (!decoded.ok) return reply(exchange, responseTo(query, RCODE.FORMERR))
  if (query.edns !== undefined && query.edns.version > 0) return reply(exchange, responseTo(query, RCODE.BADVERS))
  const cookie = readCookie(query.edns)
  if (!cookie.ok) return reply(exchange, responseTo(query, RCODE.FORMERR))
  const delegate = delegateFor(state, query)
  const question = query.questions[0]
  if (delegate !== undefined && question !== undefined && query.questions.length === 1) {
    const encode = (message: Message): Uint8Array => encodeReply(exchange, message)
    const reaction = delegate({ query, question, incoming, signer, encode })
    return signer === undefined ? rateLimited(state, incoming, reaction, 'error', '', limits) : reaction
  }
  switch (query.opcode) {
    case OPCODE.QUERY:
      return answerQuery(exchange, cookie.value !== undefined)
    case OPCODE.UPDATE:
      return update(exchange)
    default:
      return reply(exchange, responseTo(query, RCODE.NOTIMP), EXTENDED_ERROR.NOT_SUPPORTED)
  }
}

/** Nearly every query, by the answer that is kept or will be; `undefined` where all of the message must be looked at. */
function answerPlainQuery(
  state: ServerState,
  packets: AnswerPackets,
  incoming: Incoming,
  limits: Limits,
): Reaction | undefined {
  const { octets, transport } = incoming
  if (!readPlainQuery(octets, PLAIN) || isMetaType(PLAIN.type)) return undefined
  const kept = packets.find(state.zones, octets, PLAIN)
  const packet = kept ?? makePacket(state, plainMessage(octets, PLAIN), limits)
  if (packet === undefined) return undefined
  if (kept === undefined) packets.keep(state.zones, PLAIN, packet)
  const cookie =
    PLAIN.cookieOctets === 0 ? undefined : octets.subarray(PLAIN.cookieAt, PLAIN.cookieAt + PLAIN.cookieOctets)
  const { proved, option } = answerCookie(state, incoming, cookie)
  const length = packet.octets.length + (option?.length ?? 0)
  if (transport === 'udp' && length > udpRoom(PLAIN.hasEdns ? PLAIN.udpOctets : undefined, limits)) return undefined
  const isTheirs = kept === undefined && option === undefined
  const reply = isTheirs ? packet.octets : addressed(packet, octets, PLAIN, option)
  const reaction: Reaction = { kind: 'reply', octets: reply, rcode: packet.rcode }
  return proved ? reaction : rateLimited(state, incoming, reaction, packet.kind, packet.zone, limits)
}

/** `undefined`: an answer that is not the same for all who ask, or for as long as the zones are. */
function makePacket(state: ServerState, query: Message, limits: Limits): AnswerPacket | undefined {
  const question = query.questions[0]
  const zone = question === undefined ? undefined : closestZone(state.zones, question.name)
  if (state.onlineSigner !== undefined && zone !== undefined && state.onlineSigner(zone) !== undefined) return undefined
  let signedOnline = false
  const onlineSigner: ServerState['onlineSigner'] = (of) => {
    const signer = state.onlineSigner?.(of)
    signedOnline ||= signer !== undefined
    return signer
  }
  const message = answer(state.zones, query, { limits, onlineSigner, zone })
  // An alias may lead from one zone into another, whose signatures end, or could not be made just now.
  if (signedOnline) return undefined
  const error = reasonOf(message)
  const options = error === undefined ? [] : [encodeExtendedError({ code: error, text: '' })]
  const edns = ednsOf(query, options, limits)
  const { octets } = encodeMessage({ ...message, edns }, { limits, room: replyRoom })
  const optOctets = edns === undefined ? 0 : 11 + (error === undefined ? 0 : 6)
  return { octets, optOctets, rcode: message.rcode, kind: kindOf(message), zone: zone?.origin.key ?? '' }
}

function answerQuery(exchange: Exchange, hasCookie: boolean): Reaction {
  const { state, incoming, query, limits } = exchange
  const { transport } = incoming
  const question = query.questions[0]
  // RFC 7873 §5.4: a question for nothing but a cookie.
  if (question === undefined && hasCookie && state.cookies !== undefined) {
    return reply(exchange, responseTo(query, RCODE.NOERROR))
  }
  if (state.withdrawn !== undefined && question !== undefined && isBelowOne(state.withdrawn, question.name)) {
    return reply(exchange, responseTo(query, RCODE.SERVFAIL), EXTENDED_ERROR.NOT_READY)
  }
  if (question?.class === CLASS.CH && query.questions.length === 1) {
    const message = answerChaos(query, state.self)
    return reply(exchange, message, message.rcode === RCODE.REFUSED ? EXTENDED_ERROR.PROHIBITED : undefined)
  }
  const message = answer(state.zones, query, {
    limits,
    wholeAny: transport !== 'udp',
    onlineSigner: state.onlineSigner,
  })
  return reply(exchange, message, reasonOf(message))
}

/** Why an answer is none. */
function reasonOf({ rcode, questions }: Message): number | undefined {
  if (rcode === RCODE.NOTIMP) return EXTENDED_ERROR.NOT_SUPPORTED
  if (rcode !== RCODE.REFUSED) return undefined
  const type = questions[0]?.type
  return type === TYPE_AXFR || type === TYPE_IXFR ? EXTENDED_ERROR.PROHIBITED : EXTENDED_ERROR.NOT_AUTHORITATIVE
}

function isBelowOne(origins: ReadonlySet<string>, name: Name): boolean {
  for (let key = name.key; ; key = parentKey(key)) {
    if (origins.has(key)) return true
    if (key.length === 1) return false
  }
}

function delegateFor({ transfer, notify }: ServerState, { opcode, questions }: Message): Delegate | undefined {
  if (opcode === OPCODE.NOTIFY) return notify
  const type = questions[0]?.type
  return opcode === OPCODE.QUERY && (type === TYPE_AXFR || type === TYPE_IXFR) ? transfer : undefined
}

function update(exchange: Exchange): Reaction {
  const { state, query, signer, limits } = exchange
  // An update that nobody has signed is refused, whatever it says.
  if (signer === undefined) return reply(exchange, responseTo(query, RCODE.REFUSED), EXTENDED_ERROR.PROHIBITED)
  if (state.admitUpdate?.(signer) === false) return reply(exchange, responseTo(query, RCODE.SERVFAIL))
  const outcome = applyUpdate(state.zones, query, authoriseBy(state.grants, signer.key.name), limits)
  if (outcome.kind === 'unchanged') return reply(exchange, responseTo(query, RCODE.NOERROR))
  if (outcome.kind === 'refused') {
    const { rcode, errors } = outcome
    const reaction = reply(exchange, responseTo(query, rcode))
    const zone = query.questions[0]?.name
    return reaction.kind !== 'reply' || zone === undefined
      ? reaction
      : { ...reaction, refused: { zone, key: signer.key, rcode, errors } }
  }
  return {
    kind: 'change',
    zone: outcome.zone,
    diff: outcome.diff,
    key: signer.key,
    reply: encodeReply(exchange, responseTo(query, RCODE.NOERROR)),
    failure: encodeReply(exchange, responseTo(query, RCODE.SERVFAIL)),
  }
}

function reply(exchange: Exchange, message: Message, error?: number): Reaction {
  const { state, incoming, query, signer, limits } = exchange
  const reaction: Reaction = { kind: 'reply', octets: encodeReply(exchange, message, error), rcode: message.rcode }
  if (signer !== undefined || answerCookie(state, incoming, findOption(query.edns, OPTION.COOKIE)).proved)
    return reaction
  const question = query.questions[0]
  const zone = question === undefined ? undefined : closestZone(state.zones, question.name)
  return rateLimited(state, incoming, reaction, kindOf(message), zone?.origin.key ?? '', limits)
}

/** The reply, a short one with TC, or none, by how much the asker's network has got. Only UDP can be used to reflect. */
function rateLimited(
  state: ServerState,
  incoming: Incoming,
  reaction: Reaction,
  kind: AnswerKind,
  zone: string,
  limits: Limits,
): Reaction {
  const { rateLimiter } = state
  const { octets, transport, peer, now } = incoming
  if (rateLimiter === undefined || transport !== 'udp' || reaction.kind !== 'reply') return reaction
  switch (rateLimiter.judge(peer.address, kind, zone, now)) {
    case 'send':
      return reaction
    case 'drop':
      return SILENCE
    case 'truncate': {
      const decoded = decodeMessage(octets, limits)
      const query = decoded.ok ? decoded.value : headerOnly(octets)
      // RFC 7873 §5.2.3: who knows cookies may come again with ours, who does not, by TCP.
      const { option } = answerCookie(state, incoming, findOption(query.edns, OPTION.COOKIE))
      const rcode = option === undefined ? RCODE.NOERROR : RCODE.BADCOOKIE
      const options = option === undefined ? [] : [{ code: OPTION.COOKIE, octets: option.subarray(4) }]
      const short = {
        ...responseTo(query, rcode),
        truncated: option === undefined,
        edns: ednsOf(query, options, limits),
      }
      return { kind: 'reply', octets: encodeMessage(short, { limits }).octets, rcode }
    }
  }
}

function kindOf({ rcode, answers, authoritative }: Message): AnswerKind {
  if (rcode === RCODE.NXDOMAIN) return 'denial'
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.YXDOMAIN) return 'error'
  if (answers.length > 0) return 'answer'
  return authoritative ? 'denial' : 'referral'
}

/** RFC 8945 §5.3.2: unsigned where key or MAC were wrong, signed where time or length were. */
function refuseSignature(request: Uint8Array, error: TsigError, now: number): Reaction {
  const plain = (rcode: number): Uint8Array => encodeMessage(responseTo(headerOnly(request), rcode)).octets
  switch (error.kind) {
    case 'unsigned':
    case 'malformed':
    case 'bad-mac-length':
      return { kind: 'reply', octets: plain(RCODE.FORMERR), rcode: RCODE.FORMERR }
    case 'bad-key':
    case 'bad-signature': {
      const code = error.kind === 'bad-key' ? TSIG_ERROR.BADKEY : TSIG_ERROR.BADSIG
      const octets = appendTsigError(plain(RCODE.NOTAUTH), error.name, error.data, code)
      return { kind: 'reply', octets, rcode: RCODE.NOTAUTH }
    }
    case 'bad-time':
    case 'bad-truncation': {
      const { key, mac } = error.verified
      const code = error.kind === 'bad-time' ? TSIG_ERROR.BADTIME : TSIG_ERROR.BADTRUNC
      // In a BADTIME answer the signed time is the client's; ours stands in the other data. RFC 8945 §5.2.3
      const time = error.kind === 'bad-time' ? error.data.timeSignedSeconds : now
      const signed = signMessage(plain(RCODE.NOTAUTH), key, {
        now: time,
        serverTime: now,
        requestMac: mac,
        error: code,
      })
      return { kind: 'reply', octets: signed.octets, rcode: RCODE.NOTAUTH }
    }
  }
}

/** What the header says of what could not be read. */
function headerOnly(octets: Uint8Array): Message {
  const flags = octets[2] ?? 0
  return {
    ...EMPTY_MESSAGE,
    id: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    opcode: (flags >>> 3) & 0xf,
    recursionDesired: (flags & 1) !== 0,
  }
}

const SILENCE: Reaction = { kind: 'silence' }
/** Filled for each message, which is answered before the next comes. */
const PLAIN = new PlainQuery()
/** Nobody asks from these: no port at all, and services that answer whatever they get (echo, daytime, quotes, characters, time). */
const UNANSWERED_PORTS: ReadonlySet<number> = new Set([0, 7, 13, 17, 19, 37])
