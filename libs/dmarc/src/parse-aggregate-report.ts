// Reads aggregate reports as they come: of both editions and their drafts, with what is odd noted, and refused where the
// numbers are not certain. Law: bounded whatever is sent; what is counted is never guessed.
// RFC 9990 §3.1, App. A; RFC 7489 App. C
// Quirks, each with where it is seen: words in upper case ("Pass", parsedmarc's samples); an empty reason (same); `identities`
// for `identifiers` (drafts before RFC 7489); text around `feedback` that is not closed (ikea.com: a schema's start tag);
// octets that are no UTF-8 in a document that says it is; results without a selector (backschues.net).

import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import type {
  AggregateReport,
  DkimAuthResult,
  OverrideReason,
  PublishedPolicy,
  ReportExtension,
  ReportRecord,
  SpfAuthResult,
} from './aggregate-report.ts'
import { REPORT_LIMITS, type ReportLimits } from './limits.ts'
import { ElementReader, type NoteDefect, type ReportDefect, type ReportElement } from './report-element.ts'
import {
  ALIGNED,
  DISPOSITIONS,
  DKIM_WORDS,
  METHODS,
  MODES,
  OVERRIDES,
  POLICIES,
  SCOPES,
  SPF_WORDS,
  YES_NO,
} from './report-words.ts'
import { decodeXml } from './xml-text.ts'
import { readXml, type XmlError } from './xml.ts'

export type ParsedAggregateReport = {
  readonly report: AggregateReport
  readonly defects: readonly ReportDefect[]
}

export type AggregateReportError =
  | { readonly kind: 'report-too-long'; readonly limit: number }
  | { readonly kind: 'not-well-formed'; readonly why: XmlError['kind']; readonly at: number }
  /** XML, and nothing in it is `feedback`. */
  | { readonly kind: 'not-a-dmarc-report' }
  | { readonly kind: 'too-many-records'; readonly limit: number }
  | { readonly kind: 'too-many-elements'; readonly limit: number }
  | { readonly kind: 'no-date-range' }
  | { readonly kind: 'no-policy-domain' }
  /** How many messages a record is about cannot be read. `record`: from 0. */
  | { readonly kind: 'bad-count'; readonly record: number }

export function parseAggregateReport(
  octets: Uint8Array,
  limits: ReportLimits = REPORT_LIMITS,
): Result<ParsedAggregateReport, AggregateReportError> {
  if (octets.length > limits.reportOctets) return err({ kind: 'report-too-long', limit: limits.reportOctets })
  const { text, damaged } = decodeXml(octets)
  const collector = new Collector(limits)
  if (damaged) collector.note('damaged-text', '')
  const read = readXml(text, collector)
  if (collector.error !== undefined) return err(collector.error)
  if (!read.ok) return err({ kind: 'not-well-formed', why: read.error.kind, at: read.error.at })
  return collector.finish()
}

/** Takes the parts of `feedback` one at a time, so that only one is a tree. */
class Collector {
  error: AggregateReportError | undefined
  readonly #limits: ReportLimits
  readonly #defects: ReportDefect[] = []
  readonly #noted = new Set<string>()
  /** What stands before the name of `feedback`: `dmarc:`, mostly nothing. */
  #prefix: string | undefined
  readonly #open: (ReportElement | undefined)[] = []
  #elements = 0
  readonly #head: ReportElement = element('feedback', new Map())
  readonly #records: ReportRecord[] = []

  constructor(limits: ReportLimits) {
    this.#limits = limits
  }

