export { findAuthorDomain } from './author-domain.ts'
export type { AuthorDomain, AuthorError } from './author-domain.ts'
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
