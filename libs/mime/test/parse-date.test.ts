// RFC 5322 §3.3, §4.3
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { DATE_LIMITS, formatDate, parseDate } from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

const accepted: readonly [value: string, iso: string, offsetMinutes: number, quirks?: readonly string[]][] = [
  ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z', -360],
  [
    'Thu,\r\n 13\r\n   Feb\r\n     1969\r\n 23:32\r\n          -0330 (Newfoundland Time)',
    '1969-02-14T03:02:00.000Z',
    -210,
  ],
  ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06.000Z', -360],
  ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06.000Z', 0],
  ['21 Nov 49 09:55 UT', '2049-11-21T09:55:00.000Z', 0],
  ['21 Nov 103 09:55 EDT', '2003-11-21T13:55:00.000Z', -240],
  ['1 Jan 2000 00:00 (a (nested \\) one)) pst', '2000-01-01T08:00:00.000Z', -480],
  ['31 Dec 1998 23:59:60 +0000', '1999-01-01T00:00:00.000Z', 0],
  ['1 Jul 2003 10:52:37 A', '2003-07-01T10:52:37.000Z', 0],
  ['29 Feb 2000 00:00:00 +1400', '2000-02-28T10:00:00.000Z', 840],
  ['Fri Feb 07 10:18:12 2003 -0800', '2003-02-07T18:18:12.000Z', -480, ['asctime']],
  ['Fri Feb  7 10:18:12 CET 2003', '2003-02-07T09:18:12.000Z', 60, ['asctime']],
  ['Fri Feb  7 10:18:12 2003', '2003-02-07T10:18:12.000Z', 0, ['asctime', 'no-zone']],
  ['February 7, 2003 10:18 PM', '2003-02-07T22:18:00.000Z', 0, ['long-month', 'asctime', 'no-zone']],
  ['2003-02-07T10:18:12.25Z', '2003-02-07T10:18:12.250Z', 0, ['iso-8601', 'fraction']],
  ['2003-02-07 10:18:12+01:00', '2003-02-07T09:18:12.000Z', 60, ['iso-8601', 'odd-zone']],
  ['7-Feb-03 10.18.12 +0000', '2003-02-07T10:18:12.000Z', 0, ['dashes', 'dotted-time']],
  ['7 02 2003 10:18 +0000', '2003-02-07T10:18:00.000Z', 0, ['numeric-month']],
  ['7 Sept 2003', '2003-09-07T00:00:00.000Z', 0, ['long-month', 'no-time', 'no-zone']],
  ['2003-02-07+02:00', '2003-02-06T22:00:00.000Z', 120, ['iso-8601', 'no-time', 'odd-zone']],
  ['Thu, 7 Feb 2003 10:18:12 GMT+0200', '2003-02-07T08:18:12.000Z', 120, ['odd-zone', 'wrong-day-name']],
  ['7 Feb 2003 10:18:12 EST5EDT', '2003-02-07T15:18:12.000Z', -300, ['odd-zone']],
  ['7 Feb 2003 10:18:12 XYZ', '2003-02-07T10:18:12.000Z', 0, ['unknown-zone']],
  ['7 Feb 2003 10:18:12 +0100 x', '2003-02-07T09:18:12.000Z', 60, ['text-after']],
  ['7 Feb 2003 10:18:12 +0100 (x', '2003-02-07T09:18:12.000Z', 60, ['unclosed-comment']],
]
for (const [value, iso, offsetMinutes, quirks = []] of accepted) {
  test(`reads ${JSON.stringify(value)}`, () => {
    const parsed = parseDate(value)
    assert.ok(parsed.ok)
    assert.equal(new Date(parsed.value.epochMilliseconds).toISOString(), iso)
    assert.equal(parsed.value.offsetMinutes, offsetMinutes)
    assert.deepEqual(parsed.value.quirks, quirks)
  })
}

test('says where the zone is not known', () => {
  const rows: readonly [string, boolean][] = [
    ['+0000', false],
    ['-0000', true],
    ['GMT', false],
    ['Q', true],
    ['Z', true],
    ['z', true],
    ['', true],
  ]
  for (const [zone, unknown] of rows) {
    const parsed = parseDate(`1 Jan 2000 00:00 ${zone}`)
    assert.equal(parsed.ok && parsed.value.zoneUnknown, unknown, zone)
  }
})

