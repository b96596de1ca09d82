// Law: a subject is read or refused; written and read again it is the same.

import assert from 'node:assert/strict'
import { formatSubject, heloSubject, parseSubject } from '../src/subject.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'domain:example.org',
  'network:2001:db8::/48',
  'helo:[IPv6:2001:db8::1]',
  '192.0.2.77',
  'bücher.example',
]

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input)
  for (const subject of [parseSubject(text), { ok: true, value: heloSubject(text) } as const]) {
    if (!subject.ok || subject.value === undefined) continue
    const again = parseSubject(formatSubject(subject.value))
    assert.ok(again.ok)
    assert.deepEqual(again.value, subject.value)
  }
}
