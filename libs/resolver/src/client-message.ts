// A client's message as a question to the resolver, and an outcome as the reply to it.
// RFC 1035 §4.1.1, RFC 4035 §3.2 (DO, AD, CD), RFC 6840 §5.7 and §5.8, RFC 6891 §6.1.3 (versions), RFC 8914 §2, RFC 9619 §4

import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeExtendedError,
  encodeKeepalive,
  encodeMessage,
  equalNames,
  type ExtendedError,
  isMetaType,
  type Message,
  NS,
  NSEC,
  NSEC3,
  OPCODE,
  OPTION,
  RCODE,
  type ResourceRecord,
  responseTo,
  RRSIG,
  TYPE_ANY,
} from '@scop/dns'
import { endOfAliases } from './classify.ts'
import { RESOLVER_CONFIG, type ResolverConfig } from './config.ts'
import type { ClientQuery, Transport } from './event.ts'
import { RESOLVER_LIMITS } from './limits.ts'
import type { Outcome } from './outcome.ts'
import { type Rrset, rrsetToRecords } from './rrset.ts'

export type ClientRequest =
  | {
      readonly kind: 'question'
      readonly message: Message
      readonly query: Pick<ClientQuery, 'question' | 'recursionDesired' | 'checkingDisabled'>
    }
  /** What cannot be a question is answered at once. */
  | { readonly kind: 'reply'; readonly octets: Uint8Array }
  /** What is itself a reply, or no message, is not answered: two servers would talk for ever. */
  | { readonly kind: 'silence' }

export function readClientMessage(octets: Uint8Array): ClientRequest {
  if (octets.length < HEADER_OCTETS || ((octets[2] ?? 0) & QR) !== 0) return { kind: 'silence' }
  const decoded = decodeMessage(octets)
  if (!decoded.ok) return { kind: 'reply', octets: encodeMessage(headerOnly(octets, RCODE.FORMERR)).octets }
  const message = decoded.value
  const refuse = (rcode: number): ClientRequest => ({ kind: 'reply', octets: replyWith(message, rcode, 'tcp') })
  if (message.opcode !== OPCODE.QUERY) return refuse(RCODE.NOTIMP)
  if (message.edns !== undefined && message.edns.version > 0) return refuse(RCODE.BADVERS)
  // A client says nothing in its keepalive option. RFC 7828 §3.2.1
  if (message.edns?.options.some(({ code, octets: said }) => code === OPTION.TCP_KEEPALIVE && said.length > 0) === true)
    return { kind: 'reply', octets: encodeMessage({ ...responseTo(message, RCODE.FORMERR), questions: [] }).octets }
  const [question] = message.questions
  if (question === undefined || message.questions.length > 1) return refuse(RCODE.FORMERR)
  if (question.type !== TYPE_ANY && isMetaType(question.type)) {
    return refuse(question.type >= FIRST_TRANSFER ? RCODE.REFUSED : RCODE.FORMERR)
  }
  const { recursionDesired, checkingDisabled } = message
  return { kind: 'question', message, query: { question, recursionDesired, checkingDisabled } }
}

/** What of the configuration shows in replies. */
export type ReplyOptions = Pick<
  ResolverConfig,
  'minimalResponses' | 'extendedErrors' | 'nsid' | 'keepaliveDeciseconds' | 'validation'
>

