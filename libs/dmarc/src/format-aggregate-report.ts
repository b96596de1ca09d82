// Writes aggregate reports: the XML, the name of the file and the subject of the mail that carries it.
// Law: the writer is stricter than the reader; whatever text stands in a report, it can end no element.
// RFC 9990 §3.1 (content, in this order), §3.5.1 (Report-ID), §3.5.2 (file name, subject), App. A

import type { DomainName } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import type { AggregateReport, PublishedPolicy, ReportRecord } from './aggregate-report.ts'
import { escapeXml } from './xml.ts'

/** The document, UTF-8. Extensions are not written. */
export function formatAggregateReport(report: AggregateReport): Uint8Array {
  const { beginSeconds, endSeconds } = report
  const lines: string[] = ['<?xml version="1.0" encoding="UTF-8"?>', `<feedback xmlns="${NAMESPACE}">`]
  lines.push(...leaf('  ', 'version', report.version))
  lines.push('  <report_metadata>')
  lines.push(...leaf('    ', 'org_name', report.organization))
  lines.push(...leaf('    ', 'email', report.email))
  lines.push(...leaf('    ', 'extra_contact_info', report.extraContact))
  lines.push(...leaf('    ', 'report_id', report.reportId))
  lines.push('    <date_range>')
  lines.push(...leaf('      ', 'begin', seconds(beginSeconds)), ...leaf('      ', 'end', seconds(endSeconds)))
  lines.push('    </date_range>')
  for (const error of report.errors) lines.push(...leaf('    ', 'error', error))
  lines.push(...leaf('    ', 'generator', report.generator))
  lines.push('  </report_metadata>', ...policyLines(report.policy))
  for (const record of report.records) lines.push(...recordLines(record))
  lines.push('</feedback>', '')
  return encodeUtf8(lines.join('\n'))
}

// filename = receiver "!" policy-domain "!" begin-timestamp "!" end-timestamp [ "!" unique-id ] "." extension
/** RFC 9990 §3.5.2. `uniqueId`: letters and digits. */
export function reportFileName(
  receiver: DomainName,
  report: AggregateReport,
  extension: 'xml' | 'xml.gz',
  uniqueId?: string,
): string {
  if (uniqueId !== undefined && !UNIQUE_ID.test(uniqueId))
    throw new Error(`Cannot name a report: "${uniqueId}" is not letters and digits`)
  const parts = [receiver, report.policy.domain, seconds(report.beginSeconds), seconds(report.endSeconds)]
  return `${[...parts, ...(uniqueId === undefined ? [] : [uniqueId])].join('!')}.${extension}`
}

/** `Report Domain: example.com Submitter: mail.receiver.example Report-ID: <id>`. RFC 9990 §3.5.2 */
export function reportSubject(receiver: DomainName, policyDomain: DomainName, reportId: string): string {
  return `Report Domain: ${policyDomain} Submitter: ${receiver} Report-ID: <${reportId}>`
}

/** Whether it may be a Report-ID: `dot-atom ["@" dot-atom]`. RFC 9990 §3.5.1 */
export function isReportId(text: string): boolean {
  const [left = '', right, ...more] = text.split('@')
  return more.length === 0 && isDotAtom(left) && (right === undefined || isDotAtom(right))
}

const isDotAtom = (text: string): boolean => text.length <= 128 && text.split('.').every((atom) => ATOM.test(atom))

function policyLines(policy: PublishedPolicy): readonly string[] {
  const { dkimAlignment, spfAlignment, testing, percent } = policy
  return [
    '  <policy_published>',
    ...leaf('    ', 'domain', policy.domain),
    ...leaf('    ', 'discovery_method', policy.discoveryMethod),
    ...leaf('    ', 'p', policy.policy),
    ...leaf('    ', 'sp', policy.subdomainPolicy),
    ...leaf('    ', 'np', policy.nonexistentPolicy),
    ...leaf('    ', 'fo', policy.failureOptions),
    ...leaf('    ', 'adkim', dkimAlignment && dkimAlignment.charAt(0)),
    ...leaf('    ', 'aspf', spfAlignment && spfAlignment.charAt(0)),
    ...leaf('    ', 'testing', testing === undefined ? undefined : testing ? 'y' : 'n'),
    ...leaf('    ', 'pct', percent?.toString()),
    '  </policy_published>',
  ]
}

function recordLines(record: ReportRecord): readonly string[] {
  const lines: string[] = ['  <record>', '    <row>']
  lines.push(...leaf('      ', 'source_ip', record.sourceIp), ...leaf('      ', 'count', String(record.count)))
  lines.push('      <policy_evaluated>')
  lines.push(...leaf('        ', 'disposition', record.disposition))
  lines.push(...leaf('        ', 'dkim', record.dkim), ...leaf('        ', 'spf', record.spf))
  for (const { type, comment } of record.reasons)
    lines.push(
      '        <reason>',
      ...leaf('          ', 'type', type),
      ...leaf('          ', 'comment', comment),
      '        </reason>',
    )
  lines.push('      </policy_evaluated>', '    </row>', '    <identifiers>')
  lines.push(...leaf('      ', 'header_from', record.headerFrom))
  lines.push(...leaf('      ', 'envelope_from', record.envelopeFrom))
  lines.push(...leaf('      ', 'envelope_to', record.envelopeTo))
  lines.push('    </identifiers>', '    <auth_results>')
  for (const { domain, selector, result, humanResult } of record.dkimResults) {
    lines.push('      <dkim>', ...leaf('        ', 'domain', domain), ...leaf('        ', 'selector', selector))
    lines.push(...leaf('        ', 'result', result), ...leaf('        ', 'human_result', humanResult), '      </dkim>')
  }
  for (const { domain, scope, result, humanResult } of record.spfResults) {
    lines.push('      <spf>', ...leaf('        ', 'domain', domain), ...leaf('        ', 'scope', scope))
    lines.push(...leaf('        ', 'result', result), ...leaf('        ', 'human_result', humanResult), '      </spf>')
  }
  return [...lines, '    </auth_results>', '  </record>']
}

/** None where there is no text. */
function leaf(indent: string, name: string, text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`${indent}<${name}>${escapeXml(text)}</${name}>`]
}

const seconds = (value: number): string => String(Math.trunc(value))

const NAMESPACE = 'urn:ietf:params:xml:ns:dmarc-2.0'
const UNIQUE_ID = /^[A-Za-z0-9]{1,64}$/
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,128}$/
