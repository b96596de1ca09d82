// The dispatcher: takes what is due from the queue, has it delivered, writes down what came of it.
// An entry is in one attempt at a time. Failures are reported before they are recorded, so a crash in between
// reports twice rather than never.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import { formatMailbox, formatMailDomain } from '@scop/identifiers'
import type { Result } from '@scop/result'
import type { Verdict } from './attempt.ts'
import {
  describeQueueError,
  type Outcome,
  type Queue,
  type QueuedRecipient,
  type QueueEntry,
  type QueueError,
  type QueueId,
} from './queue.ts'
import type { Report, ReportedRecipient } from './report.ts'
import { delayNoticeDue, nextAttemptAtMs, type ScheduleSettings } from './schedule.ts'

/** Delivers one entry to some of its recipients, all of one domain; answers by position. */
export type Deliver = (
  entry: QueueEntry,
  recipients: readonly QueuedRecipient[],
) => Promise<ReadonlyMap<number, Verdict>>

export type DispatcherOptions = {
  readonly queue: Queue
  readonly settings: ScheduleSettings
  readonly deliver: Deliver
  readonly report: (
    kind: 'failed' | 'delayed',
    entry: QueueEntry,
    recipients: readonly ReportedRecipient[],
  ) => Promise<Report | undefined>
  readonly limits: DispatcherLimits
  readonly now: () => number
  readonly random: () => number
  readonly log: Log
  readonly figures: Figures
}

export type DispatcherLimits = {
  /** Entries in an attempt at once. */
  readonly entries: number
  /** Of these, for one domain. A slow destination cannot hold all places. */
  readonly entriesPerDomain: number
}

