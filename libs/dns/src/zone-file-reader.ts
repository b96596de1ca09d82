// Reads the entries of a zone file and of the files it includes to records, each with the place where it stands.
// RFC 1035 §5.1, RFC 2308 §4 ($TTL), RFC 2181 §8 (TTL), RFC 3597 §5 (types and classes without names)

import { err, ok, type Result } from '@scop/result'
import { CLASS, parseClass } from './codes.ts'
import type { Limits } from './limits.ts'
import { type Name, parseName } from './name.ts'
import { decodeRdata, parseRdataTokens } from './rdata.ts'
import { type FieldError, parseDuration, RdataText } from './rdata-text.ts'
import { MAX_TTL, type ResourceRecord } from './record.ts'
import { SOA } from './rr/soa.ts'
import { parseType } from './type-names.ts'
import type { ZoneError } from './zone.ts'
import { expandGenerate, type GenerateError } from './zone-file-generate.ts'
import { type Entry, lexEntries, type LexError, lexZoneFile, type Token } from './zone-file-lexer.ts'

export type ZoneFileError = {
  readonly kind:
    | LexError['kind']
    | FieldError['kind']
    | ZoneError['kind']
    | GenerateError['kind']
    | 'unknown-directive'
    | 'unsupported-directive'
    | 'include-not-found'
    | 'include-too-deep'
    | 'include-cycle'
    | 'no-owner'
    | 'no-ttl'
    | 'ttl-too-large'
    | 'no-type'
    | 'unknown-type'
  /** The included file; `undefined` for the one that was given. */
  readonly file: string | undefined
  readonly line: number
  readonly column: number
  /** The token at fault, or the record. */
  readonly text: string
}

/** In the order of reading. */
export type ZoneFileErrors = readonly [ZoneFileError, ...ZoneFileError[]]

/** A file under the one name by which a cycle is known. */
export type IncludedFile = { readonly file: string; readonly text: string }

/** Finds what `$INCLUDE` names in the file `from` (`undefined`: the one that was given); `undefined` where there is none. */
export type IncludeFile = (path: string, from: string | undefined) => IncludedFile | undefined

export type LocatedRecord = {
  readonly record: ResourceRecord
  readonly file: string | undefined
  readonly line: number
}

/** Goes on behind mistakes until there are `most` of them. */
export function readZoneFile(
  text: string,
  origin: Name,
  limits: Limits,
  include: IncludeFile | undefined,
  most: number,
): Result<readonly LocatedRecord[], ZoneFileErrors> {
  const state: State = {
    limits,
    include,
    files: [],
    octetsLeft: limits.zoneFileOctets,
    origin,
    owner: undefined,
    class: CLASS.IN,
    defaultTtl: undefined,
    lastTtl: undefined,
    records: [],
    errors: [],
    most,
  }
  readFile(text, state)
  const [first, ...more] = state.errors
  return first === undefined ? ok(state.records) : err([first, ...more])
}

type State = {
  readonly limits: Limits
  readonly include: IncludeFile | undefined
  /** Those that are open, the innermost last. */
  readonly files: string[]
  octetsLeft: number
  origin: Name
  owner: Name | undefined
  /** The last that was stated. RFC 1035 §5.1 */
  class: number
  /** From `$TTL`, or from the SOA where there is no `$TTL`. */
  defaultTtl: number | undefined
  lastTtl: number | undefined
  readonly records: LocatedRecord[]
  readonly errors: ZoneFileError[]
  readonly most: number
}

function readFile(text: string, state: State): void {
  const limits = { ...state.limits, zoneFileOctets: state.octetsLeft }
  state.octetsLeft = Math.max(0, state.octetsLeft - text.length)
  for (const lexed of lexEntries(text, limits)) {
    const error = lexed.ok ? readEntry(lexed.value, state) : { ...lexed.error, file: state.files.at(-1), text: '' }
    if (error !== undefined) state.errors.push(error)
    if (state.errors.length >= state.most || error?.kind === 'too-many-records') return
  }
}

function readEntry(entry: Entry, state: State): ZoneFileError | undefined {
  const first = entry.tokens[0]
  const isDirective = first !== undefined && !first.quoted && !entry.ownerOmitted && first.text.startsWith('$')
  return isDirective ? readDirective(entry, state) : readRecord(entry, state)
}

function readDirective(entry: Entry, state: State): ZoneFileError | undefined {
  const [first, value, second, extra] = entry.tokens
  const fail = (kind: ZoneFileError['kind'], token: Token | undefined): ZoneFileError => at(kind, token, entry, state)
  const directive = first?.text.toUpperCase() ?? ''
  if (!DIRECTIVES.has(directive)) return fail('unknown-directive', first)
  if (directive === '$GENERATE') return readGenerate(entry, state)
  if (value === undefined) return fail('field-missing', first)
  if (directive === '$INCLUDE') {
    if (extra !== undefined) return fail('field-left-over', extra)
    const origin = second === undefined ? state.origin : second.quoted ? undefined : readName(second, state.origin)
    return origin === undefined ? fail('not-a-name', second) : readInclude(entry, value, origin, state)
  }
  if (second !== undefined) return fail('field-left-over', second)
  if (directive === '$ORIGIN') {
    const name = value.quoted ? undefined : readName(value, state.origin)
    if (name === undefined) return fail('not-a-name', value)
    state.origin = name
    return undefined
  }
  const seconds = value.quoted ? undefined : parseDuration(value.text)
  // One mistake is told once: the records behind it have a TTL.
  state.defaultTtl = 0
  if (seconds === undefined) return fail('not-a-number', value)
  if (seconds > MAX_TTL) return fail('ttl-too-large', value)
  state.defaultTtl = seconds
  return undefined
}