  readonly note: NoteDefect = (kind, name) => {
    const key = `${kind} ${name}`
    if (this.#noted.has(key) || this.#defects.length >= this.#limits.defects) return
    this.#noted.add(key) // once for all records
    this.#defects.push({ kind, element: name })
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#prefix === undefined) {
      const local = name.slice(name.indexOf(':') + 1)
      if (local === 'feedback') this.#prefix = name.slice(0, name.length - local.length)
      return
    }
    const { recordElements } = this.#limits
    if (++this.#elements > recordElements) this.error ??= { kind: 'too-many-elements', limit: recordElements }
    if (this.error !== undefined) return
    this.#open.push(element(this.#ownName(name), attributes))
  }

  text(text: string): void {
    const inner = this.#open.at(-1)
    // one more than is kept, so that it is seen to be cut
    if (inner !== undefined && inner.text.length <= this.#limits.textCharacters * 2) inner.text += text
  }

  close(): void | 'stop' {
    if (this.error !== undefined) return 'stop'
    if (this.#prefix === undefined) return undefined
    const closed = this.#open.pop()
    if (closed === undefined) return 'stop' // feedback itself: what stands behind it is not read
    const parent = this.#open.at(-1)
    if (parent !== undefined) parent.children.push(closed)
    else if (closed.name === 'record') return this.#record(closed)
    else this.#head.children.push(closed)
    return undefined
  }

  finish(): Result<ParsedAggregateReport, AggregateReportError> {
    if (this.#prefix === undefined) return err({ kind: 'not-a-dmarc-report' })
    const head = new ElementReader(this.#head, '', this.#limits, this.note)
    const metadata = head.child('report_metadata')
    const range = metadata.child('date_range')
    const [begin, end] = [range.number('begin', MAX_SECONDS), range.number('end', MAX_SECONDS)]
    if (begin === undefined || end === undefined) return err({ kind: 'no-date-range' })
    if (begin > end) this.note('reversed-date-range', 'report_metadata/date_range')
    const published = head.child('policy_published')
    if (published.filled('domain') === undefined) return err({ kind: 'no-policy-domain' })
    if (this.#records.length === 0) this.note('no-record', '')
    const report: AggregateReport = {
      version: head.filled('version'),
      organization: metadata.required('org_name'),
      email: metadata.required('email'),
      extraContact: metadata.filled('extra_contact_info'),
      reportId: metadata.required('report_id'),
      beginSeconds: begin,
      endSeconds: end,
      errors: metadata.children('error').flatMap((one) => one.own() || []),
      generator: metadata.filled('generator'),
      policy: readPolicy(published),
      records: this.#records,
      extensions: extensionsOf(this.#head, this.#limits),
    }
    return ok({ report, defects: this.#defects })
  }

  #record(closed: ReportElement): void | 'stop' {
    this.#elements = 0
    const { records: limit, count: most } = this.#limits
    if (this.#records.length === limit) {
      this.error = { kind: 'too-many-records', limit }
      return 'stop'
    }
    const record = readRecord(closed, this.#limits, this.note)
    if (record === undefined || record.count > most) {
      this.error = { kind: 'bad-count', record: this.#records.length }
      return 'stop'
    }
    this.#records.push(record)
    return undefined
  }

  /**
   * Ours are those with the prefix of `feedback` and those without any, as the first edition's schema has it (AOL: only
   * the root has one). An element of another namespace keeps its prefix, and so is none that is looked for.
   */
  #ownName(name: string): string {
    const prefix = this.#prefix ?? ''
    return name.startsWith(prefix) ? name.slice(prefix.length) : name
  }
}

function readPolicy(published: ElementReader): PublishedPolicy {
  return {
    domain: published.domain('domain') ?? '',
    policy: published.word('p', POLICIES),
    subdomainPolicy: published.word('sp', POLICIES),
    nonexistentPolicy: published.word('np', POLICIES),
    dkimAlignment: published.word('adkim', MODES),
    spfAlignment: published.word('aspf', MODES),
    testing: published.word('testing', YES_NO) === undefined ? undefined : published.word('testing', YES_NO) === 'y',
    discoveryMethod: published.word('discovery_method', METHODS),
    failureOptions: published.filled('fo'),
    percent: published.number('pct', 100),
  }
}

function readRecord(closed: ReportElement, limits: ReportLimits, note: NoteDefect): ReportRecord | undefined {
  const record = new ElementReader(closed, 'record', limits, note)
  const row = record.child('row')
  const count = row.number('count', Number.MAX_SAFE_INTEGER)
  if (count === undefined) return undefined
  const evaluated = row.child('policy_evaluated')
  const identities = record.child('identities')
  const identifiers = identities.exists ? identities : record.child('identifiers')
  const results = record.child('auth_results')
  return {
    sourceIp: readAddress(row, note),
    count,
    disposition: evaluated.word('disposition', DISPOSITIONS),
    dkim: evaluated.word('dkim', ALIGNED),
    spf: evaluated.word('spf', ALIGNED),
    reasons: evaluated.children('reason').flatMap(readReason),
    headerFrom: identifiers.required('header_from') && (identifiers.domain('header_from') ?? ''),
    envelopeFrom: identifiers.domain('envelope_from'),
    envelopeTo: identifiers.domain('envelope_to') || undefined,
    dkimResults: results.children('dkim').map(readDkim),
    spfResults: results.children('spf').map(readSpf),
    extensions: extensionsOf(closed, limits),
  }
}

function readAddress(row: ElementReader, note: NoteDefect): IpAddress | undefined {
  const address = parseIpAddress(row.required('source_ip'))
  if (address.ok) return address.value
  note('bad-address', 'record/row/source_ip')
  return undefined
}

function readReason(reason: ElementReader): readonly OverrideReason[] {
  const comment = reason.filled('comment')
  const type = reason.word('type', OVERRIDES)
  if (type === undefined && comment === undefined && reason.filled('type') === undefined) return []
  return [{ type: type ?? 'other', comment }]
}

const readDkim = (result: ElementReader): DkimAuthResult => ({
  domain: result.domain('domain') ?? '',
  selector: result.filled('selector'),
  result: result.word('result', DKIM_WORDS),
  humanResult: result.filled('human_result'),
})

const readSpf = (result: ElementReader): SpfAuthResult => ({
  domain: result.domain('domain') ?? '',
  scope: result.word('scope', SCOPES),
  result: result.word('result', SPF_WORDS),
  humanResult: result.filled('human_result'),
})

/** `<extension name="…" definition="…">` within `extensions`, and elements of other namespaces. RFC 9990 §4 */
function extensionsOf(parent: ReportElement, limits: ReportLimits): readonly ReportExtension[] {
  const found: ReportExtension[] = []
  for (const child of parent.children) {
    if (child.name.includes(':')) found.push({ name: child.name, definition: undefined })
    if (child.name !== 'extensions' && child.name !== 'extension') continue
    const named = child.name === 'extension' && child.attributes.has('name') ? [child] : child.children
    for (const one of named) {
      const name = one.attributes.get('name') ?? one.name
      found.push({ name, definition: one.attributes.get('definition') })
    }
  }
  return found.slice(0, limits.results)
}

const element = (name: string, attributes: ReadonlyMap<string, string>): ReportElement => ({
  name,
  attributes,
  children: [],
  text: '',
})

const MAX_SECONDS = 253_402_300_799 // the end of the year 9999
