// Zone files (master files): read with every mistake at its line and column, written so that reading gives the same records.
// RFC 1035 §5, RFC 2308 §4 ($TTL), RFC 2181 §8 (TTL), RFC 3597 §5 (types and classes without names)

import { err, ok, type Result } from '@scop/result'
import { CLASS, formatClass, parseClass } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { equalNames, formatName, isAtOrBelow, type Name, parseName } from './name.ts'
import { formatRdata, parseRdataTokens } from './rdata.ts'
import { type FieldError, parseDuration, RdataText } from './rdata-text.ts'
import { MAX_TTL, type ResourceRecord } from './record.ts'
import { formatType, parseType } from './type-names.ts'
import { SOA } from './rr/soa.ts'
import { decodeRdata } from './rdata.ts'
import { createZone, type Zone, type ZoneError, zoneRecords } from './zone.ts'
import { type Entry, type LexError, lexZoneFile, type Token } from './zone-file-lexer.ts'

export type ZoneFileError = {
  readonly kind:
    | LexError['kind']
    | FieldError['kind']
    | ZoneError['kind']
    | 'unknown-directive'
    | 'unsupported-directive'
    | 'no-owner'
    | 'no-ttl'
    | 'ttl-too-large'
    | 'no-type'
    | 'unknown-type'
  readonly line: number
  readonly column: number
  /** The token at fault, or the record. */
  readonly text: string
}

/** Reads the records of a zone file. Names without a final dot are completed by `origin`, then by `$ORIGIN`. */
export function parseRecords(
  text: string,
  origin: Name,
  limits: Limits = DEFAULT_LIMITS,
): Result<readonly ResourceRecord[], ZoneFileError> {
  const located = parseEntries(text, origin, limits)
  return located.ok ? ok(located.value.map(({ record }) => record)) : located
}

/** Reads a whole zone. */
export function parseZone(text: string, origin: Name, limits: Limits = DEFAULT_LIMITS): Result<Zone, ZoneFileError> {
  const located = parseEntries(text, origin, limits)
  if (!located.ok) return located
  const zone = createZone(
    origin,
    located.value.map(({ record }) => record),
    limits,
  )
  if (zone.ok) return zone
  const { kind, record } = zone.error
  const line = located.value.find((each) => each.record === record)?.line ?? 1
  return err({ kind, line, column: 1, text: record === undefined ? '' : formatName(record.name) })
}

/** Writes a zone so that `parseZone` reads the same zone; names below the origin are written relative to it. */
export function formatZone(zone: Zone): string {
  const { origin } = zone
  let text = `$ORIGIN ${formatName(origin)}\n`
  let owner: Name | undefined
  for (const record of zoneRecords(zone)) {
    const shown = owner !== undefined && equalNames(owner, record.name) ? '' : relativeName(record.name, origin)
    owner = record.name
    const rdata = formatRdata(record.type, record.rdata)
    text += `${shown}\t${record.ttlSeconds}\t${formatClass(record.class)}\t${formatType(record.type)}\t${rdata}\n`
  }
  return text
}

/** `zone.example:12:7: unknown-type "MXX"` */
export function formatZoneFileError(file: string, error: ZoneFileError): string {
  return `${file}:${error.line}:${error.column}: ${error.kind}${error.text === '' ? '' : ` ${JSON.stringify(error.text)}`}`
}

type Located = { readonly record: ResourceRecord; readonly line: number }
type State = {
  origin: Name
  owner: Name | undefined
  /** From `$TTL`, or from the SOA where there is no `$TTL`. */
  defaultTtl: number | undefined
  lastTtl: number | undefined
}

function parseEntries(text: string, origin: Name, limits: Limits): Result<readonly Located[], ZoneFileError> {
  const entries = lexZoneFile(text, limits)
  if (!entries.ok) return err({ ...entries.error, text: '' })
  const state: State = { origin, owner: undefined, defaultTtl: undefined, lastTtl: undefined }
  const records: Located[] = []
  for (const entry of entries.value) {
    const first = entry.tokens[0]
    if (first !== undefined && !first.quoted && !entry.ownerOmitted && first.text.startsWith('$')) {
      const error = directive(entry, state)
      if (error !== undefined) return err(error)
      continue
    }
    const record = parseEntry(entry, state)
    if (!record.ok) return record
    records.push({ record: record.value, line: entry.line })
    if (records.length > limits.zoneRecords) return err(at('too-many-records', first, entry))
  }
  return ok(records)
}

