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