/** Origin and owner are afterwards what they were before; TTL and class go on. RFC 1035 §5.1 */
function readInclude(entry: Entry, path: Token, origin: Name, state: State): ZoneFileError | undefined {
  const fail = (kind: ZoneFileError['kind']): ZoneFileError => at(kind, path, entry, state)
  if (state.include === undefined) return at('unsupported-directive', entry.tokens[0], entry, state)
  if (state.files.length >= state.limits.includeDepth) return fail('include-too-deep')
  const found = state.include(path.text, state.files.at(-1))
  if (found === undefined) return fail('include-not-found')
  if (state.files.includes(found.file)) return fail('include-cycle')
  const before = { origin: state.origin, owner: state.owner }
  state.origin = origin
  state.files.push(found.file)
  readFile(found.text, state)
  state.files.pop()
  Object.assign(state, before)
  return undefined
}

function readGenerate(entry: Entry, state: State): ZoneFileError | undefined {
  const lines = expandGenerate(entry.tokens, state.limits)
  if (!lines.ok) return at(lines.error.kind, lines.error.token, entry, state)
  const before = state.owner
  const pattern = entry.tokens[2]
  for (const { owner, rest } of lines.value) {
    const lexed = lexZoneFile(rest, state.limits)
    const tokens = lexed.ok && lexed.value.length === 1 ? lexed.value[0]?.tokens : undefined
    if (pattern === undefined || tokens === undefined) return at('bad-value', entry.tokens.at(-1), entry, state)
    const made = { tokens: [{ ...pattern, text: owner }, ...tokens], ownerOmitted: false, line: entry.line }
    const error = readRecord(made, state)
    // What was made has no place but the directive's.
    if (error !== undefined) return { ...at(error.kind, entry.tokens[0], entry, state), text: `${owner} ${rest}` }
  }
  state.owner = before
  return undefined
}

// [owner] ([TTL] [class] | [class] [TTL]) type RDATA      RFC 1035 §5.1
function readRecord(entry: Entry, state: State): ZoneFileError | undefined {
  const { tokens } = entry
  const fail = (kind: ZoneFileError['kind'], token: Token | undefined): ZoneFileError => at(kind, token, entry, state)
  let next = 0
  if (!entry.ownerOmitted) {
    const token = tokens[next++]
    const name = token === undefined ? undefined : readName(token, state.origin)
    if (name === undefined) {
      state.owner ??= state.origin // one mistake is told once: the records below it have an owner
      return fail('not-a-name', token)
    }
    state.owner = name
  }
  if (state.owner === undefined) return fail('no-owner', tokens[0])
  let ttl: number | undefined
  let klass: number | undefined
  for (; next < tokens.length; next++) {
    const { text, quoted } = tokens[next] ?? NOTHING
    if (quoted) break
    const seconds = DIGIT_FIRST.test(text) ? parseDuration(text) : undefined
    if (ttl === undefined && seconds !== undefined) ttl = seconds
    else if (klass === undefined && parseClass(text) !== undefined && parseType(text) === undefined)
      klass = parseClass(text)
    else break
  }
  const typeToken = tokens[next++]
  if (typeToken === undefined) return fail('no-type', undefined)
  const type = typeToken.quoted ? undefined : parseType(typeToken.text)
  if (type === undefined) return fail('unknown-type', typeToken)
  state.class = klass ?? state.class
  const rdata = parseRdataTokens(type, new RdataText(tokens, next, state.origin))
  if (!rdata.ok) return fail(rdata.error.kind, rdata.error.token)
  if (type === SOA.code && (ttl ?? state.defaultTtl ?? state.lastTtl) === undefined) {
    // Without any TTL before, the SOA's last field is the default: what it meant before RFC 2308 §4.
    const soa = decodeRdata(SOA, rdata.value)
    if (soa.ok) state.defaultTtl = soa.value.negativeTtlSeconds
  }
  const ttlSeconds = ttl ?? state.defaultTtl ?? state.lastTtl
  if (ttlSeconds === undefined) return fail('no-ttl', typeToken)
  if (ttlSeconds > MAX_TTL) return fail('ttl-too-large', tokens[1])
  state.lastTtl = ttlSeconds
  if (state.records.length >= state.limits.zoneRecords) return fail('too-many-records', tokens[0])
  const record = { name: state.owner, type, class: state.class, ttlSeconds, rdata: rdata.value }
  state.records.push({ record, file: state.files.at(-1), line: entry.line })
  return undefined
}

/** `undefined`: not a name. RFC 1035 §5.1 */
function readName({ text, quoted }: Token, origin: Name): Name | undefined {
  if (text === '@' && !quoted) return origin
  const name = parseName(text, origin)
  return name.ok ? name.value : undefined
}

function at(kind: ZoneFileError['kind'], token: Token | undefined, entry: Entry, state: State): ZoneFileError {
  const last = entry.tokens.at(-1)
  const end = { line: last?.line ?? entry.line, column: (last?.column ?? 1) + (last?.text.length ?? 0), text: '' }
  const { line, column, text } = token ?? end
  return { kind, file: state.files.at(-1), line, column, text }
}

const DIRECTIVES: ReadonlySet<string> = new Set(['$ORIGIN', '$TTL', '$INCLUDE', '$GENERATE'])
const NOTHING = { text: '', quoted: false }
const DIGIT_FIRST = /^[0-9]/
