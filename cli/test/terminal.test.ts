import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oncePerPress, readAll } from '../src/terminal.ts'

test('signals of one press are one, those of two are two', () => {
  let now = 5
  let presses = 0
  const listener = oncePerPress(
    () => presses++,
    () => now,
  )
  for (const at of [5, 6, 100, 1000, 1001, 1500]) {
    now = at
    listener()
  }
  assert.equal(presses, 2)
})

test('reads input up to its limit, and not beyond', async () => {
  async function* input(): AsyncGenerator<string> {
    yield 'ab'
    yield 'cd'
  }
  assert.equal((await readAll(input(), 4)).toString(), 'abcd')
  await assert.rejects(readAll(input(), 3), RangeError)
})
