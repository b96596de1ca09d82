// Laws: it answers; what it accepts, read again, is the same.

import assert from 'node:assert/strict'
import { parseMailboxName } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'INBOX',
  'inbox',
  'Archive/2026',
  'Entwürfe',
  'a//b',
  '*',
  '\ud83d\ude00',
]

export function fuzz(input: Uint8Array): void {
  const name = parseMailboxName(new TextDecoder().decode(input))
  if (name.ok) assert.deepEqual(parseMailboxName(name.value), name)
}
