// Certificates of a server and what TLSA records hold, from octets: an answer, whatever they are.

import assert from 'node:assert/strict'
import { matchTlsa, type TlsaData } from '../src/index.ts'
import { subjectPublicKeyInfo } from '../src/subject-public-key-info.ts'
import { CERTIFICATES } from '../test/dane-certificates.ts'

const { leaf, inter, root } = CERTIFICATES

export const seeds: readonly (string | Uint8Array)[] = [
  Uint8Array.of(2, 0, 0, ...root),
  Uint8Array.of(3, 1, 0, ...(subjectPublicKeyInfo(leaf) ?? [])),
  Uint8Array.of(3, 1, 1, ...new Uint8Array(32)),
]

/** Three octets of a record, then what it holds, which is a certificate of the server too. */
export function fuzz(input: Uint8Array): void {
  const [usage = 0, selector = 0, matchingType = 0] = input
  const association = input.slice(3)
  const record: TlsaData = { usage, selector, matchingType, association }
  const options = { now: 1_900_000_000, names: ['mail.example'], usages: [0, 1, 2, 3] }
  const judgement = matchTlsa([record], [leaf, inter, root], options)
  if (judgement.kind === 'match' && usage === 3 && matchingType === 0) {
    assert.deepEqual([...association], [...(selector === 0 ? leaf : (subjectPublicKeyInfo(leaf) ?? []))])
  }
  const key = subjectPublicKeyInfo(association)
  assert.ok(key === undefined || key.length < association.length)
  matchTlsa([record], [association, inter], options)
}
