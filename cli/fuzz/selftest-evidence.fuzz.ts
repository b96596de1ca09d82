// Laws: what stands above a stored message is read, whatever it is; and the message below is told from it.

import assert from 'node:assert/strict'
import { parseDomainName } from '@scop/identifiers'
import { concatOctets, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { readEvidence } from '../src/selftest-evidence.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Received: from a by b with ESMTPS id c; x\r\nDKIM-Signature: v=1; a=rsa-sha256; s=x\r\n',
  'Authentication-Results: mx.two.example; dkim=pass (c) header.d=one.example header.s=a; spf=none\r\nno field\r\n',
]
export const structure = 'header'

const OURS = expectOk(parseDomainName('mx.two.example'), 'read')
const SUBMITTED = encodeAscii('From: a@one.example\r\n\r\nbody\r\n')

export function fuzz(input: Uint8Array): void {
  const evidence = readEvidence(concatOctets([input, SUBMITTED]), SUBMITTED, OURS)
  assert.ok(evidence.equalBelow)
  assert.ok(evidence.strayOctets >= 0 && evidence.strayOctets <= input.length)
  readEvidence(input, SUBMITTED, OURS)
}
