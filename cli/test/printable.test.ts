import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printable, printableLines } from '../src/printable.ts'

const CASES: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['größe 重さ 🦫', 'größe 重さ 🦫'],
  ['\u001b[31mred', '\\u001b[31mred'],
  ['title\u001b]0;x\u0007', 'title\\u001b]0;x\\u0007'],
  ['c1 \u009b31m', 'c1 \\u009b31m'],
  ['two\nlines\r', 'two\\u000alines\\u000d'],
  ['turned \u202e round', 'turned \\u202e round'],
  ['\u007f\u0000', '\\u007f\\u0000'],
]

for (const [given, shown] of CASES) {
  test(`shows ${JSON.stringify(given)} on one line`, () => assert.equal(printable(given), shown))
}

test('keeps line ends and tabs where lines are wanted', () => {
  assert.equal(printableLines('a\r\nb\tc\n\u001bd\re'), 'a\nb\tc\n\\u001bd\\u000de')
})

test('lets no control character through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})
