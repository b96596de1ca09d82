// Laws: Received is read whatever the value; Authentication-Results is read or refused, and what is read has words.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { parseAuthenticationResults, parseReceived, RECEIVED_LIMITS } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'from a (b [192.0.2.1]) by c with ESMTPS id <d> for <"e;f"@g>; 1 Jan 2000 00:00 +0000 (x)',
  'from [IPv6:::1]:25 by by via x; y',
  'a 1; dkim/1=pass (c) reason="x" header.d=example.com header.i="@e"@f; spf=none',
  'a; none',
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const received = parseReceived(text)
  assert.ok(received.defects.length <= RECEIVED_LIMITS.defects)
  const results = parseAuthenticationResults(text)
  if (!results.ok) return
  assert.notEqual(results.value.authservId, '')
  for (const { method, result } of results.value.results) assert.ok(method !== '' && result !== '')
}
