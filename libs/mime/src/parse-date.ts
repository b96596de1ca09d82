// Dates, read: the grammar, its obsolete forms, and the wrong ones that real mail has, each named as a quirk. One pass.
// RFC 5322 §3.3 (grammar), §4.3 (obsolete zones and years)

import { err, ok, type Result } from '@scop/result'
import { isSpace, readComment } from './cfws.ts'

export type DateQuirk =
  | 'asctime' // Fri Feb 07 10:18:12 2003
  | 'iso-8601' // 2003-02-07T10:18:12Z
  | 'dashes' // 7-Feb-2003
  | 'numeric-month' // 7 02 2003
  | 'long-month' // 7 February 2003
  | 'dotted-time' // 10.18.12
  | 'fraction' // 10:18:12.5
  | 'no-time'
  | 'no-zone'
  | 'unknown-zone'
  | 'odd-zone' // +02:00, GMT+0200, EST5EDT, +2
  | 'wrong-day-name'
  | 'unclosed-comment'
  | 'text-after'

export type ParsedDate = {
  readonly epochMilliseconds: number
  /** East of UTC. */
  readonly offsetMinutes: number
  /** `-0000` or a zone of unknown meaning: the time is UTC and says nothing of where it was written. */
  readonly zoneUnknown: boolean
  readonly quirks: readonly DateQuirk[]
}

export type DateError = {
  readonly kind: 'too-long' | 'not-a-date' | 'bad-day' | 'bad-month' | 'bad-year' | 'bad-time' | 'bad-zone'
}

export type DateLimits = {
  readonly characters: number
  /** Words, numbers and marks outside of comments. */
  readonly tokens: number
}

export const DATE_LIMITS: DateLimits = { characters: 4096, tokens: 40 }

/** Reads the value of Date or Resent-Date, or what follows the last `;` of Received. */
// date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
export function parseDate(value: string, limits: DateLimits = DATE_LIMITS): Result<ParsedDate, DateError> {
  if (value.length > limits.characters) return err({ kind: 'too-long' })
  const quirks: DateQuirk[] = []
  const tokens = scan(value, limits.tokens, quirks)
  const cursor: Cursor = { tokens, next: 0 }
  const dayName = readDayName(cursor)
  const fields = readFields(cursor, quirks)
  if (!fields.ok) return fields
  // Not midnight, where a time is there and cannot be read.
  if (quirks.includes('no-time') && (quirks.includes('unclosed-comment') || isUnreadTime(cursor)))
    return err({ kind: 'bad-time' })
  const { year, month, day, time } = fields.value
  if (!(year >= 1900 && year <= 9999)) return err({ kind: 'bad-year' })
  if (day < 1 || day > daysIn(year, month)) return err({ kind: 'bad-day' })
  // RFC 5322 §3.3 allows a leap second: 23:59:60 is the next second.
  if (time.hour > 23 || time.minute > 59 || time.second > 60) return err({ kind: 'bad-time' })
  const zone = readZone(cursor, quirks)
  if (!zone.ok) return zone
  if (cursor.next < cursor.tokens.length) quirks.push('text-after')
  const local = Date.UTC(year, month, day, time.hour, time.minute, time.second) + time.milliseconds
  if (dayName !== undefined && dayName !== new Date(Date.UTC(year, month, day)).getUTCDay())
    quirks.push('wrong-day-name')
  return ok({
    epochMilliseconds: local - zone.value.minutes * 60_000,
    offsetMinutes: zone.value.minutes,
    zoneUnknown: zone.value.unknown,
    quirks,
  })
}

type Token = { readonly kind: 'word' | 'number' | 'mark'; readonly text: string }
type Cursor = { tokens: readonly Token[]; next: number }
type Time = { readonly hour: number; readonly minute: number; readonly second: number; readonly milliseconds: number }
type Fields = { readonly year: number; readonly month: number; readonly day: number; readonly time: Time }
type Zone = { readonly minutes: number; readonly unknown: boolean }

