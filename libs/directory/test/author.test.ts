import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, parseBecause } from '../src/index.ts'

for (const [author, reason, outcome] of [
  ['Alice', 'new colleague', 'ok'],
  ['J\u00fcrgen (root)', 'Gr\u00fc\u00dfe', 'ok'],
  ['alice@one.example', 'a'.repeat(1000), 'ok'],
  ['', 'x', 'bad-author empty'],
  [' . ', 'x', 'bad-author empty'],
  ['Alice <a@b>', 'x', 'bad-author disallowed-character'],
  ['Alice\nparent 0', 'x', 'bad-author disallowed-character'],
  ['a'.repeat(201), 'x', 'bad-author too-long'],
  ['Alice', '', 'bad-reason empty'],
  ['Alice', '   ', 'bad-reason empty'],
  ['Alice', 'two\nlines', 'bad-reason disallowed-character'],
  ['Alice', 'a\u0000b', 'bad-reason disallowed-character'],
  ['Alice', 'a'.repeat(1001), 'bad-reason too-long'],
] as const) {
  test(`${JSON.stringify([author.slice(0, 20), reason.slice(0, 20)])}: ${outcome}`, () => {
    const parsed = parseBecause({ author, reason }, DEFAULT_LIMITS)
    assert.equal(parsed.ok ? 'ok' : `${parsed.error.kind} ${parsed.error.reason}`, outcome)
  })
}
