// DNS messages: every section as typed values; OPT and TSIG are taken out of the additional section, for they are no data.
// RFC 1035 §4.1, RFC 2136 §2 (UPDATE uses the same sections), RFC 6891 §6.1.1, RFC 8945 §5.1 (TSIG is last), RFC 9619 §4

import { err, ok, type Result } from '@scop/result'
import { type Edns, OPTION_HEAD, paddingOption } from './edns.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { equalNames, type Name, ROOT } from './name.ts'
import { type ResourceRecord, readRecord, writeRecord } from './record.ts'
import { type EdnsOption, OPT, readOptions } from './rr/opt.ts'
import { RRSIG } from './rr/rrsig.ts'
import { TSIG, type TsigData } from './rr/tsig.ts'
import { type DecodeError, WireReader } from './wire-reader.ts'
import { type Room, WireWriter } from './wire-writer.ts'

export type Question = { readonly name: Name; readonly type: number; readonly class: number }

export type Message = {
  readonly id: number
  /** QR */
  readonly response: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticData: boolean
  readonly checkingDisabled: boolean
  /** With the upper eight bits from OPT. */
  readonly rcode: number
  readonly questions: readonly Question[]
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without OPT and TSIG. */
  readonly additionals: readonly ResourceRecord[]
  readonly edns: Edns | undefined
  /** As it was read; `encodeMessage` writes none: `signMessage` adds it to the octets. */
  readonly tsig: { readonly name: Name; readonly data: TsigData } | undefined
}

export type EncodeOptions = {
  /** Default 65535. */
  readonly maxOctets?: number
  /** Default true. */
  readonly compress?: boolean
  /** A message with EDNS gets a padding option that makes it a multiple of so many octets. RFC 8467 §4.1 */
  readonly paddingBlock?: number
  readonly limits?: Limits
  /** Where the octets are put; default: in an array of their own. */
  readonly room?: Room
}

/** A message with nothing in it: a query, when a question is added. */
export const EMPTY_MESSAGE: Message = {
  id: 0,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
  tsig: undefined,
}

/** Reads a whole message: nothing may be left over. Record data are views of `octets` where they hold no names. */
export function decodeMessage(octets: Uint8Array, limits: Limits = DEFAULT_LIMITS): Result<Message, DecodeError> {
  if (octets.length < HEADER_OCTETS) return err({ kind: 'cut-short', offset: octets.length })
  if (octets.length > MAX_MESSAGE) return err({ kind: 'message-too-long', offset: MAX_MESSAGE })
  const expansion = octets.length * limits.expansionFactor + SMALLEST_EXPANSION
  const reader = new WireReader(octets, 0, octets.length, expansion)
  const id = reader.u16()
  const flags = reader.u16()
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
  const questions: Question[] = []
  for (let i = 0; i < counts[0] && reader.error === undefined; i++) questions.push(readQuestion(reader))
  const additional: Additional = { edns: undefined, extendedRcode: 0, tsig: undefined }
  const section = (count: number, last: boolean): readonly ResourceRecord[] => {
    const records: ResourceRecord[] = []
    for (let i = 0; i < count && reader.error === undefined; i++) {
      const pseudo = readPseudoRecord(reader, last, i === count - 1, additional, limits)
      if (!pseudo) records.push(readRecord(reader))
    }
    return records
  }
  const answers = section(counts[1], false)
  const authorities = section(counts[2], false)
  const additionals = section(counts[3], true)
  if (reader.left > 0) reader.fail('trailing-octets')
  if (reader.error !== undefined) return err(reader.error)
  return ok({
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >>> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: additional.extendedRcode * 16 + (flags & 0xf),
    questions,
    answers,
    authorities,
    additionals,
    edns: additional.edns,
    tsig: additional.tsig,
  })
}

/**
 * Writes a message of at most `maxOctets`. What does not fit is left out from the end, whole RRsets at a time; TC is set
 * if that was more than additional records. RFC 2181 §9, RFC 9471 §3.1 (glue of a referral counts)
 */
