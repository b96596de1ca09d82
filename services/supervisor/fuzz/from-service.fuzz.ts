// Laws: whatever a service says, it is one of the four sentences or nothing; what is read, read again, is the same.
// So with the memory that Linux tells.

import assert from 'node:assert/strict'
import { readFromService } from '../src/from-service.ts'
import { parsePss } from '../src/memory.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '{"kind":"hello"}',
  '{"kind":"ready","x":1}',
  '{"kind":"certify","publicKey":"AAAA"}',
  '{"kind":"cannot-start","reason":"x"}',
  'Rss:  1 kB\nPss:              12345 kB\nPss_Dirty: 1 kB\n',
]

export function fuzz(input: Uint8Array): void {
  const text = Buffer.from(input).toString('latin1')
  const pss = parsePss(text)
  if (pss !== undefined) assert.ok(Number.isSafeInteger(pss) && text.includes('Pss:'))
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return // not what this parser reads
  }
  const read = readFromService(message)
  if (read === undefined) return
  assert.ok(['hello', 'ready', 'certify', 'cannot-start'].includes(read.kind))
  assert.deepEqual(readFromService(JSON.parse(JSON.stringify(read))), read)
}
