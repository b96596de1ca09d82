// Law: a date is read or refused; what was read, written and read again is the same instant and zone.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatDate, parseDate } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Fri, 21 Nov 1997 09(comment):   55  :  06 -0600',
  'Fri Feb  7 10:18:12 CET 2003',
  '2003-02-07T10:18:12.25+01:00',
  '7-Sept-03 10.18.12 PM EST5EDT x',
]

export function fuzz(input: Uint8Array): void {
  const date = parseDate(decodeLatin1(input))
  if (!date.ok) return
  const { epochMilliseconds, offsetMinutes } = date.value
  const year = new Date(epochMilliseconds + offsetMinutes * 60_000).getUTCFullYear()
  if (year > 9999) return // the leap second of its last minute
  const again = parseDate(formatDate(epochMilliseconds, offsetMinutes))
  assert.ok(again.ok)
  assert.deepEqual(again.value.quirks, [])
  assert.equal(again.value.epochMilliseconds, Math.floor(epochMilliseconds / 1000) * 1000)
  assert.equal(again.value.offsetMinutes, offsetMinutes)
}
