import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayNoticeDue, nextAttemptAtMs } from '../src/schedule.ts'

const SETTINGS = {
  'retry-first-seconds': 60,
  'retry-longest-seconds': 1000,
  'delay-notice-seconds': 3600,
  'expire-seconds': 86_400,
}

const PAUSES = [
  // attempts, random, pause in seconds
  [1, 0.5, 60],
  [2, 0.5, 120],
  [3, 0.5, 240],
  [5, 0.5, 960],
  [6, 0.5, 1000],
  [1000, 0.5, 1000],
  [1, 0, 48],
  [1, 0.999999, 72],
] as const

for (const [attempts, random, seconds] of PAUSES) {
  test(`after ${attempts} attempts, with ${random}: ${seconds} s`, () => {
    assert.equal(Math.round(nextAttemptAtMs(attempts, 1_000_000, SETTINGS, random) / 1000), 1000 + seconds)
  })
}

test('the sender hears of a delay once, and not before its time', () => {
  const due = (enqueuedAtMs: number, delayNoticed: boolean) =>
    delayNoticeDue({ enqueuedAtMs, delayNoticed }, 3_600_000, SETTINGS)
  assert.equal(due(0, false), true)
  assert.equal(due(0, true), false)
  assert.equal(due(1, false), false)
})
