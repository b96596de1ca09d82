// What a server does with one message, without any I/O: a reply, silence, or a change to keep before the reply may go.
// RFC 1035 §7.3 (never answer an answer), RFC 6891 §6.1.3 (versions), RFC 2136 §3, RFC 8945 §5.3, RFC 9619

import { answer } from './answer.ts'
import { OPCODE, RCODE, TSIG_ERROR } from './codes.ts'
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
import type { OnlineSigner } from './online-denial.ts'
import {
  appendTsigError,
  signMessage,
  type TsigError,
  type TsigKey,
  tsigOctets,
  type VerifiedTsig,
  verifyMessage,
} from './tsig.ts'
import { TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
import { authoriseBy, type UpdateGrant } from './update-policy.ts'
import { applyUpdate } from './update.ts'
import type { Zone, ZoneDiff } from './zone.ts'
import type { ZoneSet } from './zone-set.ts'

export type ServerState = {
  readonly zones: ZoneSet
  readonly keys: readonly TsigKey[]
  readonly grants: readonly UpdateGrant[]
  /** For zones whose denials are signed when they are asked for. */
  readonly onlineSigner?: (zone: Zone) => OnlineSigner | undefined
  /** AXFR and IXFR. Without it they are refused. */
  readonly transfer?: Delegate
  /** Without it NOTIFY is not implemented. */
  readonly notify?: Delegate
  /** Whether one more update of this key is taken now. Without it, all are. */
  readonly admitUpdate?: (signer: VerifiedTsig) => boolean
  /** By the keys of their origins: zones that are ours, and of which we know too little to answer. RFC 1035 §7 */
  readonly withdrawn?: ReadonlySet<string>
}

export type Incoming = {
  /** Seconds since 1970. */
  readonly now: number
  readonly octets: Uint8Array
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly peer: { readonly address: string; readonly port: number }
}

/** A message for another module: read, of one question, its signature checked where it has one. */
export type Request = {
  readonly query: Message
  readonly question: Question
  readonly incoming: Incoming
  readonly signer: VerifiedTsig | undefined
  /** Octets for the transport, with what EDNS and TSIG ask for. */
  readonly encode: (reply: Message) => Uint8Array
}

export type Delegate = (request: Request) => Reaction

export type Reaction =
  | { readonly kind: 'silence' }
  | { readonly kind: 'reply'; readonly octets: Uint8Array; readonly rcode: number }
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

/** What to do with these octets. The same state and octets give the same reaction. */
export function handleMessage(state: ServerState, incoming: Incoming, limits: Limits = DEFAULT_LIMITS): Reaction {
  const { octets, now, transport, peer } = incoming
  if (transport === 'udp' && UNANSWERED_PORTS.has(peer.port)) return { kind: 'silence' }
  if (octets.length < HEADER_OCTETS || ((octets[2] ?? 0) & 0x80) !== 0) return { kind: 'silence' }
  const signature = verifyMessage(octets, state.keys, { now })
  if (!signature.ok && signature.error.kind !== 'unsigned') {
    return refuseSignature(octets, signature.error, now)
  }
  const signer = signature.ok ? signature.value : undefined
  const decoded = decodeMessage(octets, limits)
  if (!decoded.ok)
    return reply(headerOnly(octets, RCODE.FORMERR), headerOnly(octets, RCODE.FORMERR), incoming, signer, limits)
  const query = decoded.value
  if (query.edns !== undefined && query.edns.version > 0) {
    return reply(responseTo(query, RCODE.BADVERS), query, incoming, signer, limits)
  }
  const delegate = delegateFor(state, query)
  const question = query.questions[0]
  if (delegate !== undefined && question !== undefined && query.questions.length === 1) {
    const encode = (message: Message): Uint8Array => encodeReply(message, query, incoming, signer, limits)
    return delegate({ query, question, incoming, signer, encode })
  }
  switch (query.opcode) {
    case OPCODE.QUERY:
      if (state.withdrawn !== undefined && question !== undefined && isBelowOne(state.withdrawn, question.name)) {
        return reply(responseTo(query, RCODE.SERVFAIL), query, incoming, signer, limits)
      }
      return reply(
        answer(state.zones, query, {
          limits,
          wholeAny: incoming.transport !== 'udp',
          onlineSigner: state.onlineSigner,
        }),
        query,
        incoming,
        signer,
        limits,
      )
    case OPCODE.UPDATE:
      return update(state, query, incoming, signer, limits)
    default:
      return reply(responseTo(query, RCODE.NOTIMP), query, incoming, signer, limits)
  }
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

function update(
  state: ServerState,
  query: Message,
  incoming: Incoming,
  signer: VerifiedTsig | undefined,
  limits: Limits,
): Reaction {
  // An update that nobody has signed is refused, whatever it says.
  if (signer === undefined) return reply(responseTo(query, RCODE.REFUSED), query, incoming, signer, limits)
  if (state.admitUpdate?.(signer) === false) {
    return reply(responseTo(query, RCODE.SERVFAIL), query, incoming, signer, limits)
  }
  const outcome = applyUpdate(state.zones, query, authoriseBy(state.grants, signer.key.name), limits)
  if (outcome.kind !== 'changed') {
    const rcode = outcome.kind === 'refused' ? outcome.rcode : RCODE.NOERROR
    return reply(responseTo(query, rcode), query, incoming, signer, limits)
  }
  return {
    kind: 'change',
    zone: outcome.zone,
    diff: outcome.diff,
    key: signer.key,
    reply: encodeReply(responseTo(query, RCODE.NOERROR), query, incoming, signer, limits),
    failure: encodeReply(responseTo(query, RCODE.SERVFAIL), query, incoming, signer, limits),
  }
}

function reply(
  message: Message,
  query: Message,
  incoming: Incoming,
  signer: VerifiedTsig | undefined,
  limits: Limits,
): Reaction {
  return { kind: 'reply', octets: encodeReply(message, query, incoming, signer, limits), rcode: message.rcode }
}

function encodeReply(
  message: Message,
  query: Message,
  { transport, now }: Incoming,
  signer: VerifiedTsig | undefined,
  limits: Limits,
): Uint8Array {
  const asked = Math.max(SMALLEST_UDP, query.edns?.udpOctets ?? SMALLEST_UDP)
  const room = transport === 'udp' ? Math.min(asked, limits.udpOctets) : 0xffff
  const maxOctets = room - (signer === undefined ? 0 : tsigOctets(signer.key))
  // RFC 6891 §6.1.1: OPT in the answer if, and only if, it was in the query.
  const edns =
    query.edns === undefined
      ? undefined
      : { udpOctets: limits.udpOctets, version: 0, dnssecOk: query.edns.dnssecOk, options: [] }
  const whole = encodeMessage({ ...message, edns }, { maxOctets, limits })
  // Half an answer is of no use and yet weighs as much as a whole one, which matters to whom it is reflected. RFC 2181 §9
  const cut = whole.truncated && transport === 'udp' && message.answers.length > 0
  const { octets } = cut ? encodeMessage({ ...withoutRecords(message), edns }, { maxOctets, limits }) : whole
  return signer === undefined ? octets : signMessage(octets, signer.key, { now, requestMac: signer.mac }).octets
}

function withoutRecords(message: Message): Message {
  return { ...message, truncated: true, answers: [], authorities: [], additionals: [] }
}

/** RFC 8945 §5.3.2: unsigned where key or MAC were wrong, signed where time or length were. */
function refuseSignature(request: Uint8Array, error: TsigError, now: number): Reaction {
  const plain = (rcode: number): Uint8Array => encodeMessage(headerOnly(request, rcode)).octets
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

/** An answer to what could not be read: only what the header says. */
function headerOnly(octets: Uint8Array, rcode: number): Message {
  const flags = octets[2] ?? 0
  return {
    ...EMPTY_MESSAGE,
    id: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    response: true,
    opcode: (flags >>> 3) & 0xf,
    recursionDesired: (flags & 1) !== 0,
    rcode,
  }
}

const SMALLEST_UDP = 512
/** Nobody asks from these: no port at all, and services that answer whatever they get (echo, daytime, quotes, characters, time). */
const UNANSWERED_PORTS: ReadonlySet<number> = new Set([0, 7, 13, 17, 19, 37])
// todo RFC 7873 §5.2: cookies; RRL against reflection
