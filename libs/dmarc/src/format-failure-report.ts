// Writes failure reports. They tell a third party of one message and of who it was for: whoever sends them decides that,
// and how much of the header goes along; the body never does.
// RFC 9991 §4 (fields), §7.1 (what is exposed); RFC 6591 §3; RFC 5965 §2, §3

import type { DomainName } from '@scop/identifiers'
import { formatDate, formatField } from '@scop/mime'
import { concatOctets, encodeAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { composeMail, type MailFrame, subjectText } from './compose-mail.ts'
import type { FailureReport } from './failure-report.ts'

export type FailureMailOptions = MailFrame & {
  readonly receiver: DomainName
  readonly report: FailureReport
  /** The header section of the message, without its empty line; undefined sends none. */
  readonly header: Uint8Array | undefined
}

/** `bad-field`: a text of the report stands in no field, for its length or its controls. */
export type FormatFailureError = { readonly kind: 'bad-field'; readonly name: string }

export function formatFailureMail(options: FailureMailOptions): Result<Uint8Array, FormatFailureError> {
  const { receiver, report, header } = options
  const feedback = formatFeedback(report)
  if (!feedback.ok) return feedback
  const domain = report.reportedDomains[0] ?? 'a domain of yours'
  const text = [
    `This is an authentication failure report from ${receiver}`,
    'for a message that names you as its author and did not pass DMARC.',
    '',
  ]
  const original = { disposition: undefined, encoding: '8bit', contentType: 'text/rfc822-headers' } as const
  const mail = composeMail(
    options,
    subjectText(`DMARC failure report for ${domain}`),
    'multipart/report; report-type=feedback-report',
    [
      {
        contentType: 'text/plain; charset=us-ascii',
        disposition: undefined,
        encoding: '7bit',
        body: encodeAscii(text.join('\r\n')),
      },
      { contentType: 'message/feedback-report', disposition: undefined, encoding: '8bit', body: feedback.value },
      ...(header === undefined ? [] : [{ ...original, body: header }]),
    ],
  )
  return ok(mail)
}

/** The fields of message/feedback-report; `parseFailureReport` reads them back the same. */
export function formatFeedback(report: FailureReport): Result<Uint8Array, FormatFailureError> {
  const { identityAlignment: aligned, arrivalSeconds: arrival } = report
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Feedback-Type', 'auth-failure'],
    ['Version', report.version],
    ['User-Agent', report.userAgent],
    ['Auth-Failure', report.authFailure],
    ['Identity-Alignment', aligned && (aligned.length === 0 ? 'none' : aligned.join(','))],
    ['Delivery-Result', report.deliveryResult],
    ['Arrival-Date', arrival === undefined ? undefined : formatDate(arrival * 1000)],
    ['Source-IP', report.sourceIp],
    ['Source-Port', report.sourcePort?.toString()],
    ['Original-Envelope-Id', report.originalEnvelopeId],
    ['Original-Mail-From', report.originalMailFrom],
    ...report.originalRcptTo.map((recipient) => ['Original-Rcpt-To', recipient] as const),
    ...report.reportedDomains.map((domain) => ['Reported-Domain', domain] as const),
    ...report.authenticationResults.map((results) => ['Authentication-Results', results] as const),
    ['DKIM-Domain', report.dkimDomain],
    ['DKIM-Identity', report.dkimIdentity],
    ['DKIM-Selector', report.dkimSelector],
    ...report.spfDns.map((dns) => ['SPF-DNS', dns] as const),
    ['Incidents', report.incidents === 1 ? undefined : String(report.incidents)],
  ]
  const written: Uint8Array[] = []
  for (const [name, value] of fields) {
    if (value === undefined) continue
    const field = formatField(name, value)
    if (!field.ok) return err({ kind: 'bad-field', name })
    written.push(field.value)
  }
  return ok(concatOctets(written))
}
