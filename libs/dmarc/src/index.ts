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
export { easedPolicy } from './verdict.ts'
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
