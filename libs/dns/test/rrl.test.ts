import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RATE_LIMITS, RateLimiter, type RateLimits, type RateVerdict } from '../src/index.ts'

const NOW = 1_700_000_000
const small = (more: Partial<RateLimits> = {}): RateLimiter =>
  new RateLimiter(7, { perSecond: { answer: 10, denial: 5, referral: 5, error: 2 }, ...more })
const count = (verdicts: readonly RateVerdict[]): Record<RateVerdict, number> => ({
  send: verdicts.filter((verdict) => verdict === 'send').length,
  truncate: verdicts.filter((verdict) => verdict === 'truncate').length,
  drop: verdicts.filter((verdict) => verdict === 'drop').length,
})
const times = (n: number, one: (i: number) => RateVerdict): Record<RateVerdict, number> =>
  count(Array.from({ length: n }, (_, i) => one(i)))

test('sends up to the rate, then truncates one of two and drops the other', () => {
  const limiter = small()
  assert.deepEqual(
    times(30, () => limiter.judge('192.0.2.1', 'answer', 'z', NOW)),
    { send: 10, truncate: 10, drop: 10 },
  )
})

test('each kind has its rate', () => {
  for (const [kind, rate] of [
    ['answer', 10],
    ['denial', 5],
    ['referral', 5],
    ['error', 2],
  ] as const) {
    const limiter = small()
    assert.equal(times(100, () => limiter.judge('192.0.2.1', kind, 'z', NOW)).send, rate, kind)
  }
})

test('slip: none, each, every third', () => {
  for (const [slip, truncate] of [
    [0, 0],
    [1, 30],
    [3, 10],
  ] as const) {
    const limiter = small({ slip })
    assert.equal(times(40, () => limiter.judge('192.0.2.1', 'answer', 'z', NOW)).truncate, truncate)
  }
})

/** The second comes after the first has used all that it may. */
const SHARED: readonly (readonly [string, string, boolean])[] = [
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.254', true],
  ['192.0.2.1', '192.0.3.1', false],
  ['192.0.2.1', '::ffff:192.0.2.9', true],
  ['2001:db8:1:200::1', '2001:db8:1:2ff:1::1', true],
  ['2001:db8:1:200::1', '2001:db8:1:300::1', false],
  ['2001:db8::1', '2001:db8::1%eth0', true],
  ['1.2.34.5', '12.3.4.5', false],
]
for (const [first, second, shared] of SHARED) {
  test(`${first} and ${second} are ${shared ? 'one network' : 'two'}`, () => {
    const limiter = small()
    for (let i = 0; i < 20; i++) limiter.judge(first, 'answer', 'z', NOW)
    assert.equal(limiter.judge(second, 'answer', 'z', NOW) !== 'send', shared)
  })
}

test('zones and kinds are counted apart', () => {
  const limiter = small()
  for (let i = 0; i < 20; i++) limiter.judge('192.0.2.1', 'answer', 'z', NOW)
  assert.equal(limiter.judge('192.0.2.1', 'answer', 'other', NOW), 'send')
  assert.equal(limiter.judge('192.0.2.1', 'denial', 'z', NOW), 'send')
})

test('who goes on asking too much stays held down; who has been quiet is free', () => {
  const limiter = small({ windowSeconds: 4 })
  for (let second = 0; second < 10; second++) {
    const { send } = times(1000, () => limiter.judge('192.0.2.1', 'answer', 'z', NOW + second))
    assert.equal(send, second === 0 ? 10 : 0)
  }
  assert.notEqual(limiter.judge('192.0.2.1', 'answer', 'z', NOW + 12), 'send')
  assert.equal(limiter.judge('192.0.2.1', 'answer', 'z', NOW + 20), 'send')
})

test('a clock that steps back holds nobody up for ever', () => {
  const limiter = small()
  for (let i = 0; i < 5; i++) limiter.judge('192.0.2.1', 'answer', 'z', NOW)
  assert.equal(limiter.judge('192.0.2.1', 'answer', 'z', NOW - 1000), 'send')
  assert.equal(limiter.judge('192.0.2.1', 'answer', 'z', NOW - 999), 'send')
})

test('a flood from a million networks leaves the table as large as it was, and the victim held down', () => {
  const limiter = new RateLimiter(7, { counters: 1024 })
  const { perSecond } = RATE_LIMITS
  let sent = 0
  for (let i = 0; i < 1_000_000; i++) {
    limiter.judge(`10.${i >>> 16}.${(i >>> 8) & 255}.1`, 'answer', String(i & 255), NOW)
    if (i % 100 === 0 && limiter.judge('192.0.2.1', 'answer', 'victim', NOW) === 'send') sent++
  }
  assert.ok(sent <= perSecond.answer, `${sent} answers to the victim in one second`)
})
