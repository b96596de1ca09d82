// What is prepared once stays as it is when prepared again (RFC 8265 §3.1, §4.1); nothing throws.

import { deepStrictEqual } from 'node:assert'
import { decodeUtf8 } from '@scop/octets'
import { preparePassword, prepareUsername } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Alice@One.Example',
  'pa\u00a0ss',
  '\uff21',
  'e\u0301',
  '\u1e9e\u0130',
  '\u03a3',
]

export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  if (!text.ok) return
  for (const prepare of [prepareUsername, preparePassword]) {
    const once = prepare(text.value)
    if (once.ok) deepStrictEqual(prepare(once.value), once)
  }
}
