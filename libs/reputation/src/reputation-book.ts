// All that is known of all subjects: events in, standings out, and the bans that follow. The clock is an argument.
// Laws: the number of subjects is bounded. When it is reached, of the 16 that were looked at longest ago the one with the
// least evidence is forgotten, never one whose ban runs while there is another; the other 15 are looked at again after all
// the rest. So a flood of new names drives out other new names first. A ban is made only by an event, never by time alone.

import { type Ban, isRunning, nextBan } from './ban.ts'
import { addTo, evidenceOf, fade } from './counts.ts'
import { countsFor } from './event-class.ts'
import type { ReputationEvent } from './attribution.ts'
import { explain, judge, type Judgement, type Score, scoreOf } from './judgement.ts'
import { REPUTATION_LIMITS, REPUTATION_POLICY, type ReputationLimits, type ReputationPolicy } from './limits.ts'
import type { Row } from './row.ts'
import { formatSubject, type Subject } from './subject.ts'

export type Standing = Score & {
  readonly subject: Subject
  readonly judgement: Judgement
  /** The one that runs. */
  readonly ban: Ban | undefined
  /** Undefined where nothing is known. */
  readonly firstMs: number | undefined
  readonly touchedMs: number | undefined
}

export type NewBan = { readonly subject: Subject; readonly ban: Ban }

/** What a store has to write: rows as they are now, and keys of those that are gone. */
export type Changes = { readonly rows: readonly Row[]; readonly removed: readonly string[] }

export class ReputationBook {
  readonly #policy: ReputationPolicy
  readonly #limits: ReputationLimits
  /** In the order in which they are looked at to be forgotten. */
  readonly #rows = new Map<string, Row>()
  readonly #changed = new Set<string>()

  constructor(policy: ReputationPolicy = REPUTATION_POLICY, limits: ReputationLimits = REPUTATION_LIMITS) {
    this.#policy = policy
    this.#limits = limits
  }

  get size(): number {
    return this.#rows.size
  }

  /** Counts `event`; answers the ban that follows, if one does. An event that cannot count for its subject is no event. */
  record(event: ReputationEvent, nowMs: number): NewBan | undefined {
    const { subject, class: eventClass } = event
    if (!countsFor(eventClass, subject.kind)) return undefined
    const key = formatSubject(subject)
    const known = this.#rows.get(key)
    const before = known === undefined ? {} : this.#faded(known, nowMs)
    const row: Row = {
      subject,
      counts: addTo(before, eventClass, 1),
      firstMs: known?.firstMs ?? nowMs,
      touchedMs: Math.max(nowMs, known?.touchedMs ?? nowMs),
      ban: known?.ban,
    }
    const score = scoreOf(row.counts, this.#policy)
    const judgement = judge(score, subject.kind, this.#policy)
    const ban =
      subject.kind === 'network' && judgement !== 'neutral' && judgement !== 'listed-good'
        ? nextBan(row.ban, judgement, explain(score), nowMs, this.#policy)
        : undefined
    this.#keep(key, ban === undefined ? row : { ...row, ban }, nowMs)
    return ban && { subject, ban }
  }

  standing(subject: Subject, nowMs: number): Standing {
    const row = this.#rows.get(formatSubject(subject))
    return row === undefined ? { ...scoreOf({}, this.#policy), ...UNKNOWN, subject } : this.#standingOf(row, nowMs)
  }

  /** Those of one kind or all, each made when it is asked for. */
  *standings(nowMs: number): Generator<Standing, void, void> {
    for (const row of this.#rows.values()) yield this.#standingOf(row, nowMs)
  }

  /** Bans that run. */
  bans(nowMs: number): readonly NewBan[] {
    return [...this.#rows.values()].flatMap(({ subject, ban }) => (isRunning(ban, nowMs) ? [{ subject, ban }] : []))
  }

  /** Undo: forgets all that is known of the subject, its ban and the bans before with it. False if nothing is known. */
  pardon(subject: Subject): boolean {
    const key = formatSubject(subject)
    if (!this.#rows.delete(key)) return false
    this.#changed.add(key)
    return true
  }

  /** Every row as it was when last touched. */
  rows(): Iterable<Row> {
    return this.#rows.values()
  }

  /** Puts a row of a store or an import in the place of what is known of its subject. */
  load(row: Row, nowMs: number): void {
    this.#keep(formatSubject(row.subject), row, nowMs)
  }

  /** What has changed since this was asked last. */
  takeChanges(): Changes {
    const rows: Row[] = []
    const removed: string[] = []
    for (const key of this.#changed) {
      const row = this.#rows.get(key)
      if (row === undefined) removed.push(key)
      else rows.push(row)
    }
    this.#changed.clear()
    return { rows, removed }
  }

  #keep(key: string, row: Row, nowMs: number): void {
    if (!this.#rows.delete(key) && this.#rows.size >= this.#limits.subjects) this.#forgetOne(nowMs)
    this.#rows.set(key, row) // at the end
    this.#changed.add(key)
  }

  #forgetOne(nowMs: number): void {
    const oldest = this.#rows.entries().take(LOOKED_AT).toArray()
    const rank = (row: Row): number => (isRunning(row.ban, nowMs) ? 1e12 : 0) + evidenceOf(this.#faded(row, nowMs))
    const least = oldest.toSorted(([, a], [, b]) => rank(a) - rank(b))[0]
    for (const [key, row] of oldest) {
      this.#rows.delete(key)
      if (key === least?.[0]) this.#changed.add(key)
      else this.#rows.set(key, row)
    }
  }

  #standingOf(row: Row, nowMs: number): Standing {
    const score = scoreOf(this.#faded(row, nowMs), this.#policy)
    return {
      ...score,
      subject: row.subject,
      judgement: judge(score, row.subject.kind, this.#policy),
      ban: isRunning(row.ban, nowMs) ? row.ban : undefined,
      firstMs: row.firstMs,
      touchedMs: row.touchedMs,
    }
  }

  #faded({ counts, touchedMs }: Row, nowMs: number): Row['counts'] {
    return fade(counts, touchedMs, nowMs, this.#policy.halfLifeSeconds)
  }
}

const LOOKED_AT = 16
const UNKNOWN = { judgement: 'neutral', ban: undefined, firstMs: undefined, touchedMs: undefined } as const
