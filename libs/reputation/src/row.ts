// What is known of one subject, as a row of a store and as one line of JSON: counts as they were when last touched.
// Law: what a line says beyond the limits, or of an unknown class, refuses the line; the writer writes nothing that the
// reader would refuse.

import { err, ok, type Result } from '@scop/result'
import { type Ban, isMeasure } from './ban.ts'
import type { Counts } from './counts.ts'
import { countsFor, type EventClass, isEventClass } from './event-class.ts'
import { REPUTATION_LIMITS, type ReputationLimits } from './limits.ts'
import { formatSubject, parseSubject, type Subject } from './subject.ts'

export type Row = {
  readonly subject: Subject
  /** Worth at `touchedMs`. */
  readonly counts: Counts
  readonly firstMs: number
  readonly touchedMs: number
  /** The last one, running or not: the next is longer. */
  readonly ban: Ban | undefined
}

export type RowError =
  | { readonly kind: 'line-too-long' }
  | { readonly kind: 'not-json' }
  | { readonly kind: 'bad-subject' }
  | { readonly kind: 'bad-counts'; readonly class: string }
  | { readonly kind: 'bad-time' }
  | { readonly kind: 'bad-ban' }

/** One line, without its end. */
export function formatRow({ subject, counts, firstMs, touchedMs, ban }: Row): string {
  return JSON.stringify({ subject: formatSubject(subject), counts, firstMs, touchedMs, ...(ban && { ban }) })
}

export function parseRow(line: string, limits: ReputationLimits = REPUTATION_LIMITS): Result<Row, RowError> {
  if (line.length > limits.lineCharacters) return err({ kind: 'line-too-long' })
  const value = parseObject(line)
  if (value === undefined) return err({ kind: 'not-json' })
  const { firstMs, touchedMs } = value
  const subject = typeof value['subject'] === 'string' ? parseSubject(value['subject']) : undefined
  // Only the canonical form: two lines may not name one subject differently.
  if (subject?.ok !== true || formatSubject(subject.value) !== value['subject']) return err({ kind: 'bad-subject' })
  if (!isTime(firstMs) || !isTime(touchedMs) || firstMs > touchedMs) return err({ kind: 'bad-time' })
  const counts = readCounts(value['counts'], subject.value, limits)
  if (!counts.ok) return counts
  const ban = value['ban'] === undefined ? undefined : readBan(value['ban'])
  if (value['ban'] !== undefined && (ban === undefined || subject.value.kind !== 'network'))
    return err({ kind: 'bad-ban' })
  return ok({ subject: subject.value, counts: counts.value, firstMs, touchedMs, ban })
}

function readCounts(value: unknown, subject: Subject, limits: ReputationLimits): Result<Counts, RowError> {
  if (!isObject(value)) return err({ kind: 'bad-counts', class: '' })
  const counts: Partial<Record<EventClass, number>> = {}
  for (const [name, count] of Object.entries(value)) {
    const good = typeof count === 'number' && count > 0 && count <= limits.count
    if (!good || !isEventClass(name) || !countsFor(name, subject.kind)) return err({ kind: 'bad-counts', class: name })
    counts[name] = count
  }
  return ok(counts)
}

function readBan(value: unknown): Ban | undefined {
  if (!isObject(value)) return undefined
  const { measure, reason, sinceMs, untilMs, repetition } = value
  if (typeof measure !== 'string' || !isMeasure(measure) || typeof reason !== 'string') return undefined
  if (!isTime(sinceMs) || !isTime(untilMs) || sinceMs > untilMs || reason.length > REASON_CHARACTERS) return undefined
  if (!isTime(repetition) || repetition < 1) return undefined
  return { measure, reason, sinceMs, untilMs, repetition }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
}

const REASON_CHARACTERS = 1024