/** Words, runs of digits, and every other character by itself; white space and comments part them. */
function scan(text: string, limit: number, quirks: DateQuirk[]): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length && tokens.length < limit; ) {
    const code = text.charCodeAt(at)
    if (isSpace(code)) {
      at++
      continue
    }
    if (code === OPEN) {
      const comment = readComment(text, at)
      if (!comment.closed) quirks.push('unclosed-comment')
      at = comment.end
      continue
    }
    const kind = isDigit(code) ? 'number' : isLetter(code) ? 'word' : 'mark'
    let end = at + 1
    if (kind !== 'mark')
      while (end < text.length && (kind === 'number' ? isDigit : isLetter)(text.charCodeAt(end))) end++
    tokens.push({ kind, text: text.slice(at, end) })
    at = end
  }
  return tokens
}

// day-of-week = ([FWS] day-name) / obs-day-of-week
function readDayName(cursor: Cursor): number | undefined {
  const token = peek(cursor)
  if (token?.kind !== 'word') return undefined
  const day = DAYS.indexOf(token.text.slice(0, 3).toLowerCase())
  if (day < 0) return undefined
  cursor.next++
  while (acceptMark(cursor, ',') || acceptMark(cursor, '.'));
  return day
}

function readFields(cursor: Cursor, quirks: DateQuirk[]): Result<Fields, DateError> {
  const first = peek(cursor)
  if (first?.kind === 'word') return readAsctime(cursor, quirks)
  if (first?.kind !== 'number') return err({ kind: 'not-a-date' })
  if (first.text.length === 4 && isMark(cursor, 1, '-')) return readIso8601(cursor, quirks)
  // date = day month year      day = ([FWS] 1*2DIGIT FWS)      year = (FWS 4*DIGIT FWS) / obs-year
  const day = readNumber(cursor, 2)
  if (day === undefined) return err({ kind: 'bad-day' })
  if (acceptMark(cursor, '-') || acceptMark(cursor, '/')) quirks.push('dashes')
  else if (acceptMark(cursor, '.')) quirks.push('dashes')
  const month = readMonth(cursor, quirks)
  if (month === undefined) return err({ kind: 'bad-month' })
  while (acceptMark(cursor, '-') || acceptMark(cursor, '/') || acceptMark(cursor, '.') || acceptMark(cursor, ','));
  const year = readYear(cursor)
  if (year === undefined) return err({ kind: 'bad-year' })
  acceptMark(cursor, ',')
  const time = readTime(cursor, quirks)
  return time.ok ? ok({ year, month, day, time: time.value }) : time
}

// ctime(3): day-name month day time [zone] year [zone]
function readAsctime(cursor: Cursor, quirks: DateQuirk[]): Result<Fields, DateError> {
  const month = readMonth(cursor, quirks)
  if (month === undefined) return err({ kind: 'not-a-date' })
  const day = readNumber(cursor, 2)
  if (day === undefined) return err({ kind: 'bad-day' })
  const comma = acceptMark(cursor, ',')
  // `Feb 7, 2003 10:18`: the year stands before the time
  const early = isMark(cursor, 1, ':') ? undefined : readYear(cursor)
  acceptMark(cursor, ',')
  if (comma && early === undefined) return err({ kind: 'bad-year' })
  const time = readTime(cursor, quirks)
  if (!time.ok) return time
  quirks.push('asctime')
  if (early !== undefined) return ok({ year: early, month, day, time: time.value })
  // `Feb 7 10:18:12 CET 2003`: the zone is before the year, and read afterwards as if behind it.
  const zoneAt = cursor.next
  const word = peek(cursor)
  const sign = acceptMark(cursor, '+') || acceptMark(cursor, '-')
  if (sign || (word?.kind === 'word' && !isMark(cursor, 1, '+'))) cursor.next++
  const skipped = cursor.next - zoneAt
  const year = readYear(cursor)
  if (year === undefined) return err({ kind: 'bad-year' })
  if (skipped > 0) {
    const zone = cursor.tokens.slice(zoneAt, zoneAt + skipped)
    const after = cursor.tokens.slice(cursor.next)
    cursor.tokens = [...zone, ...after]
    cursor.next = 0
  }
  return ok({ year, month, day, time: time.value })
}

