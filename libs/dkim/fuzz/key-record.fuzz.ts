// Law: a key record is read or refused; its key written again reads the same.

import assert from 'node:assert/strict'
import { formatKeyRecord, parseKeyRecord } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=DKIM1; k=ed25519; h=sha256; t=y:s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB',
  'p=; s=email : *; n=note',
]

export function fuzz(input: Uint8Array): void {
  const record = parseKeyRecord([input])
  if (!record.ok || record.value.publicKey === 'revoked') return
  const { publicKey, testing, sameDomain } = record.value
  const again = parseKeyRecord(formatKeyRecord(publicKey, { testing, sameDomain }))
  assert.ok(again.ok && again.value.publicKey !== 'revoked')
  assert.ok(again.value.publicKey.equals(publicKey))
  assert.deepEqual([again.value.testing, again.value.sameDomain], [testing, sameDomain])
}
