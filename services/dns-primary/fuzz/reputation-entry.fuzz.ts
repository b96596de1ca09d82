// Law: an entry is read or refused; what is read lies below its zone, and its address is 127.0.0.x.

import assert from 'node:assert/strict'
import { isAtOrBelow, parseName, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { parseReputationEntry } from '../src/reputation-zone.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '*.2.0.192.bl 127.0.0.2 score -80 of 20 events: forged 20',
  'xn--bcher-kva.example.dwl 127.0.0.10 x',
]

const ORIGIN = expectOk(parseName('reputation.mx.one.example', ROOT), 'read')

export function fuzz(input: Uint8Array): void {
  const records = parseReputationEntry(Buffer.from(input).toString('latin1'), ORIGIN)
  if (records === undefined) return
  const [a, txt] = records
  assert.ok(a && txt && records.length === 2)
  for (const { name } of records) assert.ok(isAtOrBelow(name, ORIGIN))
  assert.deepEqual([...a.rdata.subarray(0, 3)], [127, 0, 0])
  assert.equal(a.rdata.length, 4)
  assert.ok(txt.rdata.length <= 256)
}
