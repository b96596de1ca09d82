// The policy record: what a domain asks receivers to do with mail that fails, and where it wants reports.
// RFC 9989 §4.7 (tags), §4.8 (grammar: an error after v= leaves the default), §4.10.1 (no valid p); RFC 7489 §6.3 (pct, rf, ri)

import { trimFws } from '@scop/dkim'
import { concatOctets, decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'
import { formatReportUris, parseReportUris, type ReportUri } from './report-uri.ts'

export type Policy = 'none' | 'quarantine' | 'reject'
export type Alignment = 'relaxed' | 'strict'
export type FailureOption = '0' | '1' | 'd' | 's'

export type DmarcRecord = {
  /** p. undefined: none that counts, and no rua to have `none` for: DMARC is not applied. RFC 9989 §4.10.1 */
  readonly policy: Policy | undefined
  /** sp, of subdomains that exist. */
  readonly subdomainPolicy: Policy | undefined
  /** np, of subdomains that do not exist. */
  readonly nonexistentPolicy: Policy | undefined
  readonly dkimAlignment: Alignment
  readonly spfAlignment: Alignment
  /** psd. */
  readonly publicSuffix: 'y' | 'n' | 'u'
  /** t=y: what is asked for is one level less. */
  readonly testing: boolean
  readonly aggregateUris: readonly ReportUri[]
  readonly failureUris: readonly ReportUri[]
  /** fo; means nothing without ruf. */
  readonly failureOptions: readonly FailureOption[]
  /** pct, 0 to 100, where the record has it and no t. RFC 7489 §6.3 */
  readonly percent: number | undefined
  /** rf, lower case. RFC 7489 §6.3 */
  readonly failureFormats: readonly string[] | undefined
  /** ri. RFC 7489 §6.3 */
  readonly intervalSeconds: number | undefined
}

export type ParsedRecord = {
  readonly record: DmarcRecord
  /** Known tags whose value was wrong or who came twice with two values: each stands at its default. */
  readonly badTags: readonly string[]
}

export type RecordError =
  | { readonly kind: 'record-too-long'; readonly limit: number }
  /** v=DMARC1 must come first, in this letter case. RFC 9989 §4.7 v */
  | { readonly kind: 'not-a-dmarc-record' }

// dmarc-record = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]      RFC 9989 §4.8
/** Reads a record from its character-strings, joined or not. */
export function parseRecord(
  from: string | readonly Uint8Array[],
  limits: DmarcLimits = DMARC_LIMITS,
): Result<ParsedRecord, RecordError> {
  const text = typeof from === 'string' ? from : decodeLatin1(concatOctets(from))
  if (text.length > limits.recordCharacters) return err({ kind: 'record-too-long', limit: limits.recordCharacters })
  const [version = '', ...parts] = text.split(';', limits.recordTags + 1)
  if (!VERSION.test(version)) return err({ kind: 'not-a-dmarc-record' })
  const tags = new Map<string, string>()
  const bad = new Set<string>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = trimFws(part.slice(0, Math.max(equals, 0))).toLowerCase()
    if (!KNOWN_TAGS.has(name)) continue
    const value = trimFws(part.slice(equals + 1))
    if (tags.has(name) && tags.get(name) !== value) bad.add(name)
    tags.set(name, value)
  }
  for (const name of bad) tags.delete(name)
  const record = readTags(tags, bad, limits)
  return ok({ record: withPolicies(record, bad), badTags: [...bad].toSorted() })
}

/** A record that `parseRecord` reads back the same; a tag at its default is not written. */
export function formatRecord(record: DmarcRecord): string {
  const tags: [string, string | undefined][] = [
    ['p', record.policy],
    ['sp', record.subdomainPolicy],
    ['np', record.nonexistentPolicy],
    ['adkim', record.dkimAlignment === 'strict' ? 's' : undefined],
    ['aspf', record.spfAlignment === 'strict' ? 's' : undefined],
    ['psd', record.publicSuffix === 'u' ? undefined : record.publicSuffix],
    ['t', record.testing ? 'y' : undefined],
    ['pct', record.percent?.toString()],
    ['rua', record.aggregateUris.length === 0 ? undefined : formatReportUris(record.aggregateUris)],
    ['ruf', record.failureUris.length === 0 ? undefined : formatReportUris(record.failureUris)],
    ['fo', record.failureOptions.join(':') === '0' ? undefined : record.failureOptions.join(':')],
    ['rf', record.failureFormats?.join(':')],
    ['ri', record.intervalSeconds?.toString()],
  ]
  const written = tags.flatMap(([name, value]) => (value === undefined ? [] : [`; ${name}=${value}`]))
  return `v=DMARC1${written.join('')}`
}

