// Law: a field that names our identifier in plain sight is always claimed, whatever follows it.

import assert from 'node:assert/strict'
import { parseDomainName } from '@scop/identifiers'
import { concatOctets, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { claimsAuthservId, parseHeaderSection } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [' 1; dkim=pass', '(c(d\\)))', '; none', '.evil.example; none']

const ours = expectOk(parseDomainName('mx.example.org'), 'read')

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  for (const before of ['', '(', 'mx.example.org;', '"mx.example.org" ;']) {
    const parsed = parseHeaderSection(concatOctets([encodeAscii(`Authentication-Results: ${before}`), input]))
    const field = parsed.ok ? parsed.value.header.fields[0] : undefined
    if (field === undefined) continue
    const claimed = claimsAuthservId(field, ours)
    if (before.includes(';')) assert.ok(claimed)
  }
}
