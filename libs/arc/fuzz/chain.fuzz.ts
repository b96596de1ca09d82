// Law: a chain is read or refused, whatever the fields say; the same fields give the same chain.

import assert from 'node:assert/strict'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii } from '@scop/octets'
import { readChain } from '../src/chain.ts'
import { ARC_LIMITS } from '../src/limits.ts'
import { parseMessageSignature } from '../src/message-signature.ts'
import { parseSeal } from '../src/seal.ts'
import { parseSealedResults } from '../src/sealed-results.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'ARC-Seal: i=1; a=rsa-sha256; b=AAAA; cv=none; d=a.example; s=s; t=1\r\n' +
    'ARC-Message-Signature: i=1; a=rsa-sha256; b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; c=relaxed/relaxed; d=a.example; h=from; s=s\r\n' +
    'ARC-Authentication-Results: i=1; mx.example; none\r\n',
]

export function fuzz(input: Uint8Array): void {
  parseSeal(input)
  parseMessageSignature(input)
  parseSealedResults(input)
  const parsed = parseHeaderSection(concatOctets([input, encodeAscii('\r\n\r\n')]))
  if (!parsed.ok) return
  const chain = readChain(parsed.value.header)
  if (!chain.ok) return
  assert.ok(chain.value.length <= ARC_LIMITS.sets)
  for (const [i, set] of chain.value.entries()) assert.equal(set.instance, i + 1)
  assert.deepEqual(readChain(parsed.value.header), chain)
}