export function encodeMessage(
  message: Message,
  options: EncodeOptions = {},
): { readonly octets: Uint8Array; readonly truncated: boolean } {
  const max = Math.min(options.maxOctets ?? MAX_MESSAGE, MAX_MESSAGE)
  const limits = options.limits ?? DEFAULT_LIMITS
  const writer = new WireWriter(options.compress === false ? 'plain' : 'compressed', limits.compressionTargets, 512)
  const optOctets = message.edns === undefined ? 0 : optLength(message.edns)
  const room = max - optOctets
  for (let i = 0; i < 6; i++) writer.u16(0)
  let truncated = message.truncated
  let questions = 0
  for (const question of message.questions) {
    const before = writer.position
    writer.name(question.name)
    writer.u16(question.type)
    writer.u16(question.class)
    if (writer.position > room) {
      writer.rewind(before)
      truncated = true
      break
    }
    questions++
  }
  let full = truncated && questions < message.questions.length
  /** How many of them fitted: an RRset is whole or not there, and so are its signatures. RFC 2181 §9 */
  const write = (records: readonly ResourceRecord[], signed: boolean): number => {
    let kept = 0
    let start = writer.position
    for (const [i, record] of records.entries()) {
      if (full) break
      if (isNextSet(records[i - 1], record, signed)) [kept, start] = [i, writer.position]
      writeRecord(writer, record)
      if (writer.position > room) {
        writer.rewind(start)
        full = true
      }
    }
    return full ? kept : records.length
  }
  const answers = write(message.answers, true)
  const authorities = full ? 0 : write(message.authorities, true)
  if (full) truncated = true
  let additionals = full ? 0 : write(message.additionals, false)
  const referral = message.answers.length === 0 && message.authorities.length > 0 && !message.authoritative
  // RFC 4035 §3.1.1: a signature that is left out is no reason to ask again.
  if (referral && message.additionals.slice(additionals).some(({ type }) => type !== RRSIG.code)) truncated = true
  if (message.edns !== undefined) {
    const { paddingBlock } = options
    const padding =
      paddingBlock === undefined ? undefined : paddingOption(writer.position + optOctets, paddingBlock, max)
    const edns = padding === undefined ? message.edns : withOption(message.edns, padding)
    writeOpt(writer, edns, message.rcode)
    additionals++
  }
  writer.setU16(0, message.id)
  writer.setU16(2, flagsOf(message, truncated))
  for (const [i, count] of [questions, answers, authorities, additionals].entries()) writer.setU16(4 + 2 * i, count)
  return { octets: writer.finish(options.room), truncated }
}

/** `signed`: the signatures behind an RRset are of it. */
function isNextSet(before: ResourceRecord | undefined, record: ResourceRecord, signed: boolean): boolean {
  if (before === undefined || !equalNames(before.name, record.name)) return true
  return before.type !== record.type && !(signed && record.type === RRSIG.code)
}

/** The answer's header and question to `query`, with nothing answered yet. */
export function responseTo(query: Message, rcode: number): Message {
  return {
    ...EMPTY_MESSAGE,
    id: query.id,
    response: true,
    opcode: query.opcode,
    recursionDesired: query.recursionDesired,
    checkingDisabled: query.checkingDisabled,
    rcode,
    questions: query.questions,
  }
}

type Additional = {
  edns: Edns | undefined
  extendedRcode: number
  tsig: { readonly name: Name; readonly data: TsigData } | undefined
}

function readQuestion(reader: WireReader): Question {
  return { name: reader.name(), type: reader.u16(), class: reader.u16() }
}

/** Reads an OPT or TSIG record; false, and nothing read, if the next is an ordinary record. */
function readPseudoRecord(
  reader: WireReader,
  inAdditional: boolean,
  isLast: boolean,
  additional: Additional,
  limits: Limits,
): boolean {
  const start = reader.position
  const name = reader.name()
  const type = reader.u16()
  if (type !== OPT.code && type !== TSIG.code) {
    if (reader.error === undefined) reader.position = start
    return reader.error !== undefined
  }
  const klass = reader.u16()
  const ttl = reader.u32()
  const length = reader.u16()
  const end = reader.position + length
  if (end > reader.end) {
    reader.fail('cut-short')
    return true
  }
  const whole = reader.end
  reader.end = end
  if (type === OPT.code) {
    if (!inAdditional || name.octets.length !== 1) reader.fail('opt-misplaced', start)
    if (additional.edns !== undefined) reader.fail('opt-repeated', start)
    const options = readOptions(reader, limits.ednsOptions)
    additional.edns = { udpOctets: klass, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & 0x8000) !== 0, options }
    additional.extendedRcode = ttl >>> 24
  } else {
    if (!inAdditional || !isLast) reader.fail('tsig-misplaced', start)
    const data = TSIG.read(reader)
    if (reader.left > 0) reader.fail('rdata-too-long')
    additional.tsig = { name, data }
  }
  reader.end = whole
  if (reader.error !== undefined) reader.position = whole
  return true
}

function optLength(edns: Edns): number {
  let length = 11
  for (const option of edns.options) length += OPTION_HEAD + option.octets.length
  return length
}

function withOption(edns: Edns, option: EdnsOption): Edns {
  return { ...edns, options: [...edns.options, option] }
}

function writeOpt(writer: WireWriter, edns: Edns, rcode: number): void {
  writer.name(ROOT)
  writer.u16(OPT.code)
  writer.u16(edns.udpOctets)
  writer.u8(rcode >>> 4)
  writer.u8(edns.version)
  writer.u16(edns.dnssecOk ? 0x8000 : 0)
  writer.lengthPrefixed(() => OPT.write(writer, edns))
}

function flagsOf(message: Message, truncated: boolean): number {
  return (
    (message.response ? 0x8000 : 0) |
    (message.opcode << 11) |
    (message.authoritative ? 0x0400 : 0) |
    (truncated ? 0x0200 : 0) |
    (message.recursionDesired ? 0x0100 : 0) |
    (message.recursionAvailable ? 0x0080 : 0) |
    (message.authenticData ? 0x0020 : 0) |
    (message.checkingDisabled ? 0x0010 : 0) |
    (message.rcode & 0xf)
  )
}

export const HEADER_OCTETS = 12
const MAX_MESSAGE = 0xffff
const SMALLEST_EXPANSION = 1024 // so that small messages with one long name are read
