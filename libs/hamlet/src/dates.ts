// Dates, written. RFC 5322 §3.3 (grammar), §4.3 (obsolete)

import type { EntityDate } from '@scop/mime'
import type { Scribe } from './scribe.ts'

// date-time = [ day-of-week "," ] date time [CFWS]
export function writeDate(scribe: Scribe): EntityDate {
  const { out, random } = scribe
  const yearForm = scribe.choose('year')
  let year = random.chance(90) ? random.between(1995, 2035) : random.between(1900, 9999)
  if (yearForm === 'obs-two') year = random.between(1950, 2049)
  if (yearForm === 'obs-three') year = random.between(1900, 2899)
  const month = random.below(12)
  const dayForm = scribe.choose('day')
  const day = dayForm === 'one-digit' ? random.between(1, 9) : random.between(1, daysIn(year, month))
  const secondForm = scribe.choose('second')
  const hour = random.below(24)
  const minute = random.below(60)
  const second = secondForm === 'absent' ? 0 : secondForm === 'leap' ? 60 : random.below(60)
  const days = daysSince1970(year, month, day)
  // Between the tokens of an obsolete date comments may stand. RFC 5322 §4.3
  const obsolete = scribe.choose('obs-date') === 'cfws-within'
  const gap = (needed: boolean): void => {
    if (!obsolete) {
      if (needed) out.octet(SPACE)
    } else if (needed) scribe.cfwsNeeded()
    else scribe.cfws()
  }
  const otherCase = scribe.choose('date-case') === 'other'
  const cased = (word: string): string =>
    otherCase ? (random.chance(50) ? word.toUpperCase() : word.toLowerCase()) : word
  if (scribe.choose('day-of-week') === 'named') {
    gap(false)
    out.text(cased(DAYS[(((days + 4) % 7) + 7) % 7] as string)) // as: below 7
    gap(false)
    out.text(',')
    gap(true)
  }
  out.text(dayForm === 'one-digit' ? `${day}` : two(day))
  gap(true)
  out.text(cased(MONTHS[month] as string)) // as: below 12
  gap(true)
  if (yearForm === 'four') out.text(`${year}`)
  else out.text(yearForm === 'obs-two' ? two(year % 100) : `${year - 1900}`.padStart(3, '0'))
  gap(true)
  out.text(two(hour))
  gap(false)
  out.text(':')
  gap(false)
  out.text(two(minute))
  if (secondForm !== 'absent') {
    gap(false)
    out.text(':')
    gap(false)
    out.text(two(second))
  }
  gap(true)
  const { offsetMinutes, zoneUnknown } = writeZone(scribe, cased)
  const local = days * 86_400 + hour * 3600 + minute * 60 + second
  return { epochMilliseconds: (local - offsetMinutes * 60) * 1000, offsetMinutes, zoneUnknown }
}

// zone = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone
function writeZone(scribe: Scribe, cased: (word: string) => string): Pick<EntityDate, 'offsetMinutes' | 'zoneUnknown'> {
  const { out, random } = scribe
  const kind = scribe.choose('zone')
  switch (kind) {
    case 'offset':
    case 'zone-comment':
    case 'any-offset': {
      const hours = random.below(kind === 'any-offset' ? 100 : 15)
      const minutes = random.chance(15) ? random.of([30, 45, 15, 59, 1]) : 0
      const west = hours + minutes > 0 && random.chance(50)
      out.text(`${west ? '-' : '+'}${two(hours)}${two(minutes)}`)
      if (kind === 'zone-comment') {
        out.octet(SPACE)
        if (scribe.profile === 'realistic') out.text(random.of(['(UTC)', '(CET)', '(PDT)', '(GMT+01:00)']))
        else scribe.comment()
      }
      const offset = hours * 60 + minutes
      return { offsetMinutes: west ? -offset : offset, zoneUnknown: false }
    }
    case 'minus-zero':
      out.text('-0000')
      return { offsetMinutes: 0, zoneUnknown: true }
    case 'obs-zone': {
      const [name, hours] = random.of(ZONES)
      out.text(cased(name))
      return { offsetMinutes: hours * 60, zoneUnknown: false }
    }
    case 'obs-unknown':
      out.text(cased(random.of(['XQZ', 'VELM', 'QQ', 'ZZORX'])))
      return { offsetMinutes: 0, zoneUnknown: true }
    // RFC 5322 §4.3: all of them, Z too, are to be taken as -0000
    case 'obs-military':
      out.text(cased(random.of(MILITARY)))
      return { offsetMinutes: 0, zoneUnknown: true }
  }
}

const two = (number: number): string => (number < 10 ? `0${number}` : `${number}`)
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
const daysIn = (year: number, month: number): number => (month === 1 && isLeap(year) ? 29 : (LENGTHS[month] as number)) // as: below 12

function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162
  for (let i = 0; i < month; i++) days += daysIn(year, i)
  return days + day - 1
}

const SPACE = 0x20
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MILITARY = 'ABCDEFGHIKLMNOPQRSTUVWXYZ'.split('')
const ZONES: readonly (readonly [name: string, hours: number])[] = [
  ['UT', 0],
  ['GMT', 0],
  ['EST', -5],
  ['EDT', -4],
  ['CST', -6],
  ['CDT', -5],
  ['MST', -7],
  ['MDT', -6],
  ['PST', -8],
  ['PDT', -7],
]
