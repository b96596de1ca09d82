export type { DnsEndpoint } from './exchange.ts'
export { createPrimary, PRIMARY_LIMITS } from './primary.ts'
export type {
  Change,
  ChangeError,
  Followed,
  Follower,
  OnChange,
  Primary,
  PrimaryEvent,
  PrimaryLimits,
  PrimaryOptions,
} from './primary.ts'
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
export { openZoneStore, ZONE_STORE_LIMITS } from './zone-store.ts'
export type { Because, StoredChange, StoreError, ZoneStore, ZoneStoreLimits } from './zone-store.ts'
