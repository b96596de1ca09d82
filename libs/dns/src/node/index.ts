export { askServer } from './ask-server.ts'
export type { AskServerOptions } from './ask-server.ts'
export { exchangeTcp } from './exchange.ts'
export type { DnsEndpoint, ExchangeError, ExchangeOptions } from './exchange.ts'
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
export { FETCH_ZONE_TIMEOUTS, fetchZone } from './fetch-zone.ts'
export type { FetchZoneError, FetchZoneOptions, FetchZoneTimeouts } from './fetch-zone.ts'
export { createSecondary } from './secondary.ts'
export type { NotInstalled, Secondary, SecondaryNews, SecondaryOptions, ZoneSource } from './secondary.ts'
export { createNotifySender } from './send-notify.ts'
export type { NotifyOptions, NotifySender } from './send-notify.ts'
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
export { openZoneStore, ZONE_STORE_LIMITS } from './zone-store.ts'
export type { Because, StoredChange, StoreError, ZoneStore, ZoneStoreLimits } from './zone-store.ts'
