import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backOffMs, DEFAULT_PIPE_LIMITS as LIMITS } from '../src/index.ts'

test('pauses grow, differ, and stay below the longest', () => {
  assert.equal(backOffMs(0, 0, LIMITS), LIMITS.backOffFirstMs / 2)
  assert.ok(backOffMs(3, 0.5, LIMITS) > backOffMs(2, 0.5, LIMITS))
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const pause = backOffMs(attempt, random, LIMITS)
      assert.ok(pause >= LIMITS.backOffFirstMs / 2 && pause < LIMITS.backOffLongestMs + 1)
    }),
  )
})
