// What PLAIN accepts, printed and read again, is the same; nothing throws.

import { deepStrictEqual } from 'node:assert'
import { DEFAULT_LIMITS, formatPlainMessage, parsePlainMessage } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '\0tim\0tanstaaftanstaaf',
  'Ursel\0Kurt\0xipj3plmq',
  '\0\u00e9\0\u00a0',
  '\0\0\0',
]

export function fuzz(input: Uint8Array): void {
  const message = parsePlainMessage(input, DEFAULT_LIMITS)
  if (!message.ok) return
  const written = formatPlainMessage(message.value)
  deepStrictEqual(written, new Uint8Array(input))
  deepStrictEqual(parsePlainMessage(written, DEFAULT_LIMITS), message)
}
