// Law: a line is read or refused; what is read, written and read again is the same.

import assert from 'node:assert/strict'
import { formatRow, parseRow } from '../src/row.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '{"subject":"network:192.0.2.0/24","counts":{"forged":20,"pass":0.5},"firstMs":1,"touchedMs":2,"ban":{"measure":"refuse","reason":"score -80","sinceMs":2,"untilMs":3600002,"repetition":1}}',
  '{"subject":"domain:example.org","counts":{"ham":3},"firstMs":1,"touchedMs":2}',
  '{"subject":"helo:[192.0.2.1]","counts":{},"firstMs":0,"touchedMs":0}',
]

export function fuzz(input: Uint8Array): void {
  const row = parseRow(new TextDecoder().decode(input))
  if (!row.ok) return
  const again = parseRow(formatRow(row.value))
  assert.ok(again.ok)
  assert.deepEqual(again.value, row.value)
}
