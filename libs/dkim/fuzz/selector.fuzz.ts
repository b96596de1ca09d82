// Laws: a selector is read or refused; what is read is in lower case, fits a DNS name, and reads again the same.

import assert from 'node:assert/strict'
import { decodeUtf8 } from '@scop/octets'
import { parseSelector } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = ['mail_2019', 'A.b-c', '-a', 'a..b', '\u212a']

export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  if (!text.ok) return
  const selector = parseSelector(text.value)
  if (!selector.ok) return
  assert.match(selector.value, /^[a-z0-9_.-]{1,240}$/)
  assert.deepEqual(parseSelector(selector.value), selector)
}
