// Whether a message is the one that an entry means, and the octets that an entry answers with.
// Sections are compared as multisets: their order is nobody's promise (RFC 1035 §3.2.1 has none, RFC 2181 §5 neither).

import {
  decodeMessage,
  type EdnsOption,
  EMPTY_MESSAGE,
  encodeMessage,
  extendedErrors,
  formatRcode,
  formatRdata,
  formatType,
  isAtOrBelow,
  type Message,
  RCODE,
  type ResourceRecord,
  RRSIG,
  typeCoveredBy,
} from '@scop/dns'
import type { Transport } from '../../src/index.ts'
import type { Entry } from './scenario.ts'

/** Why `message` is not what `entry` means; `undefined` when it is. */
export function mismatch(entry: Entry, message: Message, transport: Transport): string | undefined {
  for (const word of entry.match) {
    const problem = test(word, entry, message, transport)
    if (problem !== undefined) return problem
  }
  return undefined
}

function test(word: string, entry: Entry, message: Message, transport: Transport): string | undefined {
  const wanted = entry.message
  const [question, asked] = [message.questions[0], wanted.questions[0]]
  // Without a question of its own an entry matches any.
  if (asked === undefined && QUESTION_WORDS.has(word)) return undefined
  switch (word) {
    case 'opcode':
      return differ('opcode', message.opcode, wanted.opcode)
    case 'qtype':
      return differ('type', formatType(question?.type ?? 0), formatType(asked?.type ?? 0))
    case 'qname':
      return differ('name', question?.name.key, asked?.name.key)
    case 'qcase':
      return differ('case', question?.name.octets.toString(), asked?.name.octets.toString())
    case 'subdomain':
      return question !== undefined && asked !== undefined && isAtOrBelow(question.name, asked.name)
        ? undefined
        : 'the name is not below'
    case 'question':
      return differ('question', questionText(message), questionText(wanted))
    case 'rcode':
      return differ('rcode', formatRcode(message.rcode), formatRcode(wanted.rcode))
    case 'flags':
      return differ('flags', flagsText(message), flagsText(wanted))
    case 'answer':
      if (tellsFailureAlone(entry, message)) return undefined
      return sectionDiffers('answer', message.answers, wanted.answers, entry)
    case 'authority':
      return sectionDiffers('authority', message.authorities, wanted.authorities, entry)
    case 'additional':
      return sectionDiffers('additional', message.additionals, wanted.additionals, entry)
    case 'answertypes':
      return differ('types answered', typesText(message.answers, false), typesText(wanted.answers, false))
    case 'answerrrsigs':
      return differ('types answered', typesText(message.answers, true), typesText(wanted.answers, true))
    case 'all':
    case 'all_noedns':
      if (entry.dialect === 'deckard') return namedDiffer(entry, message)
      return (
        differ('flags', flagsText(message), flagsText(wanted)) ??
        differ('rcode', formatRcode(message.rcode), formatRcode(wanted.rcode)) ??
        differ('question', questionText(message), questionText(wanted)) ??
        sectionDiffers('answer', message.answers, wanted.answers, entry) ??
        sectionDiffers('authority', message.authorities, wanted.authorities, entry) ??
        sectionDiffers('additional', message.additionals, wanted.additionals, entry) ??
        (word === 'all' ? ednsDiffers(message, wanted, entry) : undefined)
      )
    case 'ttl':
      // Alone it means all that `all` means, with TTLs.
      return entry.match.has('all') ? undefined : test('all', entry, message, transport)
    case 'DO':
      return message.edns?.dnssecOk === true ? undefined : 'no DO'
    case 'edns':
      return ednsDiffers(message, wanted, entry)
    case 'noedns':
      return message.edns === undefined ? undefined : 'has EDNS'
    case 'ednsdata':
      return differ('EDNS options', optionsText(message, entry), optionsText(wanted, entry))
    case 'nsid':
      return differ('NSID', optionText(message, 3), optionText(wanted, 3))
    case 'UDP':
      return transport === 'udp' ? undefined : 'not by UDP'
    case 'TCP':
      return transport === 'udp' ? 'not by TCP' : undefined
    case 'CO':
    case ';':
      return undefined
    default:
      return testOther(word, message)
  }
}

