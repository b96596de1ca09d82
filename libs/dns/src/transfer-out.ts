// Gives zones away: the whole by AXFR, what has changed by IXFR, message by message as the peer takes them.
// RFC 5936 §2.2 (messages), §4.1 (TCP only); RFC 1995 §2 (by UDP if it fits, else the SOA alone), §4 (AXFR in place of IXFR)

import { CLASS, RCODE } from './codes.ts'
import { findOption, OPTION, PADDING_BLOCK } from './edns.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { encodeMessage, type Message, responseTo } from './message.ts'
import { equalNames } from './name.ts'
import { decodeRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { SOA } from './rr/soa.ts'
import { isSerialAfter } from './serial.ts'
import type { Delegate, Reaction, Request } from './server-core.ts'
import { mayTransfer, type TransferGrant } from './transfer-policy.ts'
import { axfrRecords, condenseDiffs, diffSize, ixfrRecords, soaRecord } from './transfer-records.ts'
import { tsigOctets } from './tsig.ts'
import { TsigStreamSigner } from './tsig-stream.ts'
import { TYPE_AXFR } from './type-names.ts'
import type { ZoneSet } from './zone-set.ts'
import type { Zone, ZoneDiff } from './zone.ts'

export type TransferSource = {
  readonly zones: ZoneSet
  readonly grants: readonly TransferGrant[]
  /** The changes from this serial to the zone's; `undefined` where the journal does not reach back. */
  readonly changesSince: (zone: Zone, serial: number) => readonly ZoneDiff[] | undefined
  /** Seconds since 1970: when a message is signed, which may be long after the request. */
  readonly now: () => number
}

/** What answers AXFR and IXFR. */
export function serveTransfers(source: TransferSource, limits: Limits = DEFAULT_LIMITS): Delegate {
  return (request) => {
    const { question, signer, incoming } = request
    const zone = source.zones.get(question.name.key)
    if (zone === undefined || question.class !== CLASS.IN) return refuse(request, RCODE.NOTAUTH)
    if (!mayTransfer(source.grants, zone.origin, signer, incoming.peer.address)) return refuse(request, RCODE.REFUSED)
    const udp = incoming.transport === 'udp'
    if (question.type === TYPE_AXFR) {
      return udp ? refuse(request, RCODE.FORMERR) : stream(request, axfrRecords(zone), source, limits)
    }
    const theirs = serialOf(request, zone)
    if (theirs === undefined) return refuse(request, RCODE.FORMERR)
    const records = recordsSince(zone, theirs, source)
    return udp ? datagram(request, zone, records, limits) : stream(request, records.all(), source, limits)
  }
}

type Records = { readonly count: number; readonly all: () => Iterable<ResourceRecord> }

/** What leads from a serial to the zone: nothing, the changes, or the whole where that is less or nothing else is known. */
function recordsSince(zone: Zone, serial: number, source: TransferSource): Records {
  if (!isSerialAfter(zone.soa.serial, serial)) return { count: 1, all: () => [soaRecord(zone)] }
  const whole: Records = { count: zone.recordCount + 1, all: () => axfrRecords(zone) }
  const chain = source.changesSince(zone, serial)
  if (chain === undefined || chain.length === 0) return whole
  const condensed = chain.length > 1 ? condenseDiffs(chain) : undefined
  const diffs = condensed !== undefined && diffSize([condensed]) < diffSize(chain) ? [condensed] : chain
  const count = diffSize(diffs) + 2
  return count < whole.count ? { count, all: () => ixfrRecords(zone, diffs) } : whole
}

/** RFC 1995 §2: all of it in one datagram, or the SOA that tells the peer to come by TCP. */
function datagram(request: Request, zone: Zone, { count, all }: Records, limits: Limits): Reaction {
  const answerOf = (answers: readonly ResourceRecord[]): Message => ({ ...success(request), answers })
  // A record has 11 octets at the least: more than these cannot fit, and are not tried.
  if (count <= limits.udpOctets / 11) {
    const octets = request.encode(answerOf([...all()]))
    if (((octets[2] ?? 0) & TC) === 0) return { kind: 'reply', octets, rcode: RCODE.NOERROR }
  }
  return { kind: 'reply', octets: request.encode(answerOf([soaRecord(zone)])), rcode: RCODE.NOERROR }
}

function stream(request: Request, records: Iterable<ResourceRecord>, source: TransferSource, limits: Limits): Reaction {
  return { kind: 'stream', messages: transferMessages(request, records, source.now, limits) }
}

/** Messages of many records each; the question stands in the first. RFC 5936 §2.2, §2.2.1 */
export function* transferMessages(
  { query, signer, incoming }: Pick<Request, 'query' | 'signer' | 'incoming'>,
  records: Iterable<ResourceRecord>,
  now: () => number,
  limits: Limits,
): Generator<Uint8Array, void, void> {
  const tsig = signer === undefined ? undefined : new TsigStreamSigner(signer.key, signer.mac)
  const maxOctets = 0xffff - (signer === undefined ? 0 : tsigOctets(signer.key))
  const { udpOctets } = limits
  const edns = query.edns && { udpOctets, version: 0, dnssecOk: query.edns.dnssecOk, options: [] }
  let next: Message = { ...success({ query }), edns }
  // Else the lengths of a small zone's transfers tell what has changed. RFC 9103 §9.4, RFC 8467 §4.1
  const pads = incoming.transport === 'tls' && findOption(query.edns, OPTION.PADDING) !== undefined
  const encode = (answers: readonly ResourceRecord[]): Uint8Array | undefined => {
    const { octets, truncated } = encodeMessage(
      { ...next, answers },
      { maxOctets, limits: roomy, ...(pads && { paddingBlock: PADDING_BLOCK.response }) },
    )
    next = { ...next, questions: [] }
    if (truncated) return undefined
    return tsig === undefined ? octets : tsig.sign(octets, now())
  }
  const roomy = { ...limits, compressionTargets: limits.transferCompressionTargets }
  let held: ResourceRecord[] = []
  let size = 0
  for (const record of records) {
    const length = record.name.octets.length + 10 + record.rdata.length
    if (size + length > limits.transferMessageOctets && held.length > 0) {
      const octets = encode(held)
      if (octets === undefined) return // larger than any message: the peer sees no end, and takes nothing
      yield octets
      held = []
      size = 0
    }
    held.push(record)
    size += length
  }
  const last = encode(held)
  if (last !== undefined) yield last
}

/** The serial that an IXFR says the peer has: the only SOA of its authority section. RFC 1995 §3 */
function serialOf({ query }: Request, zone: Zone): number | undefined {
  const [record] = query.authorities
  if (record?.type !== SOA.code || query.authorities.length !== 1 || !equalNames(record.name, zone.origin)) {
    return undefined
  }
  const soa = decodeRdata(SOA, record.rdata)
  return soa.ok ? soa.value.serial : undefined
}

function success({ query }: Pick<Request, 'query'>): Message {
  return { ...responseTo(query, RCODE.NOERROR), authoritative: true }
}

function refuse({ query, encode }: Request, rcode: number): Reaction {
  return { kind: 'reply', octets: encode(responseTo(query, rcode)), rcode }
}

const TC = 0x02
