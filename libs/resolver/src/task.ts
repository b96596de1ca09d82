// A task is work that waits: a generator that yields what it waits for and is given what came of it.
// The functions here are the only places that yield, so that each kind of effect meets its own kind of answer.

import type { Message, Name, Question } from '@scop/dns'
import type { FailureReason, ServerAddress, Transport } from './event.ts'
import type { Fetched } from './outcome.ts'

export type Task<T> = Generator<Effect, T, Answered>

export type Effect =
  | { readonly kind: 'exchange'; readonly exchange: Exchange }
  | { readonly kind: 'start'; readonly lookup: LookupRequest }
  | { readonly kind: 'wait'; readonly lookups: readonly LookupHandle[] }
  | { readonly kind: 'pause' }

export type Answered =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'waited'; readonly possible: boolean }
  | { readonly kind: 'exchanged'; readonly result: ExchangeResult }
  | { readonly kind: 'started'; readonly handle: LookupHandle | undefined }

/** One message to one server and what comes back. */
export type Exchange = {
  readonly server: ServerAddress
  readonly transport: Transport
  readonly question: Question
  /** The zone that the server is asked for: what the bound per zone counts. */
  readonly zone: Name
  readonly recursionDesired: boolean
  readonly checkingDisabled: boolean
  /** Without it the message has no OPT: for servers that stumble over it. */
  readonly edns: boolean
  readonly timeoutMs: number
}

export type ExchangeResult =
  | { readonly kind: 'replied'; readonly message: Message; readonly rttMs: number; readonly octets: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason | 'mismatches' | 'overloaded'; readonly rttMs: number }

/** What makes two lookups the same: they are merged when all of it is equal. RFC 5452 §5 */
export type LookupRequest = {
  readonly name: Name
  readonly type: number
  readonly class: number
  /** False: as it comes, for validation itself, for name servers' addresses, and for CD. */
  readonly validate: boolean
  /** Ask the servers although the cache knows: to renew what is near its end or past it. */
  readonly refresh: boolean
  /** Addresses of servers that are not asked: what they said before was bad. */
  readonly avoid?: readonly string[]
}

/** A lookup under way or ended. */
export type LookupHandle = { readonly key: string; readonly ended: Fetched | undefined }

/** Sends a message and waits for its answer. */
export function* exchange(what: Exchange): Task<ExchangeResult> {
  const answered = yield { kind: 'exchange', exchange: what }
  return answered.kind === 'exchanged' ? answered.result : outOfStep(answered)
}

/** Begins a lookup, or joins one; `undefined` if it would wait for itself or goes too deep. Does not wait. */
export function* start(lookup: LookupRequest): Task<LookupHandle | undefined> {
  const answered = yield { kind: 'start', lookup }
  return answered.kind === 'started' ? answered.handle : outOfStep(answered)
}

/** Waits until one of the lookups has ended, at once if one has; false if all of them have come to wait for this one. */
export function* waitForOne(lookups: readonly LookupHandle[]): Task<boolean> {
  if (lookups.length === 0 || lookups.some(({ ended }) => ended !== undefined)) return true
  const answered = yield { kind: 'wait', lookups }
  return answered.kind === 'waited' ? answered.possible : outOfStep(answered)
}

/** Looks up and waits; `undefined` as `start` says. */
export function* lookUp(lookup: LookupRequest): Task<Fetched | undefined> {
  const handle = yield* start(lookup)
  if (handle === undefined) return undefined
  yield* waitForOne([handle])
  return handle.ended
}

/** Lets other work have its turn. */
export function* pause(): Task<void> {
  yield { kind: 'pause' }
}

function outOfStep(answered: Answered): never {
  throw new Error(`unreachable: the scheduler answered another effect: ${answered.kind}`)
}
