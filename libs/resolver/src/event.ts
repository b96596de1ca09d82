// What goes into the resolver and what comes out: plain values. Sockets, clocks and timers are the caller's.

import type { IpAddress } from '@scop/identifiers'
import type { Name, Question } from '@scop/dns'
import type { Outcome } from './outcome.ts'

export type Transport = 'udp' | 'tcp' | 'tls'

export type ServerAddress = {
  readonly address: IpAddress
  readonly port: number
  /** DNS over TLS: the name in the server's certificate. RFC 8310 §5 */
  readonly tlsName?: string
}

export type ResolverEvent =
  | ClientQuery
  /** Octets that came from the server of an exchange, whatever they are. A datagram that is no answer ends nothing. */
  | { readonly kind: 'reply'; readonly exchange: number; readonly octets: Uint8Array }
  | { readonly kind: 'failed'; readonly exchange: number; readonly reason: FailureReason }
  /** The client has gone away; its lookups go on, for the cache. */
  | { readonly kind: 'gone'; readonly id: number }
  /** Time has passed: sent when `wake-at` asked for it, harmless at any time. */
  | { readonly kind: 'tick' }
  /** The turn that `resume-soon` asked for. */
  | { readonly kind: 'resume' }

export type ClientQuery = {
  readonly kind: 'query'
  /** The caller's, unique among those not yet answered; `answer` carries it. */
  readonly id: number
  readonly question: Question
  /** RD: without it only what is in the cache is told, and only to who may. */
  readonly recursionDesired: boolean
  /** May learn what others have asked, by questions without RD. */
  readonly mayReadCache?: boolean
  /** CD: what validation refuses is told as well. RFC 4035 §3.2.2 */
  readonly checkingDisabled: boolean
  /** Counted by `waitingPerClient` and dropped after `clientWaitMs`; absent for the resolver's own callers. */
  readonly client?: string
}

export type FailureReason = 'timeout' | 'refused' | 'closed' | 'unreachable' | 'tls'

export type ResolverAction =
  | {
      readonly kind: 'send'
      readonly exchange: number
      readonly server: ServerAddress
      readonly transport: Transport
      readonly octets: Uint8Array
      /** After this, `failed` with `timeout` is expected. */
      readonly timeoutMs: number
      /** What `octets` ask, for logs and tests. */
      readonly question: Question
    }
  /** The exchange is over: its socket can be closed, and nothing more is heard of it. */
  | { readonly kind: 'cancel'; readonly exchange: number }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: Outcome }
  /** The client waited too long or is one too many: it gets nothing. */
  | { readonly kind: 'drop'; readonly id: number }
  /** A `tick` is wanted then. Replaces the wish before it. */
  | { readonly kind: 'wake-at'; readonly atMs: number }
  /** A `resume` is wanted after other work had its turn. */
  | { readonly kind: 'resume-soon' }
  /** State of trust anchors that must outlive the process. RFC 5011 §2.3 */
  | { readonly kind: 'persist'; readonly zone: Name; readonly text: string }
  | { readonly kind: 'trace'; readonly step: TraceStep }

/** One step, for `--trace`: `lookup` counts lookups, so that steps of one stand together. */
export type TraceStep = {
  readonly lookup: number
  /** The lookup that waits for this one. */
  readonly parent: number | undefined
  readonly question: Question
  readonly what: string
}
