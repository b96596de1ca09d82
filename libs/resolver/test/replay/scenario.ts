// Replay scenarios: a configuration, what servers say in which steps, what clients ask and must be told.
// The text form of Unbound's testbound (.rpl, .crpl), with the words that Deckard and Knot Resolver add.

import { err, ok, type Result } from '@scop/result'
import {
  CLASS,
  type Edns,
  EMPTY_MESSAGE,
  formatZoneFileError,
  type Message,
  type Name,
  OPT,
  decodeRdata,
  parseClass,
  parseName,
  parseRecords,
  parseType,
  type Question,
  type ResourceRecord,
  ROOT,
} from '@scop/dns'

/**
 * `testbound`: Unbound's, in which nothing happens by itself. `deckard`: CZ.NIC's and Knot Resolver's, written for real
 * processes: queries that nobody answers time out, messages have EDNS, `all` means the sections that an entry names.
 */
export type Dialect = 'testbound' | 'deckard'

export type Scenario = {
  readonly title: string
  readonly dialect: Dialect
  readonly config: readonly Setting[]
  /** Files that the configuration names, by their names, as lines. */
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly autotrust: ReadonlyMap<string, readonly string[]>
  readonly ranges: readonly Range[]
  readonly steps: readonly Step[]
}

/** `section` is `server`, `stub-zone` …; `instance` tells two sections of one kind apart. */
export type Setting = {
  readonly section: string
  readonly instance: number
  readonly key: string
  readonly values: readonly string[]
}

export type Range = {
  readonly from: number
  readonly to: number
  /** Empty: any address. */
  readonly addresses: readonly string[]
  readonly entries: readonly Entry[]
}

export type Step = {
  readonly number: number
  readonly kind: StepKind
  readonly address: string | undefined
  readonly entry: Entry | undefined
  /** The words after the kind. */
  readonly words: readonly string[]
  /** What a file must hold. */
  readonly lines: readonly string[]
  readonly line: number
}

export type Entry = {
  readonly line: number
  readonly match: ReadonlySet<string>
  readonly adjust: ReadonlySet<string>
  readonly message: Message
  /** Sent and compared instead of the message. */
  readonly raw: Uint8Array | undefined
  /** The sections that it names, empty ones too. */
  readonly named: ReadonlySet<string>
  /** It must have been used when the scenario ends. */
  readonly mandatory: boolean
  readonly dialect: Dialect
  readonly cookie: { readonly client: Uint8Array | undefined; readonly server: Uint8Array | undefined }
}

const STEP_KINDS = [
  'QUERY',
  'CHECK_ANSWER',
  'CHECK_OUT_QUERY',
  'REPLY',
  'TIMEOUT',
  'ERROR',
  'TIME_PASSES',
  'TRAFFIC',
  'NOTHING',
  'ASSIGN',
  'CHECK_AUTOTRUST',
  'CHECK_TEMPFILE',
  'INFRA_RTT',
  'FLUSH_MESSAGE',
  'EXPIRE_MESSAGE',
] as const
export type StepKind = (typeof STEP_KINDS)[number]
const STEP_SYNONYMS: ReadonlyMap<string, StepKind> = new Map([
  ['ANSWER', 'CHECK_ANSWER'],
  ['MOCK', 'REPLY'],
])

export type ScenarioError = { readonly line: number; readonly text: string }

/** Reads a whole file. */
export function parseScenario(text: string): Result<Scenario, ScenarioError> {
  const reader = new Reader(text)
  try {
    return ok(readScenario(reader))
  } catch (error) {
    if (error instanceof Refused) return err({ line: reader.line, text: error.message })
    throw error
  }
}

/** The configuration alone, which tells whether the rest is for us; empty where it cannot be read. */
export function parseScenarioConfig(text: string): readonly Setting[] {
  try {
    return readConfig(new Reader(text), new Map(), new Map())
  } catch (error) {
    if (error instanceof Refused) return []
    throw error
  }
}

class Refused extends Error {}