// date = 4DIGIT "-" 2DIGIT "-" 2DIGIT [ ("T" / SP) time ]
function readIso8601(cursor: Cursor, quirks: DateQuirk[]): Result<Fields, DateError> {
  quirks.push('iso-8601')
  const year = readNumber(cursor, 4)
  acceptMark(cursor, '-')
  const month = readNumber(cursor, 2)
  if (year === undefined || month === undefined || month < 1 || month > 12) return err({ kind: 'bad-month' })
  acceptMark(cursor, '-')
  const day = readNumber(cursor, 2)
  if (day === undefined) return err({ kind: 'bad-day' })
  if (peek(cursor)?.text.toLowerCase() === 't') cursor.next++
  const time = readTime(cursor, quirks)
  return time.ok ? ok({ year, month: month - 1, day, time: time.value }) : time
}

function readMonth(cursor: Cursor, quirks: DateQuirk[]): number | undefined {
  const token = peek(cursor)
  if (token?.kind === 'number') {
    const number = readNumber(cursor, 2)
    if (number === undefined || number < 1 || number > 12) return undefined
    quirks.push('numeric-month')
    return number - 1
  }
  if (token?.kind !== 'word') return undefined
  const word = token.text.toLowerCase()
  const month = MONTHS.findIndex((name) => word.length >= 3 && name.startsWith(word.slice(0, 9)))
  const named = month >= 0 ? month : word === 'sept' ? 8 : -1
  if (named < 0) return undefined
  if (word.length > 3) quirks.push('long-month')
  cursor.next++
  return named
}

// obs-year = [CFWS] 2*DIGIT [CFWS]: two digits are 1950 to 2049, three count from 1900
function readYear(cursor: Cursor): number | undefined {
  const token = peek(cursor)
  if (token?.kind !== 'number' || token.text.length < 2 || token.text.length > 4) return undefined
  cursor.next++
  const number = Number(token.text)
  if (token.text.length === 4) return number
  return token.text.length === 2 && number < 50 ? 2000 + number : 1900 + number
}

// time-of-day = hour ":" minute [ ":" second ]
function readTime(cursor: Cursor, quirks: DateQuirk[]): Result<Time, DateError> {
  const midnight = { hour: 0, minute: 0, second: 0, milliseconds: 0 }
  if (peek(cursor)?.kind !== 'number') {
    quirks.push('no-time')
    return ok(midnight)
  }
  const dotted = isMark(cursor, 1, '.')
  const mark = dotted ? '.' : ':'
  const hour = readNumber(cursor, 2)
  if (hour === undefined || !acceptMark(cursor, mark)) return err({ kind: 'bad-time' })
  const minute = readNumber(cursor, 2)
  if (minute === undefined) return err({ kind: 'bad-time' })
  if (dotted) quirks.push('dotted-time')
  if (!acceptMark(cursor, mark)) return ok({ ...midnight, hour: readHalfDay(cursor, hour), minute })
  const second = readNumber(cursor, 2)
  if (second === undefined) return err({ kind: 'bad-time' })
  let milliseconds = 0
  if (acceptMark(cursor, '.')) {
    const fraction = peek(cursor)
    if (fraction?.kind !== 'number') return err({ kind: 'bad-time' })
    cursor.next++
    quirks.push('fraction')
    milliseconds = Math.trunc(Number(`0.${fraction.text.slice(0, 6)}`) * 1000)
  }
  const hours = readHalfDay(cursor, hour)
  return ok({ hour: hours, minute, second, milliseconds })
}

/** `l8:14:23`; a zone has a sign before its colon. */
function isUnreadTime({ tokens, next }: Cursor): boolean {
  for (let at = next; at < tokens.length; at++) {
    const text = tokens[at]?.text
    if (text === '+' || text === '-') return false
    if (text === ':') return true
  }
  return false
}

