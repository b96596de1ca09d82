// Failure reports: what a receiver says of one message that did not pass, as mail in the abuse report format.
// RFC 9991 §4 (Identity-Alignment, type dmarc); RFC 6591 §3 (fields of auth-failure); RFC 5965 §3 (the format)
// Quirks, each with where it is seen: multipart/mixed around it (Netease); a text without any feedback part (Exim's ruf).

import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import {
  bodyRange,
  fieldsNamed,
  type HeaderSection,
  type MessageTree,
  parseDate,
  parseHeaderSection,
  parseMessage,
  type Part,
  walkParts,
} from '@scop/mime'
import { concatOctets, decodeLatin1, encodeAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { REPORT_LIMITS, type ReportLimits } from './limits.ts'
import { decodedBody } from './mail-part.ts'

/** Texts are foreign, as written, and at most `textCharacters` long. */
export type FailureReport = {
  readonly version: string | undefined
  readonly userAgent: string | undefined
  /** `dmarc`, `dkim`, `spf`, …: what failed, lower case. */
  readonly authFailure: string | undefined
  /** The mechanisms that authenticated no aligned identity; empty where it says `none`. RFC 9991 §4 */
  readonly identityAlignment: readonly ('dkim' | 'spf')[] | undefined
  readonly reportedDomains: readonly string[]
  readonly sourceIp: IpAddress | undefined
  readonly sourcePort: number | undefined
  readonly originalMailFrom: string | undefined
  readonly originalRcptTo: readonly string[]
  readonly originalEnvelopeId: string | undefined
  /** Since 1970. */
  readonly arrivalSeconds: number | undefined
  /** `delivered`, `spam`, `policy`, `reject`, `other`, or what else is written; lower case. */
  readonly deliveryResult: string | undefined
  readonly authenticationResults: readonly string[]
  readonly dkimDomain: string | undefined
  readonly dkimIdentity: string | undefined
  readonly dkimSelector: string | undefined
  readonly spfDns: readonly string[]
  /** How many such messages this one report is about. */
  readonly incidents: number
}

export type ParsedFailureReport = {
  readonly report: FailureReport
  /** The message, or its header, as far as it is kept. */
  readonly original: Uint8Array | undefined
  readonly originalIs: 'message' | 'header' | undefined
}

export type FailureReportError =
  | { readonly kind: 'not-a-failure-report' }
  /** A report of another kind, such as `abuse`. RFC 5965 §7.3 */
  | { readonly kind: 'other-feedback'; readonly type: string }
  | { readonly kind: 'bad-feedback-part' }

export function parseFailureReport(
  message: Uint8Array,
  limits: ReportLimits = REPORT_LIMITS,
): Result<ParsedFailureReport, FailureReportError> {
  return readFailureReport(message, parseMessage(message), limits)
}

/** The same, where the mail has been read already. */
export function readFailureReport(
  message: Uint8Array,
  tree: MessageTree,
  limits: ReportLimits,
): Result<ParsedFailureReport, FailureReportError> {
  const parts = [...walkParts(tree.root)]
  const feedback = parts.find(({ type }) => type === 'message/feedback-report')
  if (feedback === undefined) return readPlainText(message, tree.root, parts, limits)
  const fields = readFields(decodedBody(message, feedback))
  if (fields === undefined) return err({ kind: 'bad-feedback-part' })
  const reader = new FieldReader(fields, limits)
  const type = (reader.one('Feedback-Type') ?? '').toLowerCase()
  if (type === '') return err({ kind: 'bad-feedback-part' })
  if (type !== 'auth-failure') return err({ kind: 'other-feedback', type })
  return ok({
    report: readReportFields(reader),
    ...originalOf(message, parts.slice(parts.indexOf(feedback) + 1), limits),
  })
}

function readReportFields(reader: FieldReader): FailureReport {
  const aligned = reader.one('Identity-Alignment')?.toLowerCase()
  const words = aligned?.split(',').map((word) => word.trim()) ?? []
  const arrival = parseDate(reader.one('Arrival-Date') ?? reader.one('Received-Date') ?? '')
  // A comment may stand behind it: OpenDMARC writes the host's name. RFC 6591 §3.2.6
  const address = parseIpAddress((reader.one('Source-IP') ?? '').replace(/[ \t(].*/, '').replace(/^\[(.*)\]$/, '$1'))
  return {
    version: reader.one('Version'),
    userAgent: reader.one('User-Agent'),
    authFailure: reader.one('Auth-Failure')?.toLowerCase(),
    identityAlignment: aligned === undefined ? undefined : METHODS.filter((method) => words.includes(method)),
    reportedDomains: reader.all('Reported-Domain').map((domain) => domain.toLowerCase()),
    sourceIp: address.ok ? address.value : undefined,
    sourcePort: reader.number('Source-Port', 65_535),
    originalMailFrom: reader.one('Original-Mail-From'),
    originalRcptTo: reader.all('Original-Rcpt-To'),
    originalEnvelopeId: reader.one('Original-Envelope-Id'),
    arrivalSeconds: arrival.ok ? Math.floor(arrival.value.epochMilliseconds / 1000) : undefined,
    deliveryResult: reader.one('Delivery-Result')?.toLowerCase(),
    authenticationResults: reader.all('Authentication-Results'),
    dkimDomain: reader.one('DKIM-Domain')?.toLowerCase(),
    dkimIdentity: reader.one('DKIM-Identity'),
    dkimSelector: reader.one('DKIM-Selector'),
    spfDns: reader.all('SPF-DNS'),
    incidents: reader.number('Incidents', Number.MAX_SAFE_INTEGER) ?? 1,
  }
}

/** The third part: a message, or its header. RFC 6591 §3.1 */
function originalOf(
  message: Uint8Array,
  after: readonly Part[],
  limits: ReportLimits,
): Pick<ParsedFailureReport, 'original' | 'originalIs'> {
  const part = after.find(({ type }) => MESSAGES.has(type) || HEADERS.has(type))
  if (part === undefined) return { original: undefined, originalIs: undefined }
  const { start, end } = bodyRange(part)
  const octets = part.content.kind === 'message' ? message.subarray(start, end) : decodedBody(message, part)
  return {
    original: octets.slice(0, limits.originalOctets),
    originalIs: HEADERS.has(part.type) ? 'header' : 'message',
  }
}

/** Exim's: `Sender Domain: …`, `Sender IP Address: …` and more as text, and behind a line of dashes a copy of the header. */
function readPlainText(
  message: Uint8Array,
  root: Part,
  parts: readonly Part[],
  limits: ReportLimits,
): Result<ParsedFailureReport, FailureReportError> {
  const text = parts.find(({ type }) => type === 'text/plain')
  if (text === undefined || root.type !== 'multipart/report') return err({ kind: 'not-a-failure-report' })
  const body = decodeLatin1(decodedBody(message, text).subarray(0, limits.originalOctets)).replaceAll('\r\n', '\n')
  const dashes = COPY_FOLLOWS.exec(body)
  const said = body.slice(0, dashes?.index ?? body.length)
  const lines = said.split('\n').map((line) => line.trim())
  const value = (name: string): string | undefined => {
    const line = lines.find((one) => one.toLowerCase().startsWith(`${name}:`))
    return (
      line
        ?.slice(name.length + 1)
        .trim()
        .slice(0, limits.textCharacters)
        .trim() || undefined
    )
  }
  const [domain, address] = [value('sender domain'), parseIpAddress(value('sender ip address') ?? '')]
  if (domain === undefined || !address.ok) return err({ kind: 'not-a-failure-report' })
  const copy = dashes === null ? undefined : encodeLatin1Lines(body.slice(dashes.index + dashes[0].length))
  const copied = copy && readFields(copy)
  const reader = new FieldReader(copied, limits)
  const date = parseDate(value('received date') ?? '')
  const alignment = METHODS.filter((method) => value(`${method} alignment`)?.toLowerCase() === 'no')
  const report: FailureReport = {
    ...readReportFields(new FieldReader(undefined, limits)),
    authFailure: 'dmarc',
    identityAlignment: alignment,
    reportedDomains: [domain.toLowerCase()],
    sourceIp: address.value,
    arrivalSeconds: date.ok ? Math.floor(date.value.epochMilliseconds / 1000) : undefined,
    authenticationResults: reader.all('Authentication-Results'),
  }
  return ok({ report, original: copy, originalIs: copy && 'header' })
}

class FieldReader {
  readonly #fields: HeaderSection | undefined
  readonly #limits: ReportLimits

  constructor(fields: HeaderSection | undefined, limits: ReportLimits) {
    this.#fields = fields
    this.#limits = limits
  }

  /** Every value that is not empty, at most `results`. */
  all(name: string): readonly string[] {
    if (this.#fields === undefined) return []
    return fieldsNamed(this.#fields, name)
      .map(({ text }) => text.trim().slice(0, this.#limits.textCharacters).toWellFormed().trim())
      .filter((text) => text !== '')
      .slice(0, this.#limits.results)
  }

  one(name: string): string | undefined {
    return this.all(name).at(0)
  }

  number(name: string, limit: number): number | undefined {
    const text = this.one(name) ?? ''
    return DIGITS.test(text) && Number(text) <= limit ? Number(text) : undefined
  }
}

/** Fields, perhaps behind empty lines, perhaps without a line end at the end. */
function readFields(octets: Uint8Array): HeaderSection | undefined {
  let start = 0
  while (octets[start] === CR || octets[start] === LF) start++
  const parsed = parseHeaderSection(concatOctets([octets.subarray(start), encodeAscii('\r\n\r\n')]))
  return parsed.ok ? parsed.value.header : undefined
}

const encodeLatin1Lines = (text: string): Uint8Array =>
  Uint8Array.from(text.trim().replaceAll('\n', '\r\n'), (one) => one.charCodeAt(0))

const METHODS = ['dkim', 'spf'] as const
const MESSAGES = new Set(['message/rfc822', 'message/global'])
const HEADERS = new Set(['text/rfc822-headers', 'message/rfc822-headers', 'message/global-headers'])
const COPY_FOLLOWS = /^-{4,10} This is a copy of the headers[^\n]{0,200}\n/m
const DIGITS = /^[0-9]{1,15}$/
const CR = 0x0d
const LF = 0x0a
