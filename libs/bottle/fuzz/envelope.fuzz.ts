// Whatever the JSON, `parseEnvelope` answers; and what it accepts survives the wire.

import assert from 'node:assert/strict'
import { formatEnvelope, parseEnvelope } from '../src/index.ts'

export const seeds: readonly string[] = [
  '{"trace":"0123456789abcdef","sender":"a@b.example","recipients":["c@d.example"],"smtpUtf8":false,"body":"7bit","arrival":{"receivedAtMs":1,"protocol":"ESMTP"}}',
  '{"trace":"0123456789abcdef","sender":"","recipients":["\\"c d\\"@[IPv6:::1]"],"smtpUtf8":true,"body":"8bitmime","arrival":{"receivedAtMs":1,"protocol":"SMTP","client":{"address":"::1","helo":"x"},"tls":{"version":"TLSv1.3","cipher":"y"},"authenticated":{"account":"a","mechanism":"PLAIN"}}}',
]

export function fuzz(input: Uint8Array): void {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(input).toString())
  } catch {
    return // not what this parser reads
  }
  const first = parseEnvelope(json)
  if (!first.ok) return
  assert.deepEqual(parseEnvelope(JSON.parse(JSON.stringify(formatEnvelope(first.value)))), first)
}
