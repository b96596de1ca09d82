// Whatever the text, `parseConfiguration` answers, and every mistake has a line.

import assert from 'node:assert/strict'
import { parseConfiguration } from '../src/configuration.ts'

export const seeds: readonly string[] = [
  'bottle: one\nhostname: mx.one.example\npublic-address: 127.0.0.1\nlisten:\n  submissions: 127.0.0.1:465\n  submission: 127.0.0.1:587\n  smtp: "[::1]:25"\n  dns: 127.0.0.1:53\n',
  'limits: {recipients: 5}\nrelay:\n  tls: required # x\n  tls-required-for: [a.example]\n',
  'a: &x [1]\nb: *x\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const read = parseConfiguration(Buffer.from(input).toString())
  if (read.ok) return
  assert.ok(read.error.length > 0)
  for (const { line, column } of read.error) assert.ok(line >= 1 && column >= 1)
}