class Reader {
  readonly #lines: readonly string[]
  line = 0
  origin: Name = ROOT
  defaultTtl = 3600
  dialect: Dialect = 'testbound'

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/)
  }

  raw(): string | undefined {
    return this.#lines[this.line++]
  }

  /** The next line that says something, without its comment, and back one step with `unread`. */
  next(): string | undefined {
    for (let line = this.raw(); line !== undefined; line = this.raw()) {
      const bare = withoutComment(line).trim()
      if (bare !== '') return bare
    }
    return undefined
  }

  unread(): void {
    this.line--
  }

  fail(text: string): never {
    throw new Refused(text)
  }
}

function readScenario(reader: Reader): Scenario {
  const files = new Map<string, readonly string[]>()
  const autotrust = new Map<string, readonly string[]>()
  const config = readConfig(reader, files, autotrust)
  reader.dialect = dialectOf(config)
  const ranges: Range[] = []
  const steps: Step[] = []
  let title = ''
  for (;;) {
    const line = reader.next()
    if (line === undefined) return reader.fail('no SCENARIO_END')
    const [word = '', ...words] = line.split(/\s+/)
    if (word === 'SCENARIO_BEGIN') title = line.slice(word.length).trim()
    else if (word === 'SCENARIO_END') break
    else if (word === 'RANGE_END')
      continue // one too many
    else if (word === 'RANGE_BEGIN') ranges.push(readRange(reader, words))
    else if (word === 'STEP') steps.push(readStep(reader, words))
    else if (!readDirective(reader, word, words)) reader.fail(`not understood: "${line}"`)
  }
  if (steps.length === 0) return reader.fail('no steps')
  for (const [i, step] of steps.entries()) {
    if (step.number <= (steps[i - 1]?.number ?? -1)) reader.fail(`step ${step.number} is not after the one before`)
  }
  return { title, dialect: reader.dialect, config, files, autotrust, ranges, steps }
}

/** Deckard's keys stand without the section that Unbound wants for them, or have names of its own. */
function dialectOf(config: readonly Setting[]): Dialect {
  const own = config.some(({ section, key }) => section === 'server' && DECKARD_KEYS.has(key))
  const zones = config.some(({ section }) => section !== 'server' && section !== 'commandline')
  const bare = config.every(({ instance, section }) => instance === 0 && section !== 'commandline')
  return (own || bare) && !zones ? 'deckard' : 'testbound'
}

function readConfig(
  reader: Reader,
  files: Map<string, readonly string[]>,
  autotrust: Map<string, readonly string[]>,
): readonly Setting[] {
  const settings: Setting[] = []
  let section = 'server'
  let instance = 0
  for (;;) {
    const line = reader.raw()
    if (line === undefined) return reader.fail('no CONFIG_END')
    const bare = line.trim()
    if (bare.startsWith('CONFIG_END')) return settings
    if (bare.startsWith(';') || bare.startsWith('#') || bare === '') continue
    const [first = '', second = '', ...more] = bare.split(/\s+/)
    if (first === 'AUTOTRUST_FILE') {
      autotrust.set(second, readUntil(reader, 'AUTOTRUST_END'))
    } else if (first === 'TEMPFILE_NAME') {
      files.set(second, [])
    } else if (first === 'TEMPFILE_CONTENTS') {
      files.set(second, readUntil(reader, 'TEMPFILE_END'))
    } else if (first === 'COMMANDLINE') {
      settings.push({ section: 'commandline', instance: 0, key: second, values: more })
    } else if (bare.startsWith('SCENARIO_BEGIN')) {
      reader.unread()
      return settings
    } else {
      for (const { key, values } of keysOf(bare)) {
        if (values.length === 0 && SECTIONS.has(key)) {
          section = key
          instance++
        } else settings.push({ section, instance, key, values })
      }
    }
  }
}

