// A record that is accepted, printed and read again, is the same, and has exactly one path; nothing throws.

import { deepStrictEqual } from 'node:assert'
import { DEFAULT_LIMITS, formatRecord, parseRecord, recordPath } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'directory.json\n{"format":1,"fake-salt-secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}',
  'domains/one.example.json\n{"domain":"one.example"}',
  'aliases/one.example/in/info.json\n{"alias":"info@one.example","targets":["alice@one.example","\\"a b\\"@[192.0.2.1]"]}',
  'accounts/one.example/al/alice.json\n{"account":"alice@one.example","created":"2026-11-21T02:36:48.000Z","scram-sha-256":{"iterations":4096,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","stored-key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","server-key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"argon2id":"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
]

/** The first line is the path, the rest the file. */
export function fuzz(input: Uint8Array): void {
  const end = Math.max(input.indexOf(0x0a), 0)
  const path = new TextDecoder().decode(input.subarray(0, end))
  const record = parseRecord(path, input.subarray(end + 1), DEFAULT_LIMITS)
  if (!record.ok) return
  deepStrictEqual(recordPath(record.value), path)
  deepStrictEqual(parseRecord(path, formatRecord(record.value), DEFAULT_LIMITS), record)
}
