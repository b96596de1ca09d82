// The mail that carries an aggregate report: a text for people, the report as gzip.            RFC 9990 §3.5.2

import type { DomainName } from '@scop/identifiers'
import { formatContentDisposition } from '@scop/mime'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { type AggregateReport, messageCount } from './aggregate-report.ts'
import { composeMail, type MailFrame } from './compose-mail.ts'
import { formatAggregateReport, isReportId, reportFileName, reportSubject } from './format-aggregate-report.ts'

export type ReportMailOptions = MailFrame & {
  /** Who reports: the name under which this receiver is known. */
  readonly receiver: DomainName
  /** Letters and digits; where one domain has several senders of reports. */
  readonly uniqueId?: string
  /** Gzip: `fold` of @scop/dmarc/node. */
  readonly fold: (octets: Uint8Array) => Uint8Array
}

/** `report.policy.domain` must be a domain name and `report.reportId` a Report-ID: ours are. */
export function formatReportMail(
  report: AggregateReport & { readonly policy: { readonly domain: DomainName } },
  options: ReportMailOptions,
): Uint8Array {
  const { receiver, uniqueId, fold } = options
  if (!isReportId(report.reportId)) throw new Error(`Cannot send a report: "${report.reportId}" is no Report-ID`)
  const { domain } = report.policy
  const file = reportFileName(receiver, report, 'xml.gz', uniqueId)
  const parameters = [{ name: 'filename', value: file }]
  const disposition = expectOk(formatContentDisposition({ disposition: 'attachment', parameters }), 'name the report')
  const text = [
    `This is a DMARC aggregate report for ${domain}`,
    `from ${receiver}:`,
    `${messageCount(report)} messages in ${report.records.length} records.`,
    '',
  ]
  const subject = reportSubject(receiver, domain, report.reportId)
  return composeMail(options, subject, 'multipart/mixed', [
    {
      contentType: 'text/plain; charset=us-ascii',
      disposition: undefined,
      encoding: '7bit',
      body: encodeAscii(text.join('\r\n')),
    },
    {
      contentType: 'application/gzip',
      disposition,
      encoding: 'base64',
      body: fold(formatAggregateReport(report)),
    },
  ])
}
