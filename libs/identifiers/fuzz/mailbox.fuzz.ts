// Laws: a mailbox is read or refused; what is read, written and read again, is the same; a line end is never inside.

import assert from 'node:assert/strict'
import { formatLocalPart, formatMailbox, needsUtf8, parseLocalPart, parseMailbox } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '"john doe"@example.org',
  'jürgen@bücher.example',
  'a@[IPv6:::ffff:192.0.2.1]',
  '"\\"\\\\"@a.b',
]

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input)
  const localPart = parseLocalPart(text)
  if (localPart.ok) assert.deepEqual(parseLocalPart(formatLocalPart(localPart.value)), localPart)
  for (const utf8 of [false, true]) {
    const read = parseMailbox(text, { utf8 })
    if (!read.ok) continue
    const written = formatMailbox(read.value)
    assert.doesNotMatch(written, /[\r\n\0]/)
    assert.deepEqual(parseMailbox(written, { utf8: needsUtf8(read.value) }), read)
  }
}
