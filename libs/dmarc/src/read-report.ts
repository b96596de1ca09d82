// Whatever reports come as: a mail with attachments, an archive, a bare document. What it is is told by its octets, not by
// what it is called. A bad attachment beside a good one is said and passed over; all of them together have one budget.
// RFC 9990 §3.5.2 (mail); RFC 6591 §2 (failure reports); RFC 8460 §5.3 (TLS reports, which are none of ours)

import { type MessageTree, parseMessage, type Part, walkParts } from '@scop/mime'
import { decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type FailureReportError, type ParsedFailureReport, readFailureReport } from './failure-report.ts'
import { REPORT_LIMITS, type ReportLimits } from './limits.ts'
import { decodedBody } from './mail-part.ts'
import {
  type AggregateReportError,
  type ParsedAggregateReport,
  parseAggregateReport,
} from './parse-aggregate-report.ts'
import type { UnfoldError } from './zip.ts'

/** The documents that octets hold: those of an archive, or the octets themselves. `@scop/dmarc/node` has one. */
export type Unfold = (octets: Uint8Array, limits: ReportLimits) => Result<readonly Uint8Array[], UnfoldError>

/** Why one attachment, or one document, is no report. */
export type DocumentError =
  | AggregateReportError
  | UnfoldError
  | { readonly kind: 'empty' }
  /** RFC 8460: about TLS, not about DMARC. */
  | { readonly kind: 'tls-report' }
  | { readonly kind: 'not-a-document' }

export type ReadReport = {
  /** At least one, or `failure`. */
  readonly aggregates: readonly ParsedAggregateReport[]
  readonly failure: ParsedFailureReport | undefined
  /** What else was attached and looked like a report. */
  readonly refused: readonly DocumentError[]
}

export type ReadReportError =
  | DocumentError
  | FailureReportError
  /** A mail, and nothing in it looks like a report. */
  | { readonly kind: 'no-report-in-mail' }

export function readReport(
  octets: Uint8Array,
  unfold: Unfold,
  limits: ReportLimits = REPORT_LIMITS,
): Result<ReadReport, ReadReportError> {
  if (octets.length === 0) return err({ kind: 'empty' })
  if (octets.length > limits.mailOctets) return err({ kind: 'report-too-long', limit: limits.mailOctets })
  const form = formOf(octets)
  if (form === 'other') return readReportMail(octets, unfold, limits)
  const reader = new Reader(unfold, limits)
  reader.read(octets)
  return reader.finish({ kind: 'not-a-document' })
}

/** A mail with reports in it. */
export function readReportMail(
  message: Uint8Array,
  unfold: Unfold,
  limits: ReportLimits = REPORT_LIMITS,
): Result<ReadReport, ReadReportError> {
  const tree = parseMessage(message)
  const failure = readFailureReport(message, tree, limits)
  if (failure.ok) return ok({ aggregates: [], failure: failure.value, refused: [] })
  if (failure.error.kind !== 'not-a-failure-report') return failure
  const reader = new Reader(unfold, limits)
  let attachments = 0
  for (const part of attachmentsOf(tree)) {
    const decoded = decodedBody(message, part)
    if (/^application\/tlsrpt\b/.test(part.type)) reader.refuse({ kind: 'tls-report' })
    else if (looksLikeReport(part, decoded) && ++attachments <= limits.attachments) reader.read(decoded)
  }
  return reader.finish({ kind: 'no-report-in-mail' })
}

class Reader {
  readonly #unfold: Unfold
  readonly #limits: ReportLimits
  readonly #aggregates: ParsedAggregateReport[] = []
  readonly #refused: DocumentError[] = []
  /** Octets that may still unfold. */
  #left: number

  constructor(unfold: Unfold, limits: ReportLimits) {
    this.#unfold = unfold
    this.#limits = limits
    this.#left = limits.reportOctets
  }

  read(octets: Uint8Array): void {
    const unfolded = this.#unfold(octets, { ...this.#limits, reportOctets: this.#left })
    if (!unfolded.ok) return this.refuse(unfolded.error)
    for (const document of unfolded.value) {
      this.#left = Math.max(0, this.#left - document.length)
      const parsed = readDocument(document, this.#limits)
      if (parsed.ok) this.#aggregates.push(parsed.value)
      else this.refuse(parsed.error)
    }
  }

  refuse(error: DocumentError): void {
    this.#refused.push(error)
  }

  finish(otherwise: ReadReportError): Result<ReadReport, ReadReportError> {
    const [refused] = this.#refused
    if (this.#aggregates.length === 0) return err(refused ?? otherwise)
    return ok({ aggregates: this.#aggregates, failure: undefined, refused: this.#refused })
  }
}

function readDocument(document: Uint8Array, limits: ReportLimits): Result<ParsedAggregateReport, DocumentError> {
  switch (formOf(document)) {
    case 'empty':
      return err({ kind: 'empty' })
    case 'xml':
      return parseAggregateReport(document, limits)
    case 'json':
      return err({ kind: TLS_REPORT.test(decodeLatin1(document.subarray(0, 2048))) ? 'tls-report' : 'not-a-document' })
    default:
      return err({ kind: 'not-a-document' })
  }
}

/** By the first octets that are no white space. */
function formOf(octets: Uint8Array): 'empty' | 'xml' | 'json' | 'archive' | 'other' {
  if (octets[0] === 0x1f && octets[1] === 0x8b) return 'archive'
  if (octets[0] === 0x50 && octets[1] === 0x4b && octets[2] === 3 && octets[3] === 4) return 'archive'
  // a mark, and the zeros of UTF-16, are no text
  const first = octets.find((octet) => !BLANK.has(octet))
  if (first === undefined) return 'empty'
  return first === LESS_THAN ? 'xml' : first === BRACE ? 'json' : 'other'
}

function attachmentsOf(tree: MessageTree): readonly Part[] {
  return [...walkParts(tree.root)].filter(({ content }) => content.kind === 'leaf')
}

/** Text that is read by people is a report only where it is one from its first octet on; HTML is XML to no reader of reports. */
function looksLikeReport(part: Part, decoded: Uint8Array): boolean {
  const form = formOf(decoded)
  if (form === 'archive') return true
  if (part.type === 'text/html' || part.type === 'application/xhtml+xml') return false
  if (form === 'xml' && part.type === 'text/plain') return decodeLatin1(decoded.subarray(0, 4096)).includes('<feedback')
  if (form === 'xml') return true
  return form === 'json' && part.type !== 'text/plain'
}

const LESS_THAN = 0x3c
const BRACE = 0x7b
const BLANK = new Set([0x20, 0x09, 0x0d, 0x0a, 0, 0xef, 0xbb, 0xbf, 0xfe, 0xff])
const TLS_REPORT = /"(?:organization-name|policies|report-id)"/
