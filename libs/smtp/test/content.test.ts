import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatOctets, encodeLatin1 } from '@scop/octets'
import { type ContentFault, ContentReader, DotStuffer } from '../src/index.ts'

const LIMITS = { textLineOctets: 20, messageOctets: 60 }

type Whole = {
  readonly text: string
  readonly used: number
  readonly ended: boolean
  readonly fault: ContentFault | undefined
}

function readAll(octets: Uint8Array, cuts: readonly number[], dotted = true): Whole {
  const reader = new ContentReader(dotted, LIMITS)
  const kept: Uint8Array[] = []
  let used = 0
  for (const cut of [...cuts, octets.length]) {
    if (cut <= used) continue
    const reading = reader.read(octets.subarray(used, cut))
    kept.push(reading.content)
    used += reading.used
    if (reading.ended)
      return { text: reader.fault === undefined ? latin1(kept) : '', used, ended: true, fault: reader.fault }
  }
  if (!dotted) reader.end()
  return { text: reader.fault === undefined ? latin1(kept) : '', used, ended: false, fault: reader.fault }
}
const latin1 = (kept: readonly Uint8Array[]): string => Buffer.from(concatOctets(kept)).toString('latin1')

const rows: readonly (readonly [string, string, ContentFault | undefined])[] = [
  ['.\r\n', '', undefined],
  ['a\r\n.\r\n', 'a\r\n', undefined],
  ['..\r\n.\r\n', '.\r\n', undefined],
  ['.a\r\n..b\r\n\r\n.\r\n', 'a\r\n.b\r\n\r\n', undefined],
  ['a\r\n...\r\n.\r\n', 'a\r\n..\r\n', undefined],
  ['a.\r\n.\r\n', 'a.\r\n', undefined],
  ['\xe9\r\n.\r\n', '\xe9\r\n', undefined],
  ['a\n.\r\n\r\n.\r\n', '', 'bare-lf'],
  ['a\r.\r\n\r\n.\r\n', '', 'bare-cr'],
  ['.\r\r\n\r\n.\r\n', '', 'bare-cr'],
  ['\r\r\n.\r\n', '', 'bare-cr'],
  ['\n\r\n.\r\n', '', 'bare-lf'],
  ['a\0\r\n.\r\n', '', 'nul'],
  [`${'a'.repeat(18)}\r\n.\r\n`, `${'a'.repeat(18)}\r\n`, undefined],
  [`${'a'.repeat(19)}\r\n.\r\n`, '', 'line-too-long'],
  [`${'abcdefgh\r\n'.repeat(6)}.\r\n`, 'abcdefgh\r\n'.repeat(6), undefined],
  [`${'abcdefgh\r\n'.repeat(6)}\r\n.\r\n`, '', 'too-large'],
]
for (const [input, text, fault] of rows) {
  test(`reads ${JSON.stringify(input.slice(0, 30))}: ${fault ?? 'content'}, at any cut`, () => {
    const octets = encodeLatin1(`${input}QUIT\r\n`)
    const expected: Whole = { text, used: input.length, ended: true, fault }
    assert.deepEqual(readAll(octets, []), expected)
    for (let at = 1; at < octets.length; at++) assert.deepEqual(readAll(octets, [at]), expected, `cut at ${at}`)
    assert.deepEqual(
      readAll(
        octets,
        Array.from(octets, (_, i) => i),
      ),
      expected,
    )
  })
}

for (const [input, fault] of [
  ['a\r\n.\r\n', undefined],
  ['', undefined],
  ['a', 'unterminated-line'],
  ['a\r', 'bare-cr'],
  ['\n', 'bare-lf'],
  ['.', 'unterminated-line'],
] as const) {
  test(`reads counted ${JSON.stringify(input)}: ${fault ?? 'content'}`, () => {
    assert.deepEqual(readAll(encodeLatin1(input), [], false), {
      text: fault === undefined ? input : '',
      used: input.length,
      ended: false,
      fault,
    })
  })
}

const nasty = fc
  .array(fc.constantFrom('\r\n', '\r\n', '\r', '\n', '.', '.', 'a', '\0', 'bcdefghi'), { maxLength: 30 })
  .map((parts) => encodeLatin1(parts.join('')))

test('reads the same at any cuts', () => {
  fc.assert(
    fc.property(nasty, fc.array(fc.nat(60)), fc.boolean(), (octets, cuts, dotted) => {
      const sorted = cuts.toSorted((a, b) => a - b)
      assert.deepEqual(readAll(octets, sorted, dotted), readAll(octets, [], dotted))
    }),
  )
})

test('what is stuffed in pieces is read again the same, or was refused', () => {
  fc.assert(
    fc.property(nasty, fc.nat(60), (octets, cut) => {
      const stuffer = new DotStuffer({ textLineOctets: 20 })
      const parts = [stuffer.stuff(octets.subarray(0, cut)), stuffer.stuff(octets.subarray(cut)), stuffer.end()]
      const sent: Uint8Array[] = []
      for (const part of parts) {
        if (!part.ok) return
        sent.push(part.value)
      }
      const wire = concatOctets(sent)
      const read = readAll(wire, [])
      assert.deepEqual([read.ended, read.used], [true, wire.length])
      if (read.fault === undefined) assert.equal(read.text, latin1([octets]))
      else assert.equal(read.fault, 'too-large')
    }),
  )
})
