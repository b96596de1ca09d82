// Why something was no report, for people; no foreign text.

import type { ReadReportError } from './read-report.ts'

export function describeReportError(error: ReadReportError): string {
  switch (error.kind) {
    case 'not-well-formed':
      return `not well-formed XML: ${words(error.why)} at character ${error.at}`
    case 'not-a-dmarc-report':
      return 'XML, but no DMARC report'
    case 'tls-report':
      return 'a report about TLS (RFC 8460), not about DMARC'
    case 'bad-count':
      return `record ${error.record} does not say of how many messages it is`
    case 'no-date-range':
      return 'no period'
    case 'no-policy-domain':
      return 'no domain that it is about'
    case 'no-report-in-mail':
      return 'a mail without a report'
    case 'other-feedback':
      return 'feedback of another type than auth-failure'
    case 'report-too-long':
      return `longer than ${error.limit} octets`
    case 'unfolds-too-far':
      return `unfolds to more than ${error.limit} octets`
    default:
      return 'limit' in error ? `${words(error.kind)}: more than ${error.limit}` : words(error.kind)
  }
}

const words = (kind: string): string => kind.replaceAll('-', ' ')
