// Delivery status notifications: a multipart/report of what happened to whom, for people and for programs.
// RFC 3464 §2 (fields), RFC 6522 §3 (multipart/report), RFC 3461 §6 (what to say), RFC 3834 §5 (Auto-Submitted)

import { type DomainName, formatMailbox, type Mailbox, needsUtf8 } from '@scop/identifiers'
import { concatOctets, decodeLatin1, decodeUtf8, encodeLatin1, encodeUtf8, indexOfOctets, isAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { formatDate } from './date.ts'
import { formatField } from './format-field.ts'

export type RecipientStatus = {
  readonly finalRecipient: Mailbox
  /** ORCPT as it came, decoded: `rfc822;user@example.com`. */
  readonly originalRecipient?: string
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  /** RFC 3463: `5.1.1`. */
  readonly status: `${2 | 4 | 5}.${number}.${number}`
  readonly remoteMta?: DomainName
  /** What the remote server said, as it came; cleaned and cut here. */
  readonly diagnostic?: string
  readonly lastAttemptEpochMilliseconds?: number
  readonly willRetryUntilEpochMilliseconds?: number
}

export type DeliveryReport = {
  readonly from: Mailbox
  readonly fromName: string
  readonly to: Mailbox
  readonly subject: string
  /** With its angle brackets. */
  readonly messageId: string
  readonly epochMilliseconds: number
  readonly reportingMta: DomainName
  /** ENVID of the original, decoded. */
  readonly originalEnvelopeId?: string
  readonly arrivalEpochMilliseconds?: number
  readonly recipients: readonly RecipientStatus[]
  /** Plain text for people, any line ends; written as UTF-8. */
  readonly text: string
  /** The header section of the original, with or without its empty line. */
  readonly originalHeader: Uint8Array
  /** Random letters and digits, 16 to 60; lengthened here where the content happens to hold it. */
  readonly boundary: string
}

/** The whole message: header section, empty line, body; CRLF throughout. Send it with the null reverse-path. */
export function formatDeliveryStatus(report: DeliveryReport): Uint8Array {
  if (!BOUNDARY.test(report.boundary)) throw new Error(`Cannot write a report: boundary "${report.boundary}"`)
  if (report.recipients.length === 0) throw new Error('Cannot write a report: of no recipient')
  const text = encodeUtf8(plainLines(report.text))
  const machine = formatStatusFields(report)
  const original = plainHeader(report.originalHeader)
  const boundary = freeBoundary(report.boundary, [text, machine, original])
  const header = [
    field('From', `${quote(report.fromName)} <${formatMailbox(report.from)}>`),
    field('To', `<${formatMailbox(report.to)}>`),
    field('Subject', clean(report.subject)),
    field('Date', formatDate(report.epochMilliseconds)),
    field('Message-ID', report.messageId),
    field('Auto-Submitted', 'auto-replied'),
    field('MIME-Version', '1.0'),
    field('Content-Transfer-Encoding', bits(concatOctets([text, original]))),
    field('Content-Type', `multipart/report; report-type=delivery-status; boundary="${boundary}"`),
  ]
  return concatOctets([
    ...header,
    encodeUtf8(`\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n`),
    encodeUtf8(`Content-Transfer-Encoding: ${bits(text)}\r\n\r\n`),
    text,
    encodeUtf8(`\r\n--${boundary}\r\nContent-Type: message/delivery-status\r\n\r\n`),
    machine,
    encodeUtf8(`\r\n--${boundary}\r\nContent-Type: text/rfc822-headers\r\n`),
    encodeUtf8(`Content-Transfer-Encoding: ${bits(original)}\r\n\r\n`),
    original,
    encodeUtf8(`\r\n--${boundary}--\r\n`),
  ])
}

// delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )      RFC 3464 §2.1
// todo RFC 6533 §3: message/global-delivery-status with utf-8 addresses; here they are written in the utf-8-addr-xtext form
function formatStatusFields(report: DeliveryReport): Uint8Array {
  const fields: Uint8Array[] = []
  if (report.originalEnvelopeId !== undefined)
    fields.push(field('Original-Envelope-Id', ascii(report.originalEnvelopeId)))
  fields.push(field('Reporting-MTA', `dns; ${report.reportingMta}`))
  if (report.arrivalEpochMilliseconds !== undefined) {
    fields.push(field('Arrival-Date', formatDate(report.arrivalEpochMilliseconds)))
  }
  for (const recipient of report.recipients) {
    fields.push(CRLF)
    if (recipient.originalRecipient !== undefined) {
      fields.push(field('Original-Recipient', ascii(recipient.originalRecipient)))
    }
    fields.push(field('Final-Recipient', formatFinalRecipient(recipient.finalRecipient)))
    fields.push(field('Action', recipient.action), field('Status', recipient.status))
    if (recipient.remoteMta !== undefined) fields.push(field('Remote-MTA', `dns; ${recipient.remoteMta}`))
    if (recipient.diagnostic !== undefined)
      fields.push(field('Diagnostic-Code', `smtp; ${ascii(recipient.diagnostic)}`))
    if (recipient.lastAttemptEpochMilliseconds !== undefined) {
      fields.push(field('Last-Attempt-Date', formatDate(recipient.lastAttemptEpochMilliseconds)))
    }
    if (recipient.willRetryUntilEpochMilliseconds !== undefined) {
      fields.push(field('Will-Retry-Until', formatDate(recipient.willRetryUntilEpochMilliseconds)))
    }
  }
  return concatOctets(fields)
}

function formatFinalRecipient(mailbox: Mailbox): string {
  const text = formatMailbox(mailbox)
  if (!needsUtf8(mailbox)) return `rfc822; ${text}`
  // utf-8-addr-xtext: \x{hex} for every character that is not printable ASCII, and for backslash, plus and equals
  const escaped = text.replace(
    /[^!-*,-<>-[\]-~]/gu,
    (char) => `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  )
  return `utf-8; ${escaped}`
}

const bits = (octets: Uint8Array): string => (isAscii(octets) ? '7bit' : '8bit')
const field = (name: string, value: string): Uint8Array => expectOk(formatField(name, value), `write ${name}`)

/** Foreign text on one line, in words that always fit. */
function clean(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed().replace(CONTROLS, ' ').replace(LONG_WORD, '$& ').trim()
}

const ascii = (text: string): string => clean(text).replace(/[^\x20-\x7e]/g, '?')
const quote = (text: string): string => `"${clean(text).replace(/["\\]/g, '\\$&')}"`
/** CRLF throughout, no other control but TAB, no line that a transport would refuse. */
function plainLines(text: string, cut = '\n'): string {
  const lines = text.toWellFormed().replace(/\r\n?/g, '\n').replace(UNPRINTABLE, '?')
  return lines.replace(LONG_LINE, `$&${cut}`).replaceAll('\n', '\r\n')
}

