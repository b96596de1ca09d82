// LOC: where on the Earth the name is, to the centimetre.      RFC 1876 §2, §3

import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'

export type LocData = {
  /** 0; the meaning of all that follows is defined for no other. */
  readonly version: number
  /** Diameter, horizontal and vertical precision: four bits of mantissa, four of a power of ten, in centimetres. */
  readonly size: number
  readonly horizontalPrecision: number
  readonly verticalPrecision: number
  /** Thousandths of a second of arc, 2^31 at the equator and at the prime meridian. */
  readonly latitude: number
  readonly longitude: number
  /** Centimetres above 100 000 m below the WGS 84 spheroid. */
  readonly altitude: number
}

export const LOC: RecordType<LocData> = {
  code: 29,
  mnemonic: 'LOC',
  nameRule: 'as-is',
  read: (reader) => ({
    version: reader.u8(),
    size: reader.u8(),
    horizontalPrecision: reader.u8(),
    verticalPrecision: reader.u8(),
    latitude: reader.u32(),
    longitude: reader.u32(),
    altitude: reader.u32(),
  }),
  write: (writer, loc) => {
    writer.u8(loc.version)
    writer.u8(loc.size)
    writer.u8(loc.horizontalPrecision)
    writer.u8(loc.verticalPrecision)
    writer.u32(loc.latitude)
    writer.u32(loc.longitude)
    writer.u32(loc.altitude)
  },
  // d1 [m1 [s1]] {"N"|"S"} d2 [m2 [s2]] {"E"|"W"} alt["m"] [siz["m"] [hp["m"] [vp["m"]]]]
  parse: (text) => ({
    version: 0,
    latitude: parseAngle(text, 90, 'N', 'S'),
    longitude: parseAngle(text, 180, 'E', 'W'),
    altitude: parseMetres(text, -ALTITUDE_BASE, 0xffffffff - ALTITUDE_BASE) + ALTITUDE_BASE,
    size: parseSize(text, 0x12),
    horizontalPrecision: parseSize(text, 0x16),
    verticalPrecision: parseSize(text, 0x13),
  }),
  format: (loc) => {
    const sizes = [loc.size, loc.horizontalPrecision, loc.verticalPrecision]
    const inRange =
      Math.abs(loc.latitude - EQUATOR) <= 90 * DEGREE &&
      Math.abs(loc.longitude - EQUATOR) <= 180 * DEGREE &&
      sizes.every((size) => size >>> 4 <= 9 && (size & 15) <= 9 && (size >>> 4 > 0 || size === 0))
    if (loc.version !== 0 || !inRange) return undefined
    const lengths = [loc.altitude - ALTITUDE_BASE, ...sizes.map((size) => (size >>> 4) * 10 ** (size & 15))]
    const angles = `${formatAngle(loc.latitude, 'N', 'S')} ${formatAngle(loc.longitude, 'E', 'W')}`
    return `${angles} ${lengths.map(formatMetres).join(' ')}`
  },
}

function parseAngle(text: RdataText, mostDegrees: number, positive: string, negative: string): number {
  let thousandths = 0
  for (const unit of [DEGREE, MINUTE, SECOND]) {
    const word = text.word()
    const digits = unit === SECOND ? SECONDS : WHOLE
    const value = Number(word)
    if (!digits.test(word) || (unit !== DEGREE && value >= 60)) {
      text.fail('bad-value')
      return EQUATOR
    }
    thousandths += Math.round(value * unit)
    const next = text.peek()?.text
    if (next === positive || next === negative || unit === SECOND) break
  }
  const direction = text.word()
  if ((direction !== positive && direction !== negative) || thousandths > mostDegrees * DEGREE) text.fail('bad-value')
  return direction === positive ? EQUATOR + thousandths : EQUATOR - thousandths
}

/** Centimetres. */
function parseMetres(text: RdataText, least: number, most: number): number {
  const parts = METRES.exec(text.word())
  const centimetres = Number(parts?.[2] ?? 0) * 100 + Number((parts?.[3] ?? '').padEnd(2, '0'))
  const signed = parts?.[1] === '-' ? -centimetres : centimetres
  if (parts !== null && signed >= least && signed <= most) return signed
  text.fail('bad-value')
  return 0
}

/** What does not fit into one digit and a power of ten is rounded down. */
function parseSize(text: RdataText, whereAbsent: number): number {
  if (text.left === 0) return whereAbsent
  let mantissa = parseMetres(text, 0, 9_000_000_000)
  let exponent = 0
  for (; mantissa > 9; exponent++) mantissa = Math.floor(mantissa / 10)
  return mantissa * 16 + exponent
}

function formatAngle(value: number, positive: string, negative: string): string {
  const thousandths = Math.abs(value - EQUATOR)
  const degrees = Math.floor(thousandths / DEGREE)
  const minutes = Math.floor((thousandths % DEGREE) / MINUTE)
  const seconds = ((thousandths % MINUTE) / SECOND).toFixed(3)
  const direction = value >= EQUATOR ? positive : negative
  return `${pad(degrees, 2)} ${pad(minutes, 2)} ${pad(seconds, 6)} ${direction}`
}

function formatMetres(centimetres: number): string {
  return centimetres % 100 === 0 ? `${centimetres / 100}m` : `${(centimetres / 100).toFixed(2)}m`
}

function pad(value: number | string, length: number): string {
  return String(value).padStart(length, '0')
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const DEGREE = 60 * MINUTE
const EQUATOR = 2 ** 31
const ALTITUDE_BASE = 10_000_000
const WHOLE = /^[0-9]{1,3}$/
const SECONDS = /^[0-9]{1,2}(?:\.[0-9]{1,3})?$/
const METRES = /^(-?)([0-9]{1,8})(?:\.([0-9]{1,2}))?m?$/i