/** Knot Resolver tells with SERVFAIL how far it came along the aliases; RFC 1034 §3.6.2 wants the error alone. */
function tellsFailureAlone({ dialect, message: wanted }: Entry, { rcode, answers }: Message): boolean {
  return dialect === 'deckard' && rcode === RCODE.SERVFAIL && wanted.rcode === RCODE.SERVFAIL && answers.length === 0
}

/** Deckard's `all`: flags, response code, and the sections that the entry names. */
function namedDiffer(entry: Entry, message: Message): string | undefined {
  const { message: wanted, named } = entry
  return (
    differ('flags', flagsText(message), flagsText(wanted)) ??
    differ('rcode', formatRcode(message.rcode), formatRcode(wanted.rcode)) ??
    (named.has('QUESTION') ? differ('question', questionText(message), questionText(wanted)) : undefined) ??
    (named.has('ANSWER') ? test('answer', entry, message, 'udp') : undefined) ??
    (named.has('AUTHORITY')
      ? sectionDiffers('authority', message.authorities, wanted.authorities, entry)
      : undefined) ??
    (named.has('ADDITIONAL') ? sectionDiffers('additional', message.additionals, wanted.additionals, entry) : undefined)
  )
}

function typesText(records: readonly ResourceRecord[], signatures: boolean): string {
  const types = records.map(({ type, rdata }) =>
    type === RRSIG.code ? `RRSIG(${formatType(typeCoveredBy(rdata))})` : formatType(type),
  )
  return [...new Set(types.filter((type) => signatures || !type.startsWith('RRSIG')))].sort().join(' ')
}

function testOther(word: string, message: Message): string | undefined {
  if (word.startsWith('ede=')) {
    const codes = extendedErrors(message.edns).map(({ code }) => String(code))
    const wanted = word.slice(4)
    if (wanted === 'any' ? codes.length > 0 : codes.includes(wanted)) return undefined
    return `extended error ${codes.join(',') || 'none'} instead of ${wanted}`
  }
  return `MATCH does not know "${word}"`
}

function differ<T>(what: string, got: T, wanted: T): string | undefined {
  return got === wanted ? undefined : `${what}: ${String(got)} instead of ${String(wanted)}`
}

function sectionDiffers(
  what: string,
  got: readonly ResourceRecord[],
  wanted: readonly ResourceRecord[],
  entry: Entry,
): string | undefined {
  const ttl = entry.match.has('ttl')
  const texts = (records: readonly ResourceRecord[]): readonly string[] => {
    const all = records.map((record) => recordText(record, ttl))
    return entry.dialect === 'deckard' ? [...new Set(all)] : all
  }
  const [left, right] = [texts(got), texts(wanted)]
  const surplus = without(left, right)
  const missing = without(right, left)
  if (surplus.length === 0 && missing.length === 0) return undefined
  const words = [
    ...(surplus.length > 0 ? [`has too much: ${surplus.map(short).join(' | ')}`] : []),
    ...(missing.length > 0 ? [`lacks: ${missing.map(short).join(' | ')}`] : []),
  ]
  return `${what} ${words.join('; ')}`
}