export const DISPATCHER_LIMITS: DispatcherLimits = { entries: 256, entriesPerDomain: 64 }

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #underWay = new Map<QueueId, Promise<void>>()
  readonly #perDomain = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #scanPlanned = false
  /** Something due was left for lack of room. */
  #crowded = false

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** An entry that has just been enqueued: tried at once where there is room. */
  offer(entry: QueueEntry): void {
    if (!this.#start(entry)) this.wake()
  }

  /** Something may be due. */
  wake(): void {
    if (this.#scanPlanned || this.#stopped) return
    this.#scanPlanned = true
    setImmediate(() => {
      this.#scanPlanned = false
      this.#scan()
    })
  }

  /** Takes nothing more and waits for what is under way. */
  async drain(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await Promise.all(this.#underWay.values())
  }

  isUnderWay(id: QueueId): boolean {
    return this.#underWay.has(id)
  }

  #scan(): void {
    if (this.#stopped) return
    const { queue, now, limits } = this.#options
    let waitsForRoom = this.#underWay.size >= limits.entries
    if (!waitsForRoom) {
      for (const entry of queue.due(now(), limits.entries + this.#underWay.size)) {
        if (!this.#underWay.has(entry.id) && !this.#start(entry)) waitsForRoom = true
      }
    }
    this.#crowded = waitsForRoom
    clearTimeout(this.#timer)
    // Who waits for room is woken when an attempt ends; who waits for the clock, here.
    const nextMs = queue.nextDueMs()
    if (nextMs === undefined || (waitsForRoom && this.#underWay.size > 0)) return
    const pauseMs = Math.min(Math.max(nextMs - now(), this.#underWay.size > 0 ? BUSY_PAUSE_MS : 0), MAX_PAUSE_MS)
    this.#timer = setTimeout(() => this.wake(), pauseMs)
  }

  #start(entry: QueueEntry): boolean {
    const { limits, now } = this.#options
    if (this.#stopped || this.#underWay.size >= limits.entries) return false
    const due = entry.recipients.filter((one) => one.state === 'waiting' && one.nextAttemptAtMs <= now())
    const byDomain = Map.groupBy(due, ({ mailbox }) => formatMailDomain(mailbox.domain))
    for (const domain of byDomain.keys()) {
      if ((this.#perDomain.get(domain) ?? 0) >= limits.entriesPerDomain) return false
    }
    for (const domain of byDomain.keys()) this.#perDomain.set(domain, (this.#perDomain.get(domain) ?? 0) + 1)
    const attempt = this.#attempt(entry, [...byDomain.values()])
      .catch(async (error: unknown) => {
        this.#broke(entry, error)
        await this.#putOff(entry, due)
        return 'waits' as const
      })
      .then((left) => {
        this.#underWay.delete(entry.id)
        for (const domain of byDomain.keys()) {
          const left = (this.#perDomain.get(domain) ?? 1) - 1
          if (left === 0) this.#perDomain.delete(domain)
          else this.#perDomain.set(domain, left)
        }
        if (left === 'waits' || this.#crowded) this.wake()
      })
    this.#underWay.set(entry.id, attempt)
    return true
  }

  /** Whether anybody is left to be tried again. */
  async #attempt(entry: QueueEntry, groups: readonly (readonly QueuedRecipient[])[]): Promise<'settled' | 'waits'> {
    const { queue, now, settings, log, figures } = this.#options
    const verdicts = new Map<number, Verdict>()
    for (const found of await Promise.all(groups.map((group) => this.#deliver(entry, group)))) {
      for (const [position, verdict] of found) verdicts.set(position, verdict)
    }
    const nowMs = now()
    const attempted = groups.flat()
    const outcomes: Outcome[] = []
    const failures: ReportedRecipient[] = []
    for (const recipient of attempted) {
      const found = verdicts.get(recipient.position) ?? BROKE
      const verdict = found.kind === 'later' && nowMs >= entry.expiresAtMs ? expired(found) : found
      const { position, mailbox } = recipient
      log.info(EVENT[verdict.kind], {
        trace: entry.envelope.trace,
        queueId: entry.id,
        recipient: formatMailbox(mailbox),
        reply: verdict.reply,
        remote: verdict.remote,
      })
      figures.add(FIGURE[verdict.kind])
      if (verdict.kind === 'never') failures.push({ mailbox, ...verdict })
      outcomes.push({
        position,
        state: verdict.kind === 'delivered' ? 'delivered' : verdict.kind === 'never' ? 'failed' : 'waiting',
        nextAttemptAtMs: nextAttemptAtMs(recipient.attempts + 1, nowMs, settings, this.#options.random()),
        reply: verdict.reply,
        remote: verdict.remote,
      })
    }
    // What failed and cannot be reported now waits on; what was delivered was delivered.
    const reported = failures.length === 0 || (await this.#reportTo('failed', entry, failures))
    const recordable = reported ? outcomes : outcomes.map(unreported)
    // The usual end: nothing is left to wait for, and one transaction forgets it all.
    const settled = recordable.every(({ state }) => state !== 'waiting')
    const tried = new Set(attempted.map(({ position }) => position))
    const others = entry.recipients.some((one) => one.state === 'waiting' && !tried.has(one.position))
    if (settled && !others) {
      const removed = await this.#write(entry, () => queue.remove(entry.id))
      return removed === undefined ? 'waits' : 'settled'
    }
    const recorded = await this.#write(entry, () => queue.record(entry.id, recordable))
    if (recorded !== undefined) await this.#noticeDelay(recorded, verdicts)
    return 'waits'
  }

  /** A delivery that breaks is one that comes to nothing now: it is tried again, and expires like any other. */
  async #deliver(entry: QueueEntry, group: readonly QueuedRecipient[]): Promise<ReadonlyMap<number, Verdict>> {
    try {
      return await this.#options.deliver(entry, group)
    } catch (error) {
      this.#broke(entry, error)
      return new Map(group.map(({ position }) => [position, BROKE]))
    }
  }

  #broke(entry: QueueEntry, error: unknown): void {
    const facts = { trace: entry.envelope.trace, queueId: entry.id }
    this.#options.log.error('attempt broke', { ...facts, error: error instanceof Error ? error : String(error) })
    this.#options.figures.add('attempts_broken_total')
  }

  async #noticeDelay(entry: QueueEntry, verdicts: ReadonlyMap<number, Verdict>): Promise<void> {
    if (!delayNoticeDue(entry, this.#options.now(), this.#options.settings)) return
    const late = entry.recipients.flatMap(({ position, mailbox, state }) => {
      const verdict = verdicts.get(position)
      return state === 'waiting' && verdict?.kind === 'later' ? [{ mailbox, ...verdict }] : []
    })
    if (late.length === 0 || !(await this.#reportTo('delayed', entry, late))) return
    await this.#write(entry, () => this.#options.queue.noticeDelay(entry.id))
  }

  /** Whether the report stands in the queue, or none is owed. */
  async #reportTo(
    kind: 'failed' | 'delayed',
    entry: QueueEntry,
    recipients: readonly ReportedRecipient[],
  ): Promise<boolean> {
    const { queue, now, settings, report, log, figures } = this.#options
    let made: Report | undefined
    try {
      made = await report(kind, entry, recipients)
    } catch (error) {
      this.#broke(entry, error)
      return false
    }
    if (made === undefined) {
      log.info('not reported: null sender', { trace: entry.envelope.trace, queueId: entry.id })
      return true
    }
    const nowMs = now()
    const enqueued = await queue.enqueue({
      envelope: made.envelope,
      octets: (async function* () {
        yield made.octets
      })(),
      above: async () => new Uint8Array(0),
      nowMs,
      expiresAtMs: nowMs + settings['expire-seconds'] * 1000,
    })
    if (!enqueued.ok) {
      log.error('cannot enqueue a report', { queueId: entry.id, reason: describeQueueError(enqueued.error) })
      return false
    }
    figures.add('reports_total')
    log.info('reported', { trace: entry.envelope.trace, queueId: entry.id, kind, report: enqueued.value.id })
    this.offer(enqueued.value)
    return true
  }

  /** After something broke on our side: the recipients wait for their next attempt. */
  async #putOff(entry: QueueEntry, recipients: readonly QueuedRecipient[]): Promise<void> {
    const { queue, now, settings, random } = this.#options
    const outcomes = recipients.map(({ position, attempts }) => {
      const nextMs = nextAttemptAtMs(attempts + 1, now(), settings, random())
      return {
        position,
        state: 'waiting' as const,
        nextAttemptAtMs: nextMs,
        reply: BROKE.reply,
        remote: undefined,
      }
    })
    await this.#write(entry, () => queue.record(entry.id, outcomes))
  }

  /** Writes until it is written: what has been delivered must not be delivered again because the disk was full. */
  async #write<T>(entry: QueueEntry, write: () => Promise<Result<T, QueueError>>): Promise<T | undefined> {
    for (let pauseMs = WRITE_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      const written = await write()
      if (written.ok) return written.value
      this.#options.log.error('cannot write the queue', {
        queueId: entry.id,
        reason: describeQueueError(written.error),
      })
      if (this.#stopped) return undefined // the next start tries the entry again: twice rather than never
      await sleep(pauseMs)
    }
  }
}

const expired = (verdict: Verdict & { kind: 'later' }): Verdict => ({
  ...verdict,
  kind: 'never',
  status: '4.4.7', // RFC 3463 §3.5: delivery time expired
})

const unreported = (outcome: Outcome): Outcome =>
  outcome.state === 'failed' ? { ...outcome, state: 'waiting' } : outcome

const BROKE: Verdict = { kind: 'later', reply: '451 4.3.0 local error', remote: undefined, status: '4.3.0' }
const EVENT = { delivered: 'delivered', later: 'deferred', never: 'failed' } as const
const FIGURE = {
  delivered: 'recipients_delivered_total',
  later: 'recipients_deferred_total',
  never: 'recipients_failed_total',
} as const
const BUSY_PAUSE_MS = 100
const WRITE_PAUSE_MS = 500
const MAX_PAUSE_MS = 60_000