/** `10:18:12 PM` */
function readHalfDay(cursor: Cursor, hour: number): number {
  const word = peek(cursor)?.text.toLowerCase()
  if (word !== 'am' && word !== 'pm') return hour
  cursor.next++
  if (hour > 12) return hour
  return (hour % 12) + (word === 'pm' ? 12 : 0)
}

// zone = ( "+" / "-" ) 4DIGIT / obs-zone
function readZone(cursor: Cursor, quirks: DateQuirk[]): Result<Zone, DateError> {
  const token = peek(cursor)
  if (token === undefined) {
    quirks.push('no-zone')
    return ok({ minutes: 0, unknown: true })
  }
  if (token.kind === 'word') {
    cursor.next++
    const name = token.text.toLowerCase()
    // In ISO 8601 it means UTC, in RFC 5322 §4.3 as little as the other letters.
    const named = name === 'z' && quirks.includes('iso-8601') ? 0 : ZONES.get(name)
    // `EST5EDT`: the first name counts
    if (named !== undefined && named !== 0 && peek(cursor)?.kind === 'number') {
      quirks.push('odd-zone')
      cursor.next++
      if (peek(cursor)?.kind === 'word') cursor.next++
      return ok({ minutes: named, unknown: false })
    }
    // `GMT+0200`
    if (named === 0 && (isMark(cursor, 0, '+') || isMark(cursor, 0, '-'))) {
      quirks.push('odd-zone')
      return readOffset(cursor, quirks)
    }
    if (named !== undefined) return ok({ minutes: named, unknown: false })
    // RFC 5322 §4.3: military letters were defined the wrong way round, and other names are not known: both are -0000.
    if (name.length > 1) quirks.push('unknown-zone')
    return ok({ minutes: 0, unknown: true })
  }
  if (token.text === '+' || token.text === '-') return readOffset(cursor, quirks)
  quirks.push('no-zone')
  return ok({ minutes: 0, unknown: true })
}

function readOffset(cursor: Cursor, quirks: DateQuirk[]): Result<Zone, DateError> {
  const negative = peek(cursor)?.text === '-'
  cursor.next++
  // `--0400` and `+-0400` are written by nobody who knows which is meant
  const token = peek(cursor)
  if (token?.kind !== 'number') return err({ kind: 'bad-zone' })
  cursor.next++
  let hours: number
  let minutes = 0
  if (token.text.length === 4) {
    hours = Number(token.text.slice(0, 2))
    minutes = Number(token.text.slice(2))
  } else if (token.text.length <= 2) {
    quirks.push('odd-zone')
    hours = Number(token.text)
    if (acceptMark(cursor, ':')) minutes = readNumber(cursor, 2) ?? 60
  } else return err({ kind: 'bad-zone' })
  if (minutes > 59) return err({ kind: 'bad-zone' })
  const offset = hours * 60 + minutes
  return ok({ minutes: negative && offset !== 0 ? -offset : offset, unknown: negative && offset === 0 })
}

const peek = (cursor: Cursor): Token | undefined => cursor.tokens[cursor.next]
const isMark = (cursor: Cursor, ahead: number, mark: string): boolean => {
  const token = cursor.tokens[cursor.next + ahead]
  return token?.kind === 'mark' && token.text === mark
}

function acceptMark(cursor: Cursor, mark: string): boolean {
  if (!isMark(cursor, 0, mark)) return false
  cursor.next++
  return true
}

function readNumber(cursor: Cursor, maxDigits: number): number | undefined {
  const token = peek(cursor)
  if (token?.kind !== 'number' || token.text.length > maxDigits) return undefined
  cursor.next++
  return Number(token.text)
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

const OPEN = 0x28
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
/** RFC 5322 §4.3, and the names that are as common and mean one thing. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['ut', 0],
  ['gmt', 0],
  ['utc', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['cet', 60],
  ['cest', 120],
  ['met', 60],
  ['mest', 120],
  ['eet', 120],
  ['eest', 180],
  ['wet', 0],
  ['west', 60],
  ['msk', 180],
  ['jst', 540],
  ['hst', -600],
  ['akst', -540],
  ['akdt', -480],
])