/** The reply to `request` that says `outcome`, cut to what the transport and the client take. */
export function formatClientReply(
  request: Message,
  outcome: Outcome,
  transport: Transport,
  options: ReplyOptions = RESOLVER_CONFIG,
): Uint8Array {
  const { validation, minimalResponses } = options
  const told = reply(request, outcome.rcode, outcome.ede, options, transport)
  // What is bogus is told only to who asked to judge it himself, whatever else the outcome holds.
  if (outcome.status === 'bogus' && !request.checkingDisabled && !validation.permissive)
    return encode(request, { ...told, rcode: RCODE.SERVFAIL }, transport)
  const asked = request.questions[0]?.type
  const withSignatures = request.edns?.dnssecOk === true
  const records = (section: readonly Rrset[]): readonly ResourceRecord[] => {
    const all: ResourceRecord[] = []
    for (const rrset of section) {
      const proof = rrset.type === NSEC.code || rrset.type === NSEC3.code || rrset.type === RRSIG.code
      if (proof && !withSignatures && asked !== rrset.type && asked !== TYPE_ANY) continue
      all.push(...rrsetToRecords(rrset, withSignatures))
    }
    return all
  }
  const alone = minimalResponses && standsAlone(outcome, request)
  // Beside signed data the unsigned records are nobody's word, also for who judges by himself.
  const signed = outcome.answer.length > 0 && outcome.answer.every(isSigned)
  return encode(
    request,
    {
      ...told,
      authoritative: outcome.authoritative,
      authenticData:
        outcome.status === 'secure' && !request.checkingDisabled && (withSignatures || request.authenticData),
      answers: records(outcome.answer),
      authorities: alone ? [] : records(outcome.authority),
      additionals: alone ? [] : records(signed ? outcome.additional.filter(isSigned) : outcome.additional),
    },
    transport,
  )
}

function isSigned({ signatures }: Rrset): boolean {
  return signatures.length > 0
}

/** Whether the answer has the data asked for and needs no proof beside them. */
function standsAlone({ rcode, answer, authority }: Outcome, { questions: [question] }: Message): boolean {
  if (rcode !== RCODE.NOERROR || question === undefined || answer.length === 0) return false
  // Who asks for name servers wants their addresses too. RFC 9609 §4.1
  if (question.type === NS.code || question.type === TYPE_ANY) return false
  if (authority.some(({ type }) => type === NSEC.code || type === NSEC3.code)) return false
  const end = endOfAliases({ question, answer })
  return answer.some(({ name, type }) => type === question.type && equalNames(name, end))
}

/** An empty reply. */
export function replyWith(
  request: Message,
  rcode: number,
  transport: Transport,
  errors: readonly ExtendedError[] = [],
): Uint8Array {
  return encode(request, reply(request, rcode, errors), transport)
}

function reply(
  request: Message,
  rcode: number,
  errors: readonly ExtendedError[],
  { extendedErrors, nsid, keepaliveDeciseconds }: ReplyOptions = RESOLVER_CONFIG,
  transport: Transport = 'udp',
): Message {
  const asksNsid = request.edns?.options.some(({ code }) => code === OPTION.NSID) === true
  const codes = errors.map(({ code }) => code)
  return {
    ...responseTo(request, rcode),
    recursionAvailable: true,
    edns: request.edns && {
      udpOctets: RESOLVER_LIMITS.udpOctets,
      version: 0,
      dnssecOk: request.edns.dnssecOk,
      options: [
        ...(asksNsid && nsid !== undefined ? [{ code: OPTION.NSID, octets: nsid }] : []),
        ...(transport !== 'udp' && keepaliveDeciseconds !== undefined
          ? [encodeKeepalive(keepaliveDeciseconds * 100)]
          : []),
        ...(extendedErrors ? errors.filter(({ code }, i) => codes.indexOf(code) === i).map(encodeExtendedError) : []),
      ],
    },
  }
}

function encode(request: Message, message: Message, transport: Transport): Uint8Array {
  if (transport !== 'udp') return encodeMessage(message).octets
  const takes = Math.max(request.edns?.udpOctets ?? SMALLEST_UDP, SMALLEST_UDP)
  return encodeMessage(message, { maxOctets: Math.min(takes, RESOLVER_LIMITS.udpOctets) }).octets
}

/** An answer to what could not be read: only what its header says. */
function headerOnly(octets: Uint8Array, rcode: number): Message {
  return {
    ...EMPTY_MESSAGE,
    id: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    response: true,
    opcode: ((octets[2] ?? 0) >>> 3) & 0xf,
    recursionDesired: ((octets[2] ?? 0) & 1) !== 0,
    rcode,
  }
}

const HEADER_OCTETS = 12
const QR = 0x80
const SMALLEST_UDP = 512
/** IXFR, AXFR and the questions for mailboxes that nobody has. */
const FIRST_TRANSFER = 251