/** `key: value … key: value`, quotes taken off. */
function keysOf(line: string): readonly { readonly key: string; readonly values: readonly string[] }[] {
  const found: { key: string; values: string[] }[] = []
  for (const [token] of line.matchAll(/"[^"]*"|'[^']*'|#.*$|(?<=\s);.*$|[a-z][a-z0-9-]*:(?=["'])|[^\s"'#]+/g)) {
    if (token.startsWith('#') || token.startsWith(';')) break
    const values = found.at(-1)?.values
    if (
      /^[a-z][a-z0-9-]*:$/i.test(token) &&
      (values === undefined || values.length > 0 || isSection(found.at(-1)?.key))
    )
      found.push({ key: token.slice(0, -1), values: [] })
    else values?.push(/^["']/.test(token) ? token.slice(1, -1) : token)
  }
  return found
}

function isSection(key: string | undefined): boolean {
  return key !== undefined && SECTIONS.has(key)
}

function readUntil(reader: Reader, end: string): readonly string[] {
  const lines: string[] = []
  for (;;) {
    const line = reader.raw()
    if (line === undefined) return reader.fail(`no ${end}`)
    if (line.trim().startsWith(end)) return lines
    lines.push(line)
  }
}

function readRange(reader: Reader, words: readonly string[]): Range {
  const [from, to] = words.slice(0, 2).map(Number)
  if (from === undefined || to === undefined || Number.isNaN(from + to)) reader.fail('RANGE_BEGIN wants two numbers')
  const addresses = words.slice(2, 3)
  const entries: Entry[] = []
  for (;;) {
    const line = reader.next()
    if (line === undefined) return reader.fail('no RANGE_END')
    const [word = '', ...more] = line.split(/\s+/)
    if (word === 'RANGE_END') return { from, to, addresses, entries }
    if (word === 'ADDRESS') addresses.push(more[0] ?? '')
    else if (word === 'ENTRY_BEGIN') entries.push(readEntry(reader))
    else if (!readDirective(reader, word, more)) reader.fail(`not understood in a range: "${line}"`)
  }
}

function readStep(reader: Reader, words: readonly string[]): Step {
  const [number, kind, ...rest] = words
  const known = STEP_KINDS.find((each) => each === (STEP_SYNONYMS.get(kind ?? '') ?? kind))
  if (known === undefined) return reader.fail(`no such step: "${kind ?? ''}"`)
  const line = reader.line
  let address = rest[0] === 'ADDRESS' ? rest[1] : undefined
  let entry: Entry | undefined
  let lines: readonly string[] = []
  for (;;) {
    const next = reader.next()
    if (next === undefined) return reader.fail('no SCENARIO_END')
    const [word = '', ...more] = next.split(/\s+/)
    if (word === 'ADDRESS') address = more[0]
    else if (word === 'ENTRY_BEGIN') entry = readEntry(reader)
    else if (word === 'FILE_BEGIN') lines = readUntil(reader, 'FILE_END')
    else if (!readDirective(reader, word, more)) {
      reader.unread()
      return { number: Number(number), kind: known, address, entry, words: rest, lines, line }
    }
  }
}

function readDirective(reader: Reader, word: string, words: readonly string[]): boolean {
  if (word === '$ORIGIN') reader.origin = nameOf(reader, words[0] ?? '')
  else if (word === '$TTL') reader.defaultTtl = Number(words[0])
  else return false
  return true
}

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

function readEntry(reader: Reader): Entry {
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

function nameOf(reader: Reader, text: string): Name {
  if (text === '@') return reader.origin
  const name = parseName(text, reader.origin)
  return name.ok ? name.value : reader.fail(`no name: "${text}"`)
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

/** Cuts at a `;` or `#` outside quotes. */
export function withoutComment(line: string): string {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (character === '\\') i++
    else if (character === '"') quoted = !quoted
    else if (character === ';' && !quoted) return line.slice(0, i)
    else if (character === '#' && !quoted && line.slice(0, i).trim() === '') return ''
  }
  return line
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
const SECTIONS: ReadonlySet<string> = new Set([
  'server',
  'stub-zone',
  'forward-zone',
  'auth-zone',
  'rpz',
  'view',
  'cachedb',
  'python',
  'dynlib',
  'remote-control',
  'dnstap',
  'dnscrypt',
  'ipset',
])
const DECKARD_KEYS: ReadonlySet<string> = new Set([
  'stub-addr',
  'forward-addr',
  'query-minimization',
  'val-override-timestamp',
  'force-ipv6',
  'features',
  'feature-list',
])
