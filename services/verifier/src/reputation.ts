// The verifier's memory of senders: events in, bans out to the receiver, rows to disk.
// Laws: nothing is counted of this machine and of trusted networks. Counts are written within a second, a ban at once; what
// the disk does not take is tried again. The receiver is told again until it answers, and of all bans at the start.

import type { Request, Settings } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'
import type { Figures } from '@scop/bottle'
import { isAddressCovered, isLoopback, parseAddressPrefix } from '@scop/identifiers'
import {
  attribute,
  type Ban,
  formatSubject,
  type NewBan,
  REPUTATION_LIMITS,
  REPUTATION_POLICY,
  ReputationBook,
  type ReputationEvent,
  type ReputationPolicy,
  type Row,
  type Seen,
  type Standing,
  type Subject,
} from '@scop/reputation'
import { expectOk } from '@scop/result'
import type { ReputationStore } from './reputation-store.ts'

export type Reputation = {
  /** What was seen of one message, or of one connection. */
  recordSeen(seen: Seen): void
  recordEvents(events: readonly ReputationEvent[]): void
  standingOf(subject: Subject): Standing
  standings(): Iterable<Standing>
  rows(): Iterable<Row>
  readonly size: number
  /** Puts rows in the place of what is known of their subjects. */
  load(rows: readonly Row[]): void
  /** Undo. False if nothing was known. */
  pardon(subject: Subject): boolean
  /** Writes what is not written yet. */
  close(): Promise<void>
}

export type ReputationOptions = {
  readonly settings: Pick<Settings<'verifier'>, 'reputation' | 'firewall'>
  readonly store: ReputationStore
  readonly calls: Calls
  readonly now: () => number
  readonly trace: () => string
  readonly log: Log
  readonly figures: Figures
}

export function startReputation(options: ReputationOptions): Reputation {
  const { settings, store, calls, now, trace, log, figures } = options
  const trusted = settings.firewall.trusted.map((text) => expectOk(parseAddressPrefix(text), 'read firewall.trusted'))
  const book = new ReputationBook(policyOf(settings.reputation), {
    ...REPUTATION_LIMITS,
    subjects: settings.reputation.subjects,
  })
  for (const row of store.rows) book.load(row, now())
  if (store.unreadable > 0) log.error('reputation cannot be read back', { subjects: store.unreadable })
  book.takeChanges() // as they are on disk already

  /** What the receiver has not been told: a ban, or `undefined` for none. */
  const untold = new Map<string, Ban | undefined>(book.bans(now()).map(({ subject, ban }) => [subject.name, ban]))
  let unwritten: { rows: readonly Row[]; removed: readonly string[] } | undefined
  const write = repeat(WRITE_PAUSE_MS, async () => {
    const { rows, removed } = book.takeChanges()
    unwritten = merge(unwritten, { rows, removed })
    const written = await store.write(unwritten)
    if (written.ok) unwritten = undefined
    else log.error('reputation not written', { reason: written.error.kind })
    return written.ok
  })
  const tell = repeat(TELL_PAUSE_MS, async () => {
    const told = [...untold].slice(0, TOLD_AT_ONCE)
    if (told.length === 0) return true
    const rules: Request<'receiver', 'firewall-learn'>['rules'] = []
    const forget: string[] = []
    for (const [network, ban] of told) {
      if (ban === undefined) forget.push(network)
      else {
        const { measure, reason, sinceMs, untilMs } = ban
        rules.push({ network, action: measure, reason, sinceMs, untilMs })
      }
    }
    const answer = await calls.call('receiver', 'firewall-learn', { rules, forget }, { trace: trace() })
    if (!answer.ok) {
      log.warn('the receiver was not told of bans', { bans: untold.size, reason: answer.error.reason })
      return false
    }
    for (const [network, ban] of told) if (untold.get(network) === ban) untold.delete(network)
    return untold.size === 0
  })
  const ban = ({ subject, ban: made }: NewBan): void => {
    figures.add('bans_total')
    log.warn('banned', {
      subject: formatSubject(subject),
      measure: made.measure,
      reason: made.reason,
      until: new Date(made.untilMs).toISOString(),
      repetition: made.repetition,
    })
    untold.set(subject.name, made)
    write.soon(0)
    tell.soon(0)
  }
  const recordEvents = (events: readonly ReputationEvent[]): void => {
    for (const event of events) {
      const made = book.record(event, now())
      if (made !== undefined) ban(made)
    }
    figures.add('reputation_events_total', events.length)
    if (events.length > 0) write.soon()
  }
  if (untold.size > 0) tell.soon()
  return {
    recordEvents,
    recordSeen: (seen) => {
      const ours = isLoopback(seen.client) && !settings.firewall['judge-loopback']
      if (!ours && !isAddressCovered(seen.client, trusted)) recordEvents(attribute(seen))
    },
    standingOf: (subject) => book.standing(subject, now()),
    standings: () => book.standings(now()),
    rows: () => book.rows(),
    get size() {
      return book.size
    },
    load: (rows) => {
      for (const row of rows) {
        book.load(row, now())
        if (row.subject.kind === 'network') untold.set(row.subject.name, book.standing(row.subject, now()).ban)
      }
      write.soon(0)
      tell.soon(0)
    },
    pardon: (subject) => {
      const known = book.pardon(subject)
      if (subject.kind === 'network') untold.set(subject.name, undefined)
      write.soon(0)
      tell.soon(0)
      return known
    },
    close: async () => {
      await tell.stop()
      await write.stop()
      await write.now()
      store.close()
    },
  }
}

function policyOf(settings: Settings<'verifier'>['reputation']): ReputationPolicy {
  return {
    ...REPUTATION_POLICY,
    halfLifeSeconds: settings['half-life-seconds'],
    goodFrom: settings['good-from'],
    greylistAt: settings['greylist-at'],
    tarpitAt: settings['tarpit-at'],
    refuseAt: settings['refuse-at'],
    evidenceForAny: settings['evidence-for-any'],
    evidenceForRefusal: settings['evidence-for-refusal'],
    firstBanSeconds: settings['first-ban-seconds'],
    longestBanSeconds: settings['longest-ban-seconds'],
  }
}

type Written = { readonly rows: readonly Row[]; readonly removed: readonly string[] }

/** What could not be written before, and what came since. */
function merge(before: Written | undefined, since: Written): Written {
  if (before === undefined) return since
  const keys = new Set([...since.rows.map((row) => formatSubject(row.subject)), ...since.removed])
  return {
    rows: [...before.rows.filter((row) => !keys.has(formatSubject(row.subject))), ...since.rows],
    removed: [...before.removed.filter((key) => !keys.has(key)), ...since.removed],
  }
}

type Repeated = { soon(pauseMs?: number): void; now(): Promise<unknown>; stop(): Promise<void> }

/** Runs `work` when asked for, one at a time, and again after a pause until it says that it is done. */
function repeat(pauseMs: number, work: () => Promise<boolean>): Repeated {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<boolean> | undefined
  let again = false
  let stopped = false
  const run = (): void => {
    timer = undefined
    if (running !== undefined) {
      again = true
      return
    }
    running = work()
    void running.then((done) => {
      running = undefined
      if (again) soon(0)
      else if (!done) soon()
      again = false
    })
  }
  const soon = (ms = pauseMs): void => {
    if (stopped) return
    if (ms === 0) clearTimeout(timer)
    else if (timer !== undefined) return
    timer = setTimeout(run, ms)
    timer.unref()
  }
  return {
    soon,
    now: work,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

const WRITE_PAUSE_MS = 1000
const TELL_PAUSE_MS = 2000
const TOLD_AT_ONCE = 500
