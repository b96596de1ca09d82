// One message of a scenario: what it must match, or what is said.

import { ok } from '@scop/result'
import {
  CLASS,
  type Edns,
  EMPTY_MESSAGE,
  formatZoneFileError,
  type Message,
  OPT,
  decodeRdata,
  parseClass,
  parseRecords,
  parseType,
  type Question,
  type ResourceRecord,
} from '@scop/dns'
import type { Dialect, Entry } from './scenario.ts'
import { nameOf, readDirective, type Reader } from './scenario-lines.ts'

type Draft = {
  match: Set<string>
  adjust: Set<string>
  flags: Partial<Mutable<Message>>
  dnssecOk: boolean
  edns: boolean
  options: Uint8Array | undefined
  raw: Uint8Array | undefined
  questions: Question[]
  sections: Record<'ANSWER' | 'AUTHORITY' | 'ADDITIONAL', ResourceRecord[]>
  named: Set<string>
  mandatory: boolean
  clientCookie: Uint8Array | undefined
  serverCookie: Uint8Array | undefined
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function readEntry(reader: Reader): Entry {
  const line = reader.line
  const draft: Draft = {
    match: new Set(),
    adjust: new Set(),
    flags: {},
    dnssecOk: false,
    edns: false,
    options: undefined,
    raw: undefined,
    questions: [],
    sections: { ANSWER: [], AUTHORITY: [], ADDITIONAL: [] },
    named: new Set(),
    mandatory: false,
    clientCookie: undefined,
    serverCookie: undefined,
  }
  let section = 'QUESTION'
  for (;;) {
    const text = reader.next()
    if (text === undefined) return reader.fail('no ENTRY_END')
    const [word = '', ...words] = text.split(/\s+/)
    switch (word) {
      case 'ENTRY_END':
        return entryOf(draft, line, reader.dialect)
      case 'MATCH':
        for (const each of words) draft.match.add(each)
        break
      case 'ADJUST':
        for (const each of words) draft.adjust.add(each)
        break
      case 'REPLY':
      case 'FLAGS':
        for (const each of words) readReplyWord(reader, draft, each)
        break
      case 'SECTION':
        section = words[0] ?? ''
        draft.named.add(section)
        break
      case 'MANDATORY':
        draft.mandatory = true
        break
      case 'RAW':
        section = 'RAW'
        if (words.length > 0) readSectionLine(reader, draft, section, words.join(''))
        break
      case 'HEX_ANSWER_BEGIN':
        draft.raw = readHex(reader, 'HEX_ANSWER_END')
        break
      case 'HEX_EDNSDATA_BEGIN':
        draft.edns = true
        draft.options = readHex(reader, 'HEX_EDNSDATA_END')
        break
      case 'EXTRA_PACKET':
        return reader.fail('EXTRA_PACKET: zone transfers are not replayed')
      default:
        if (!readDirective(reader, word, words)) readSectionLine(reader, draft, section, text)
    }
  }
}

function readReplyWord(reader: Reader, draft: Draft, word: string): void {
  const { flags } = draft
  const rcode = RCODES.indexOf(word === 'NOTIMPL' ? 'NOTIMP' : word)
  if (rcode >= 0) flags.rcode = rcode
  else if (word === 'QR') flags.response = true
  else if (word === 'AA') flags.authoritative = true
  else if (word === 'TC') flags.truncated = true
  else if (word === 'RD') flags.recursionDesired = true
  else if (word === 'RA') flags.recursionAvailable = true
  else if (word === 'AD') flags.authenticData = true
  else if (word === 'CD') flags.checkingDisabled = true
  else if (word === 'DO') {
    draft.dnssecOk = true
    draft.edns = true
  } else if (word === 'BADVERS') {
    flags.rcode = 16
    draft.edns = true
  } else if (word === 'NOTIFY') flags.opcode = 4
  else if (word === 'UPDATE') flags.opcode = 5
  else if (word !== 'QUERY' && word !== 'CO') reader.fail(`REPLY does not know "${word}"`)
}

function readSectionLine(reader: Reader, draft: Draft, section: string, text: string): void {
  switch (section) {
    case 'QUESTION':
      draft.questions.push(readQuestion(reader, text))
      break
    case 'RAW':
      draft.raw = Uint8Array.fromHex(hexDigits(reader, (draft.raw?.toHex() ?? '') + text))
      break
    case 'ANSWER':
    case 'AUTHORITY':
    case 'ADDITIONAL': {
      draft.sections[section].push(...readRecords(reader, text))
      break
    }
    default:
      reader.fail(`no such section: "${section}"`)
  }
}

/** `A \\# 5 0102030405`: data that the type cannot have, read as of a type that nobody knows. */
function malformedRecords(
  text: string,
  read: (line: string) => ReturnType<typeof parseRecords>,
): readonly ResourceRecord[] | undefined {
  const [, before = '', mnemonic = '', data = ''] = /^(.*\s)(\S+)(\s+\\#.*)$/.exec(text) ?? []
  const type = parseType(mnemonic)
  const records = type === undefined ? undefined : read(`${before}TYPE65280${data}`)
  return type !== undefined && records?.ok === true ? records.value.map((record) => ({ ...record, type })) : undefined
}

/** Some scenarios have records that no zone file may have: a signature of no octets, a number too many. */
function readRecords(reader: Reader, text: string): readonly ResourceRecord[] {
  const read = (line: string): ReturnType<typeof parseRecords> =>
    parseRecords(`$TTL ${reader.defaultTtl}\n${line}\n`, reader.origin)
  const records = read(text)
  if (records.ok) return records.value
  const { kind } = records.error
  const repaired =
    kind === 'field-missing' ? `${text} AA==` : kind === 'field-left-over' ? text.replace(/\s\S+\s*$/, '') : text
  const malformed = kind === 'rdata-malformed' ? malformedRecords(text, read) : undefined
  if (malformed !== undefined) return malformed
  const again = read(repaired)
  return again.ok ? again.value : reader.fail(formatZoneFileError('record', records.error))
}

// name [ttl] [class] [type]
function readQuestion(reader: Reader, text: string): Question {
  const [name = '', ...words] = text.split(/\s+/)
  let klass: number = CLASS.IN
  let type: number | undefined
  for (const word of words) {
    if (/^\d+$/.test(word)) continue
    const asClass = type === undefined && word !== 'ANY' ? parseClass(word) : undefined
    if (asClass !== undefined) klass = asClass
    else type = parseType(word)
  }
  // `example. ANY A` means the class, `example. ANY` the type.
  if (words.length === 2 && words[0] === 'ANY' && parseType(words[1] ?? '') !== undefined) klass = CLASS.ANY
  if (type === undefined) return reader.fail(`no question: "${text}"`)
  return { name: nameOf(reader, name), type, class: klass }
}

function readHex(reader: Reader, end: string): Uint8Array {
  let digits = ''
  for (;;) {
    const line = reader.next()
    if (line === undefined) return reader.fail(`no ${end}`)
    if (line.startsWith(end)) break
    digits += line
  }
  return Uint8Array.fromHex(hexDigits(reader, digits))
}

function hexDigits(reader: Reader, text: string): string {
  const digits = text.replace(/\s+/g, '')
  return /^([0-9a-f]{2})*$/i.test(digits) ? digits : reader.fail('not hexadecimal')
}

function entryOf(draft: Draft, line: number, dialect: Dialect): Entry {
  const { flags, sections } = draft
  const options = draft.options === undefined ? ok({ options: [] }) : decodeRdata(OPT, draft.options)
  const deckard = dialect === 'deckard'
  if (deckard && draft.match.size === 0) draft.match = new Set(['opcode', 'qtype', 'qname'])
  if (deckard && draft.adjust.size === 0) draft.adjust.add('copy_id')
  const edns: Edns | undefined =
    deckard || draft.edns || (flags.rcode ?? 0) > 15
      ? {
          udpOctets: deckard ? 4096 : 1232,
          version: 0,
          dnssecOk: draft.dnssecOk,
          options: options.ok ? options.value.options : [],
        }
      : undefined
  return {
    line,
    match: draft.match,
    adjust: draft.adjust,
    message: {
      ...EMPTY_MESSAGE,
      ...flags,
      questions: draft.questions,
      answers: sections.ANSWER,
      authorities: sections.AUTHORITY,
      additionals: sections.ADDITIONAL,
      edns,
    },
    raw: draft.raw,
    named: draft.named,
    mandatory: draft.mandatory,
    dialect,
    cookie: { client: draft.clientCookie, server: draft.serverCookie },
  }
}

const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]