/** A header section without its empty line, ended with CRLF; lines that no transport would carry are folded. */
function plainHeader(header: Uint8Array): Uint8Array {
  let end = header.length
  while (end > 0 && (header[end - 1] === 0x0a || header[end - 1] === 0x0d)) end--
  const octets = header.subarray(0, end)
  const text = decodeUtf8(octets)
  const lines = plainLines(text.ok ? text.value : decodeLatin1(octets), '\n ')
  const whole = lines === '' ? '' : `${lines}\r\n`
  return text.ok ? encodeUtf8(whole) : encodeLatin1(whole)
}

function freeBoundary(wanted: string, contents: readonly Uint8Array[]): string {
  let boundary = wanted
  for (let i = 0; contents.some((content) => indexOfOctets(content, encodeUtf8(boundary)) >= 0); i++) {
    boundary = `${wanted}-${i}`
  }
  return boundary
}

const BOUNDARY = /^[A-Za-z0-9]{16,60}$/
const MAX_TEXT = 2000
const LONG_WORD = /[^ \t]{200}(?=[^ \t])/gu // 800 octets at most
const LONG_LINE = /[^\n]{240}(?=[^\n])/gu // 960 octets at most
// oxlint-disable-next-line no-control-regex -- they are what is replaced
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f]/g
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g
const CRLF = encodeUtf8('\r\n')
