export { Budget } from './budget.ts'
export type { Work } from './budget.ts'
export { formatClientReply, readClientMessage, replyWith } from './client-message.ts'
export type { ClientRequest, ReplyOptions } from './client-message.ts'
export { describeOutcome, describeStep } from './describe.ts'
export type { DescribedOutcome, DescribedStep } from './describe.ts'
export { RESOLVER_CONFIG } from './config.ts'
export type {
  ForwardZone,
  NamedServer,
  ResolverConfig,
  StaleConfig,
  StubZone,
  TtlBounds,
  ValidationConfig,
} from './config.ts'
export type {
  ClientQuery,
  FailureReason,
  ResolverAction,
  ResolverEvent,
  ServerAddress,
  TraceStep,
  Transport,
} from './event.ts'
export { RESOLVER_LIMITS } from './limits.ts'
export type { ResolverLimits } from './limits.ts'
export {
  judgeDane,
  readAddresses,
  readDs,
  readMx,
  readHostRecords,
  readTlsa,
  readTxt,
  reverseName,
  tlsaName,
} from './mail.ts'
export type { AnswerSecurity, Dane, HostAddresses, HostRecordType, MailAnswer, MailExchanges } from './mail.ts'
export type { Fetched, Outcome, Validated } from './outcome.ts'
export { ReplyCache } from './reply-cache.ts'
export { ROOT_ANCHORS } from './root-anchors.ts'
export { groupRecords, rrsetKey, rrsetToRecords, sameData, TRUST } from './rrset.ts'
export type { Rrset, Security, Trust } from './rrset.ts'
export { RrsetCache } from './rrset-cache.ts'
export type { CachedRrset } from './rrset-cache.ts'
export { lookupKey, Scheduler } from './scheduler.ts'
export type { Job, SchedulerHooks } from './scheduler.ts'
export { exchange, lookUp, pause, start, waitForOne } from './task.ts'
export type {
  Answered,
  Effect,
  Exchange,
  ExchangeResult,
  LookupHandle,
  LookupRequest,
  Task,
} from './task.ts'
export type { ValidationContext, Validator } from './validation-context.ts'
export { createValidator } from './validator.ts'
export { formatAnchorFile, parseAnchorFile } from './anchor-file.ts'
export type { AnchorFileError, AnchorKey, AnchorKeyState, AnchorRecord } from './anchor-file.ts'
export { createResolver } from './resolver.ts'
export type { Resolver, ResolverDependencies } from './resolver.ts'
export { ROOT_HINTS } from './root-hints.ts'
export { MessageCache } from './message-cache.ts'
export type { FoundMessage } from './message-cache.ts'
export { ServerTable } from './server-table.ts'
export type { Lameness } from './server-table.ts'
