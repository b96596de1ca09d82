// Dates as messages carry them: `Fri, 21 Nov 1997 09:55:06 -0600`.
// RFC 5322 §3.3

import { err, ok, type Result } from '@scop/result'
import type { ParsedDate } from './parse-date.ts'

export type DateTime = Pick<ParsedDate, 'epochMilliseconds' | 'offsetMinutes' | 'zoneUnknown'>
/** `bad-date`: no whole second of the years 1900 to 9999 there; `bad-zone`: no whole minutes under 100 hours, or one that is unknown and not 0. */
export type FormatDateTimeError = { readonly kind: 'bad-date' | 'bad-zone' }

/** The value of Date for any date that is read, `-0000` where the zone says nothing: `parseDate` reads the same. */
// zone = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone
export function formatDateTime(date: DateTime): Result<string, FormatDateTimeError> {
  const { epochMilliseconds, offsetMinutes, zoneUnknown } = date
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) >= 100 * 60 || Object.is(offsetMinutes, -0))
    return err({ kind: 'bad-zone' })
  if (zoneUnknown && offsetMinutes !== 0) return err({ kind: 'bad-zone' })
  const year = new Date(epochMilliseconds + offsetMinutes * 60_000).getUTCFullYear()
  if (epochMilliseconds % 1000 !== 0 || !(year >= 1900 && year <= 9999)) return err({ kind: 'bad-date' })
  const text = formatDate(epochMilliseconds, offsetMinutes)
  return ok(zoneUnknown ? text.replace(/\+0000$/, '-0000') : text)
}

/** `epochMilliseconds` (1970-01-01T00:00Z) on a clock `offsetMinutes` east of UTC. The year must be 1900 to 9999. */
export function formatDate(epochMilliseconds: number, offsetMinutes = 0): string {
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) >= 100 * 60) {
    throw new RangeError(`Cannot write a date: ${offsetMinutes} minutes is no zone`)
  }
  const local = new Date(epochMilliseconds + offsetMinutes * 60_000)
  const year = local.getUTCFullYear()
  if (!(year >= 1900 && year <= 9999))
    throw new RangeError(`Cannot write a date: ${epochMilliseconds} ms is out of range`)
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(twoDigits).join(':')
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.trunc(Math.abs(offsetMinutes) / 60))}${twoDigits(Math.abs(offsetMinutes) % 60)}`
  return `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${year} ${time} ${zone}`
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
