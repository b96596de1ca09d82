// Law: a record is read or refused; what is read, written and read again is the same.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatSpfRecord, parseSpfRecord } from '../src/record.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx:example.com/24//64 -all',
  'v=spf1 exists:%{ir}.%{l1r+-/,_=}.%{d2}.example.com ~ptr:example.com ?include:_spf.%{o} redirect=%{d}',
  'v=spf1 a/24//64 exp=%{S}.example.com x-unknown=%_%%%-',
]

export function fuzz(input: Uint8Array): void {
  const record = parseSpfRecord(decodeLatin1(input))
  if (!record.ok) return
  const again = parseSpfRecord(formatSpfRecord(record.value))
  assert.ok(again.ok)
  assert.deepEqual({ ...again.value, source: '' }, { ...record.value, source: '' })
}
