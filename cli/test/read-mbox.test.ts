import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeMboxMessage, formatMboxSeparator } from '../src/mbox.ts'
import { MboxReader, readMbox, startsMbox } from '../src/read-mbox.ts'

const F = 'From a@one.example Thu Jan  1 00:00:00 1970\n'
const texts = (mbox: string): readonly (string | undefined)[] =>
  readMbox(Buffer.from(mbox, 'latin1')).map(({ message }) => message && Buffer.from(message).toString('latin1'))

const FILES: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', []],
  ['one message', `${F}A: b\n\nx\n\n`, ['A: b\n\nx\n']],
  ['two messages', `${F}A: b\n\nx\n\n${F}C: d\n\n\n`, ['A: b\n\nx\n', 'C: d\n\n']],
  ['CRLF line ends', `${F.trimEnd()}\r\nA: b\r\n\r\nx\r\n\r\n${F}C: d\n`, ['A: b\r\n\r\nx\r\n', 'C: d\n']],
  [
    'quoted lines, one deep and two',
    `${F}A: b\n\n>From x\n>>From y\n> From z\n\n`,
    ['A: b\n\nFrom x\n>From y\n> From z\n'],
  ],
  ['an empty message', `${F}\n${F}A: b\n`, ['', 'A: b\n']],
  ['no empty line and no line end at the end', `${F}A: b\n\nx`, ['A: b\n\nx']],
  ['a message before the first separator', `A: b\n\nx\n\n${F}C: d\n`, ['A: b\n\nx\n', 'C: d\n']],
  ['From without a date as text', `${F}A: b\n\nFrom here on\n\n`, ['A: b\n\nFrom here on\n']],
  ['a separator within a paragraph as text', `${F}A: b\n\nx\n${F}\n`, [`A: b\n\nx\n${F}`]],
  ['a separator straight after another as text', `${F}${F}\n`, [F]],
  ['a separator without its line end as text', `${F}A: b\n\n${F.trimEnd()}`, [`A: b\n\n${F.trimEnd()}`]],
  [
    'a separator of more than 1000 octets as text',
    `${F}A: b\n\nFrom ${'a'.repeat(1000)} Thu Jan  1 00:00:00 1970\n`,
    [`A: b\n\nFrom ${'a'.repeat(1000)} Thu Jan  1 00:00:00 1970\n`],
  ],
  ['quotes deeper than 100 as text', `${F}${'>'.repeat(101)}From x\n`, [`${'>'.repeat(101)}From x\n`]],
  ['quotes 100 deep', `${F}${'>'.repeat(100)}From x\n`, [`${'>'.repeat(99)}From x\n`]],
]
for (const [name, mbox, expected] of FILES) test(`reads ${name}`, () => assert.deepEqual(texts(mbox), expected))

const STARTS: readonly (readonly [string, boolean])[] = [
  [F, true],
  ['From - Thu Jan 01 00:00:00 1970\r\nA: b\r\n', true],
  ['From 1@xxx Thu Jan 01 00:00:00 +0000 1970\n', true],
  ['From a at one.example  Thu Jan  1 00:00:00 1970\n', true],
  ['From a@one.example Thu Jan  1 00:00 MET 1970\n', true],
  ['From MAILER-DAEMON Thu Jan  1 00:00:00 1970 +0100\n', true],
  [F.trimEnd(), false],
  [`>${F}`, false],
  [` ${F}`, false],
  [`\n${F}`, false],
  ['from a Thu Jan  1 00:00:00 1970\n', false],
  ['From: a Thu Jan  1 00:00:00 1970\n', false],
  ['From here on, all is text\n', false],
  ['From a Thu Jan  1 1970\n', false],
  ['From a Xxx Jan  1 00:00:00 1970\n', false],
  ['From a Thu Jan  1 00:00:00 1970 and more\n', false],
  ['', false],
]
for (const [line, is] of STARTS) {
  test(`${JSON.stringify(line)} ${is ? 'starts' : 'does not start'} an mbox`, () =>
    assert.equal(startsMbox(Buffer.from(line)), is))
}

test('says where each message begins', () => {
  const mbox = `${F}A: b\n\n>From x\n\n${F}C: d\n`
  assert.deepEqual(
    readMbox(Buffer.from(mbox)).map(({ offset, octets }) => [offset, octets]),
    [
      [F.length, 13],
      [mbox.indexOf('C: d'), 5],
    ],
  )
})

test('does not keep a message that is longer than the limit, and goes on after it', () => {
  const limits = { messageOctets: 20, separatorOctets: 100, quotes: 2 }
  const read = readMbox(Buffer.from(`${F}${'x'.repeat(20)}\n\n${F}${'y'.repeat(19)}\n\n`), limits)
  assert.deepEqual(
    read.map(({ octets, message }) => [octets, message?.length]),
    [
      [21, undefined],
      [20, 20],
    ],
  )
})

const LINES = fc.array(
  fc.oneof(
    fc.constantFrom(
      '',
      '\r\n',
      '\n\n',
      '\r',
      'From ',
      '>From x\n',
      '>>>From ',
      F,
      '\nFrom b Fri Jan  2 00:00:00 1970\n',
    ),
    fc.string({ maxLength: 8 }),
  ),
  { maxLength: 20 },
)

test('reads what was written, but for CRLF and the last line end', () => {
  const separator = Buffer.from(formatMboxSeparator('a@one.example', 0))
  fc.assert(
    fc.property(fc.array(LINES, { minLength: 1, maxLength: 4 }), (messages) => {
      const given = messages.map((lines) => Buffer.from(lines.join('')))
      const mbox = Buffer.concat(given.flatMap((message) => [separator, encodeMboxMessage(message)]))
      const expected = given.map((message) => {
        const text = message.toString('latin1').replaceAll('\r\n', '\n')
        return text.endsWith('\n') ? text : `${text}\n`
      })
      assert.deepEqual(texts(mbox.toString('latin1')), expected)
    }),
  )
})

test('any cut gives the same messages', () => {
  const limits = { messageOctets: 60, separatorOctets: 50, quotes: 2 }
  fc.assert(
    fc.property(LINES, fc.integer({ min: 1, max: 9 }), (lines, step) => {
      const mbox = new Uint8Array(Buffer.from(lines.join('')))
      const reader = new MboxReader(limits)
      const read = []
      for (let at = 0; at < mbox.length; at += step) read.push(...reader.feed(mbox.subarray(at, at + step)))
      assert.deepEqual([...read, ...reader.finish()], readMbox(mbox, limits))
    }),
  )
})