/** What DNS said of one name. A text is one TXT record: its character-strings, or those joined. */
export type TextAnswer =
  | { readonly kind: 'texts'; readonly texts: readonly (readonly Uint8Array[] | string)[] }
  | { readonly kind: 'no-such-record' }
  | { readonly kind: 'temporary-failure' }

/** The one policy record of an answer. Of several none counts. RFC 9989 §4.10 step 2 */
export function chooseRecord(
  answer: TextAnswer,
  limits: DmarcLimits = DMARC_LIMITS,
): ParsedRecord | 'none' | 'several' | 'temporary-failure' {
  if (answer.kind === 'temporary-failure') return answer.kind
  if (answer.kind === 'no-such-record') return 'none'
  let found: ParsedRecord | undefined
  for (const text of answer.texts.slice(0, limits.records)) {
    const record = parseRecord(text, limits)
    if (!record.ok) continue
    if (found !== undefined) return 'several'
    found = record.value
  }
  return found ?? 'none'
}

function readTags(tags: ReadonlyMap<string, string>, bad: Set<string>, limits: DmarcLimits): DmarcRecord {
  const read = <T>(name: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = tags.get(name)
    if (value === undefined) return undefined
    const parsed = parse(value)
    if (parsed === undefined) bad.add(name)
    return parsed
  }
  const uris = (value: string): readonly ReportUri[] | undefined => {
    const list = parseReportUris(value, limits)
    return list.length === 0 ? undefined : list
  }
  const testing = read('t', oneOf('y', 'n'))
  const percent = read('pct', (value) => (PERCENT.test(value) && Number(value) <= 100 ? Number(value) : undefined))
  return {
    policy: read('p', oneOf('none', 'quarantine', 'reject')),
    subdomainPolicy: read('sp', oneOf('none', 'quarantine', 'reject')),
    nonexistentPolicy: read('np', oneOf('none', 'quarantine', 'reject')),
    dkimAlignment: read('adkim', oneOf('r', 's')) === 's' ? 'strict' : 'relaxed',
    spfAlignment: read('aspf', oneOf('r', 's')) === 's' ? 'strict' : 'relaxed',
    publicSuffix: read('psd', oneOf('y', 'n', 'u')) ?? 'u',
    testing: testing === 'y',
    aggregateUris: read('rua', uris) ?? [],
    failureUris: read('ruf', uris) ?? [],
    failureOptions: read('fo', parseFailureOptions) ?? ['0'],
    // Who writes t= knows that pct= is gone. RFC 9989 App. A.6
    percent: testing === undefined ? percent : undefined,
    failureFormats: read('rf', parseFormats),
    intervalSeconds: read('ri', (value) => (SECONDS.test(value) ? Number(value) : undefined)),
  }
}

/** Without a valid p, or with a wrong sp or np: `none` where reports are wanted, nothing at all where not. RFC 9989 §4.10.1 */
function withPolicies(record: DmarcRecord, bad: ReadonlySet<string>): DmarcRecord {
  if (record.policy !== undefined && !bad.has('sp') && !bad.has('np')) return record
  const policy = record.aggregateUris.length > 0 ? 'none' : undefined
  return { ...record, policy, subdomainPolicy: undefined, nonexistentPolicy: undefined }
}

function oneOf<const Word extends string>(...words: readonly Word[]): (value: string) => Word | undefined {
  return (value) => words.find((word) => word === value.toLowerCase())
}

// dmarc-fo: "0" or "1", "d", "s" in any order, each once, "0" and "1" not both; RFC 7489 §6.4 wrote 0:1:d:s without that bound
function parseFailureOptions(value: string): readonly FailureOption[] | undefined {
  const options = value.split(':', MAX_OPTIONS).map((option) => oneOf('0', '1', 'd', 's')(trimFws(option)))
  const known = options.filter((option) => option !== undefined)
  return known.length === 0 ? undefined : [...new Set(known)]
}

// rf = Keyword *( ":" Keyword )      RFC 7489 §6.3
function parseFormats(value: string): readonly string[] | undefined {
  const formats = value.split(':', MAX_OPTIONS).map((format) => trimFws(format).toLowerCase())
  return formats.every((format) => KEYWORD.test(format)) ? [...new Set(formats)] : undefined
}

// dmarc-version = "v" equals %s"DMARC1"
const VERSION = /^[vV][ \t]*=[ \t]*DMARC1[ \t]*$/
const KNOWN_TAGS = new Set('p sp np adkim aspf psd t pct rua ruf fo rf ri'.split(' '))
const PERCENT = /^[0-9]{1,3}$/
const SECONDS = /^[0-9]{1,10}$/
const KEYWORD = /^[a-z0-9-]{1,32}$/
const MAX_OPTIONS = 8
