// Law: a BIMI record is read or refused; printed and read again it is the same.

import assert from 'node:assert/strict'
import { formatBimiRecord, parseBimiRecord } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=BIMI1; l=https://example.com/mark.svg; a=https://example.com/mark.pem',
  'v=BIMI1; l=; a=;',
]

export function fuzz(input: Uint8Array): void {
  const parsed = parseBimiRecord([input])
  if (!parsed.ok) return
  const again = parseBimiRecord(formatBimiRecord(parsed.value))
  assert.ok(again.ok)
  assert.deepEqual(again.value, parsed.value)
}
