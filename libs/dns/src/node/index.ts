export type { DnsEndpoint } from './exchange.ts'
export { createPrimary } from './primary.ts'
export type { Change, ChangeError, OnChange, Primary, PrimaryEvent, PrimaryOptions } from './primary.ts'
export { sendUpdate } from './send-update.ts'
export type { SendUpdateError, UpdateRequest } from './send-update.ts'
export { SERVE_DNS_LIMITS, serveDns } from './serve-dns.ts'
export type {
  DnsServer,
  HandleMessage,
  IncomingMessage,
  Reply,
  ReplyStream,
  ServeDnsLimits,
  ServeDnsOptions,
} from './serve-dns.ts'
export { createStub, STUB_LIMITS, STUB_TIMEOUTS } from './stub.ts'
export type { Answer, MxAnswer, Stub, StubError, StubLimits, StubOptions, StubTimeouts } from './stub.ts'
export { openZoneStore } from './zone-store.ts'
export type { Because, StoreError, ZoneStore } from './zone-store.ts'
