// Law: a policy record is read or refused; printed and read again it is the same.

import assert from 'node:assert/strict'
import { formatRecord, parseRecord } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=r; psd=y; t=y; fo=1:d:s; rf=afrf:iodef; ri=3600',
  'v=DMARC1; p=none; pct=20; rua=mailto:a@b.example!10m,mailto:c%2Cd@e.example; ruf=https://b.example/x',
  'v=DMARC1; p=block; rua=mailto:a@b.example',
]

export function fuzz(input: Uint8Array): void {
  const parsed = parseRecord([input])
  if (!parsed.ok) return
  const again = parseRecord(formatRecord(parsed.value.record))
  assert.ok(again.ok)
  assert.deepEqual(again.value, { record: parsed.value.record, badTags: [] })
}