const refused: readonly [string, string][] = [
  ['', 'not-a-date'],
  ['some words', 'not-a-date'],
  ['Fri, ', 'not-a-date'],
  ['(1 Jan 2000 00:00 +0000)', 'not-a-date'],
  ['0 Jan 2000 00:00 +0000', 'bad-day'],
  ['30 Feb 2000 00:00 +0000', 'bad-day'],
  ['29 Feb 1900 00:00 +0000', 'bad-day'],
  ['111 Feb 2000 00:00 +0000', 'bad-day'],
  ['7 All 2026 19:14:51 +0000', 'bad-month'],
  ['7 00 2026 19:14:51 +0000', 'bad-month'],
  ['7 ma 2026 19:14:51 +0000', 'bad-month'],
  ['7 May 1 19:14:51 +0000', 'bad-year'],
  ['7 May 1899 19:14:51 +0000', 'bad-year'],
  ['7 May 20260 19:14:51 +0000', 'bad-year'],
  ['7 May 2026 24:00:00 +0000', 'bad-time'],
  ['7 May 2026 23:60:00 +0000', 'bad-time'],
  ['7 May 2026 23:59:61 +0000', 'bad-time'],
  ['7 May 2026 2359 +0000', 'bad-time'],
  ['13 Aug 1998 l8:14:23 +1000', 'bad-time'],
  ['1 Jul 2003 ((a) 10:52:37 +0200', 'bad-time'],
  ['7 May 2026 23:59 +0060', 'bad-zone'],
  ['7 May 2026 23:59 +', 'bad-zone'],
  ['7 May 2026 23:59 +00000', 'bad-zone'],
  ['2003-13-07T00:00:00Z', 'bad-month'],
  [`1 Jan 2000 00:00 +0000 (${'x'.repeat(DATE_LIMITS.characters)})`, 'too-long'],
]
for (const [value, kind] of refused) {
  test(`refuses ${JSON.stringify(value).slice(0, 50)}: ${kind}`, () => {
    assert.deepEqual(parseDate(value), { ok: false, error: { kind } })
  })
}

test('reads no more tokens than the limit', () => {
  const many = parseDate(`1 Jan 2000 00:00 +0000${' x'.repeat(1000)}`, { characters: 4096, tokens: 8 })
  assert.deepEqual(many.ok && many.value.quirks, [])
})

test('what is written is read back', () => {
  const seconds = fc.integer({ min: Date.UTC(1901, 0, 1) / 1000, max: Date.UTC(9998, 0, 1) / 1000 })
  fc.assert(
    fc.property(seconds, fc.integer({ min: -5999, max: 5999 }), (epochSeconds, offsetMinutes) => {
      const parsed = parseDate(formatDate(epochSeconds * 1000, offsetMinutes))
      assert.deepEqual(parsed, {
        ok: true,
        value: { epochMilliseconds: epochSeconds * 1000, offsetMinutes, zoneUnknown: false, quirks: [] },
      })
    }),
  )
})

type Vector = {
  readonly header: string
  readonly expected: {
    readonly year: number
    readonly month: number
    readonly day: number
    readonly hour: number
    readonly minute: number
    readonly second: number
    readonly tz_before_gmt: boolean
    readonly tz_hour: number
    readonly tz_minute: number
  } | null
}

/** Where another parser's answer is not ours, and why. */
const DIFFERENT: readonly string[] = [
  ' 4 8 15 16 23 42', // RFC 5322 §3.3: no time of day has 16:23:42 without colons
  'Tue, 1 Jul 2003 ((invalid)\ncomment)', // it takes the line end for the end of the field; given unfolded, the comment is whole
  'by 2002:aa7', // a Received field, which parseReceived reads
]

test('dates of stalwart mail-parser', (t) => {
  const file = join(vectors, 'mail/mime/stalwart-mail-parser/date.json')
  if (!existsSync(file)) return t.skip('vectors mail/mime/stalwart-mail-parser absent')
  const rows = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[] // as: the file's form
  let compared = 0
  for (const { header, expected } of rows) {
    if (DIFFERENT.some((start) => header.startsWith(start))) continue
    const parsed = parseDate(header)
    compared++
    if (expected === null) assert.equal(parsed.ok, false, header)
    else {
      const local = Date.UTC(
        expected.year,
        expected.month - 1,
        expected.day,
        expected.hour,
        expected.minute,
        expected.second,
      )
      const offset = (expected.tz_hour * 60 + expected.tz_minute) * (expected.tz_before_gmt ? -1 : 1)
      assert.equal(parsed.ok && parsed.value.epochMilliseconds, local - offset * 60_000, header)
    }
  }
  assert.equal(compared, rows.length - DIFFERENT.length)
})

test('dates of mrmime', (t) => {
  const file = join(vectors, 'originals/mrmime/test_date.json')
  if (!existsSync(file)) return t.skip('vectors originals/mrmime absent')
  const strings = JSON.parse(readFileSync(file, 'utf8')) as readonly string[] // as: the file's form
  const dates = strings.filter((text) => /[0-9]{2}/.test(text))
  assert.equal(dates.length, 8)
  for (const date of dates) assert.ok(parseDate(date).ok, date)
})