function directive(entry: Entry, state: State): ZoneFileError | undefined {
  const [first, value, extra] = entry.tokens
  if (extra !== undefined) return at('field-left-over', extra, entry)
  if (value === undefined) return at('field-missing', first, entry)
  switch (first?.text.toUpperCase() ?? '') {
    case '$ORIGIN': {
      const name = parseName(value.text, state.origin)
      if (!name.ok) return at('not-a-name', value, entry)
      state.origin = name.value
      return undefined
    }
    case '$TTL': {
      const seconds = parseDuration(value.text)
      if (seconds === undefined) return at('not-a-number', value, entry)
      if (seconds > MAX_TTL) return at('ttl-too-large', value, entry)
      state.defaultTtl = seconds
      return undefined
    }
    case '$INCLUDE': // todo RFC 1035 §5.1: $INCLUDE, by a function of the caller
    case '$GENERATE':
      return at('unsupported-directive', first, entry)
    default:
      return at('unknown-directive', first, entry)
  }
}

// [owner] ([TTL] [class] | [class] [TTL]) type RDATA      RFC 1035 §5.1
function parseEntry(entry: Entry, state: State): Result<ResourceRecord, ZoneFileError> {
  const { tokens } = entry
  let next = 0
  if (!entry.ownerOmitted) {
    const token = tokens[next++]
    const name = token?.text === '@' ? ok(state.origin) : parseName(token?.text ?? '', state.origin)
    if (!name.ok) return err(at('not-a-name', token, entry))
    state.owner = name.value
  }
  if (state.owner === undefined) return err(at('no-owner', tokens[0], entry))
  let ttl: number | undefined
  let klass: number | undefined
  for (; next < tokens.length; next++) {
    const text = tokens[next]?.text ?? ''
    const seconds = DIGIT_FIRST.test(text) ? parseDuration(text) : undefined
    if (ttl === undefined && seconds !== undefined) ttl = seconds
    else if (klass === undefined && parseClass(text) !== undefined && parseType(text) === undefined)
      klass = parseClass(text)
    else break
  }
  const typeToken = tokens[next++]
  if (typeToken === undefined) return err(at('no-type', undefined, entry))
  const type = parseType(typeToken.text)
  if (type === undefined) return err(at('unknown-type', typeToken, entry))
  if (klass !== undefined && klass !== CLASS.IN) return err(at('not-class-in', tokens[0], entry))
  const rdata = parseRdataTokens(type, new RdataText(tokens, next, state.origin))
  if (!rdata.ok) return err(at(rdata.error.kind, rdata.error.token, entry))
  if (type === SOA.code && (ttl ?? state.defaultTtl ?? state.lastTtl) === undefined) {
    // Without any TTL before, the SOA's last field is the default: what it meant before RFC 2308 §4.
    const soa = decodeRdata(SOA, rdata.value)
    if (soa.ok) state.defaultTtl = soa.value.negativeTtlSeconds
  }
  const ttlSeconds = ttl ?? state.defaultTtl ?? state.lastTtl
  if (ttlSeconds === undefined) return err(at('no-ttl', typeToken, entry))
  if (ttlSeconds > MAX_TTL) return err(at('ttl-too-large', tokens[1], entry))
  state.lastTtl = ttlSeconds
  return ok({ name: state.owner, type, class: CLASS.IN, ttlSeconds, rdata: rdata.value })
}

function at(kind: ZoneFileError['kind'], token: Token | undefined, entry: Entry): ZoneFileError {
  const last = entry.tokens.at(-1)
  const end = { line: last?.line ?? entry.line, column: (last?.column ?? 1) + (last?.text.length ?? 0), text: '' }
  const { line, column, text } = token ?? end
  return { kind, line, column, text }
}

function relativeName(name: Name, origin: Name): string {
  if (equalNames(name, origin)) return '@'
  if (origin.octets.length === 1 || !isAtOrBelow(name, origin)) return formatName(name)
  // Cut by octets, not by text: the case of the origin's labels may differ.
  const text = formatName(name)
  return text.slice(0, text.length - formatName(origin).length - 1)
}

const DIGIT_FIRST = /^[0-9]/
