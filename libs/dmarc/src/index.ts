export { findAuthorDomain } from './author-domain.ts'
export type { AuthorDomain, AuthorError } from './author-domain.ts'
export { walkDomains } from './discovery.ts'
export type { Asking, DmarcAnswer, DmarcQuestion } from './discovery.ts'
export { authorErrorResult, describeAuthorError, dmarcResult } from './dmarc-result.ts'
export { evaluateDmarc, runEvaluation } from './evaluate.ts'
export type { DmarcRequest } from './evaluate.ts'
export { DMARC_LIMITS } from './limits.ts'
export type { DmarcLimits } from './limits.ts'
export { chooseRecord, formatRecord, parseRecord } from './record.ts'
export type {
  Alignment,
  DmarcRecord,
  FailureOption,
  ParsedRecord,
  Policy,
  RecordError,
  TextAnswer,
} from './record.ts'
export { formatReportUris, parseReportUris, reportUriTo } from './report-uri.ts'
export type { ReportUri } from './report-uri.ts'
export { easedPolicy, strictestFailure } from './verdict.ts'
export type { AppliedPolicy, DmarcOutcome, DmarcVerdict, IdentifierAlignment } from './verdict.ts'
export { VerifiedAuthor } from './verified-author.ts'
export { messageCount } from './aggregate-report.ts'
export type {
  AggregateReport,
  AlignedResult,
  Disposition,
  DkimAuthResult,
  DkimWord,
  OverrideReason,
  OverrideType,
  PublishedPolicy,
  ReportExtension,
  ReportRecord,
  SpfAuthResult,
  SpfWord,
} from './aggregate-report.ts'
export { formatAggregateReport, isReportId, reportFileName, reportSubject } from './format-aggregate-report.ts'
export { REPORT_LIMITS } from './limits.ts'
export type { ReportLimits } from './limits.ts'
export { parseAggregateReport } from './parse-aggregate-report.ts'
export type { AggregateReportError, ParsedAggregateReport } from './parse-aggregate-report.ts'
export type { ReportDefect } from './report-element.ts'
export type { XmlError } from './xml.ts'
export { bimiName, formatBimiRecord, parseBimiRecord } from './bimi.ts'
export type { BimiError, BimiRecord } from './bimi.ts'
export type { MailFrame } from './compose-mail.ts'
export { verifyDestination } from './destination.ts'
export type { DestinationRequest, DestinationVerdict } from './destination.ts'
export { parseFailureReport } from './failure-report.ts'
export type { FailureReport, FailureReportError, ParsedFailureReport } from './failure-report.ts'
export { formatFailureMail, formatFeedback } from './format-failure-report.ts'
export type { FailureMailOptions, FormatFailureError } from './format-failure-report.ts'
export { formatReportMail } from './format-report-mail.ts'
export type { ReportMailOptions } from './format-report-mail.ts'
export { readReport, readReportMail } from './read-report.ts'
export type { DocumentError, ReadReport, ReadReportError, Unfold } from './read-report.ts'
export type { UnfoldError } from './zip.ts'
export { describeReportError } from './describe.ts'
