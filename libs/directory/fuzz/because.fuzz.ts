// Laws: author and reason are read or refused; what is read is one line each, trimmed, and reads again the same.

import assert from 'node:assert/strict'
import { decodeUtf8 } from '@scop/octets'
import { DEFAULT_LIMITS, parseBecause } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = ['alice|moved', ' é |a\tb', '<x>|y', '.|.', 'a\u2028b|c']

/** The author, `|`, the reason. */
export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  if (!text.ok) return
  const [author = '', ...reason] = text.value.split('|')
  const read = parseBecause({ author, reason: reason.join('|') }, DEFAULT_LIMITS)
  if (!read.ok) return
  assert.doesNotMatch(read.value.author, /[\r\n\0<>]/)
  assert.doesNotMatch(read.value.reason, /[\r\n\0]/)
  assert.deepEqual(parseBecause(read.value, DEFAULT_LIMITS), read)
}