function without(all: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken]
  return all.filter((each) => {
    const at = left.indexOf(each)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function recordText(record: ResourceRecord, ttl: boolean): string {
  const rdata = formatRdata(record.type, record.rdata)
  const shown = NAMES_IN_DATA.has(record.type) ? rdata.toLowerCase() : rdata
  return `${nameText(record.name.key)} ${ttl ? record.ttlSeconds : 0} ${record.class} ${formatType(record.type)} ${shown}`
}

function nameText(key: string): string {
  let text = ''
  for (let at = 0; key.charCodeAt(at) > 0; at += 1 + key.charCodeAt(at))
    text += `${key.slice(at + 1, at + 1 + key.charCodeAt(at))}.`
  return text === '' ? '.' : text
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function questionText(message: Message): string {
  return message.questions
    .map(({ name, type, class: klass }) => `${nameText(name.key)} ${klass} ${formatType(type)}`)
    .join()
}

function flagsText(message: Message): string {
  const flags = [
    message.response && 'QR',
    message.authoritative && 'AA',
    message.truncated && 'TC',
    message.recursionDesired && 'RD',
    message.recursionAvailable && 'RA',
    message.authenticData && 'AD',
    message.checkingDisabled && 'CD',
  ]
  return flags.filter((flag) => flag !== false).join(' ')
}

function ednsDiffers(message: Message, wanted: Message, entry: Entry): string | undefined {
  // Deckard means the version; how much each side takes is its own choice.
  if (entry.dialect === 'deckard') return differ('EDNS version', message.edns?.version, wanted.edns?.version)
  return (
    differ('EDNS', message.edns !== undefined, wanted.edns !== undefined) ??
    differ('DO', message.edns?.dnssecOk, wanted.edns?.dnssecOk) ??
    differ('EDNS options', optionsText(message, entry), optionsText(wanted, entry))
  )
}

function optionsText(message: Message, entry: Entry): string {
  // An extended error is compared by its own word, and left out otherwise.
  const cutEde = [...entry.match].some((word) => word.startsWith('ede='))
  const options = (message.edns?.options ?? []).filter(({ code }) => !(cutEde && code === EDE))
  return options.map(optionHex).sort().join(' ')
}

function optionText(message: Message, code: number): string {
  return (message.edns?.options ?? [])
    .filter((option) => option.code === code)
    .map(optionHex)
    .join(' ')
}

function optionHex({ code, octets }: EdnsOption): string {
  return `${code}:${octets.toHex()}`
}

/** The octets with which the entry answers `query`. */
export function replyOctets(entry: Entry, query: Message): Uint8Array {
  if (entry.raw !== undefined) {
    const raw = new Uint8Array(entry.raw)
    if (raw.length >= 2 && entry.adjust.has(entry.dialect === 'deckard' ? 'raw_id' : 'copy_id')) {
      raw[0] = query.id >>> 8
      raw[1] = query.id
    }
    return raw
  }
  const message: Message = {
    ...entry.message,
    id: entry.adjust.has('copy_id') ? query.id : entry.message.id,
    questions: entry.adjust.has('copy_query') ? query.questions : entry.message.questions,
  }
  if (entry.dialect !== 'deckard' || !(entry.adjust.has('copy_id') || entry.adjust.has('copy_query')))
    return encodeMessage(message).octets
  // Deckard copies the EDNS of the query with either, and with copy_id the name asked for as well, in its case.
  const [asked, own] = [query.questions[0], message.questions[0]]
  const copied = entry.adjust.has('copy_id') && asked !== undefined && own !== undefined
  const edns =
    query.edns === undefined || message.edns === undefined
      ? undefined
      : { ...message.edns, dnssecOk: query.edns.dnssecOk, version: query.edns.version }
  const questions = copied ? [{ ...own, name: asked.name }] : message.questions
  return encodeMessage({ ...message, questions, edns }).octets
}

/** What a server of Deckard's says to what no entry is for. */
export function servfailOctets({ id, opcode, recursionDesired, questions }: Message): Uint8Array {
  return encodeMessage({
    ...EMPTY_MESSAGE,
    id,
    opcode,
    response: true,
    recursionDesired,
    rcode: RCODE.SERVFAIL,
    questions,
  }).octets
}

/** A raw answer that must be told as it is; `undefined` where the entry has a message. */
export function rawMessage(entry: Entry): Message | undefined {
  const decoded = entry.raw === undefined ? undefined : decodeMessage(entry.raw)
  return decoded?.ok === true ? decoded.value : undefined
}

const EDE = 15
const QUESTION_WORDS: ReadonlySet<string> = new Set(['qtype', 'qname', 'qcase', 'subdomain', 'question'])
const NAMES_IN_DATA: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 21, 26, 33, 35, 36, 39, 46, 47,
])
