import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatOctets, encodeUtf8 } from '@scop/octets'
import { encodeFrame, type MessageEvent, MessageReader } from '../src/index.ts'

const LIMITS = { headOctets: 64, tailOctets: 32, frameOctets: 100, messageOctets: 250 }
const head = (value: unknown): Uint8Array => encodeFrame('head', encodeUtf8(JSON.stringify(value)))
const tail = (value: unknown): Uint8Array => encodeFrame('tail', encodeUtf8(JSON.stringify(value)))
const octets = (n: number): Uint8Array => encodeFrame('octets', new Uint8Array(n))
const refusal = encodeFrame('refusal', encodeUtf8('{"kind":"x"}'))
const raw = (...numbers: number[]): Uint8Array => new Uint8Array(numbers)
const text = (kind: 'head' | 'tail', body: string): Uint8Array => encodeFrame(kind, encodeUtf8(body))

function readAll(parts: readonly Uint8Array[], mayRefuse: boolean): string {
  const reader = new MessageReader(LIMITS, mayRefuse)
  const events = reader.read(concatOctets(parts))
  const broken = events.find((event) => event.kind === 'broken')
  return broken === undefined ? (reader.end()?.kind ?? 'whole') : broken.error.kind
}

const CASES: readonly (readonly [string, readonly Uint8Array[], string, string?])[] = [
  ['head and tail', [head({ a: 1 }), tail(null)], 'whole'],
  ['octets between', [head(1), octets(100), octets(0), octets(100), tail({ b: 2 })], 'whole'],
  ['a refusal as an answer', [refusal], 'out-of-order', 'whole'],
  ['a refusal after the head', [head(1), refusal], 'out-of-order'],
  ['nothing', [], 'cut'],
  ['a head alone', [head(1)], 'cut'],
  ['no tail', [head(1), octets(5)], 'cut'],
  ['a tail that is cut', [head(1), tail('abc').subarray(0, 7)], 'cut'],
  ['a header that is cut', [head(1), raw(3, 0, 0)], 'cut'],
  ['octets that are cut', [head(1), octets(9).subarray(0, 13)], 'cut'],
  ['a header that begins after the tail', [head(1), tail(1), raw(2)], 'cut'],
  ['no head', [octets(1), tail(null)], 'out-of-order'],
  ['a tail first', [tail(null)], 'out-of-order'],
  ['two heads', [head(1), head(2)], 'out-of-order'],
  ['two tails', [head(1), tail(1), tail(2)], 'out-of-order'],
  ['octets after the tail', [head(1), tail(1), octets(1)], 'out-of-order'],
  ['an unknown kind', [head(1), raw(9, 0, 0, 0, 0)], 'bad-frame'],
  ['SMTP text', [encodeUtf8('MAIL FROM:<>\r\n')], 'bad-frame'],
  ['a head that is not JSON', [text('head', '{')], 'not-json'],
  ['an empty head', [text('head', '')], 'not-json'],
  ['a head that is not UTF-8', [encodeFrame('head', raw(0x22, 0xff, 0x22))], 'not-json'],
  ['a tail that is not JSON', [head(1), text('tail', 'nul')], 'not-json'],
  ['a head at its limit', [text('head', `"${'x'.repeat(62)}"`), tail(null)], 'whole'],
  ['a head above its limit', [text('head', `"${'x'.repeat(63)}"`), tail(null)], 'too-large'],
  ['a tail at its limit', [head(1), text('tail', `"${'x'.repeat(30)}"`)], 'whole'],
  ['a tail above its limit', [head(1), text('tail', `"${'x'.repeat(31)}"`)], 'too-large'],
  ['a frame above its limit', [head(1), octets(101)], 'too-large'],
  ['a body at its limit', [head(1), octets(100), octets(100), octets(50), tail(null)], 'whole'],
  ['a body above its limit', [head(1), octets(100), octets(100), octets(51), tail(null)], 'too-large'],
  ['a length of 4 GiB', [head(1), raw(2, 0xff, 0xff, 0xff, 0xff)], 'too-large'],
]
for (const [name, parts, asRequest, asAnswer = asRequest] of CASES) {
  test(`${name}: ${asRequest}`, () => {
    assert.equal(readAll(parts, false), asRequest)
    assert.equal(readAll(parts, true), asAnswer)
  })
}

test('a payload that looks like frames is payload', () => {
  const inside = concatOctets([octets(3), tail(null), head(1), refusal])
  const reader = new MessageReader(LIMITS, true)
  const events = reader.read(concatOctets([head(1), encodeFrame('octets', inside), tail('end')]))
  assert.deepEqual(events, [
    { kind: 'head', value: 1 },
    { kind: 'octets', octets: inside },
    { kind: 'tail', value: 'end' },
  ])
  assert.equal(reader.end(), undefined)
})

/** The events with their octets joined, so that cuts do not show. */
function joined(events: readonly MessageEvent[]): unknown[] {
  const out: unknown[] = []
  for (const event of events) {
    const last = out.at(-1)
    if (event.kind === 'octets' && Array.isArray(last)) last.push(...event.octets)
    else out.push(event.kind === 'octets' ? [...event.octets] : event)
  }
  return out
}

test('cut anywhere, the events are the same', () => {
  const payload = fc.uint8Array({ maxLength: 40 })
  const frames = fc.array(
    fc.oneof(
      payload.map((p) => encodeFrame('octets', p)),
      fc.constant(tail(null)),
      payload,
    ),
    {
      maxLength: 5,
    },
  )
  fc.assert(
    fc.property(frames, fc.array(fc.nat(60), { maxLength: 12 }), (list, cuts) => {
      const input = concatOctets([head({ n: 1 }), ...list, tail({ m: 2 })])
      const whole = new MessageReader(LIMITS, false)
      const expected = joined(whole.read(input))
      const reader = new MessageReader(LIMITS, false)
      const events: MessageEvent[] = []
      let at = 0
      for (const cut of cuts) {
        events.push(...reader.read(input.subarray(at, at + cut)))
        at += cut
      }
      events.push(...reader.read(input.subarray(at)))
      assert.deepEqual(joined(events), expected)
      assert.deepEqual(reader.end(), whole.end())
    }),
  )
})

test('no proper prefix of a message is whole', () => {
  const input = concatOctets([head({ n: 1 }), octets(20), tail({ above: '' })])
  for (let length = 0; length < input.length; length++) {
    const reader = new MessageReader(LIMITS, false)
    reader.read(input.subarray(0, length))
    assert.equal(reader.end()?.kind, 'cut', `at ${length}`)
  }
})
