// Laws: an id is read or refused; what is read is the text itself, 64 lower-case hexadecimal digits.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { blobIdOf, parseBlobId } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [blobIdOf(new Uint8Array(0)), 'A'.repeat(64), '0'.repeat(65)]

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const id = parseBlobId(text)
  if (id.ok) assert.match(id.value, /^[0-9a-f]{64}$(?!\n)/)
  assert.equal(id.ok ? id.value : id.error.text, text)
  assert.deepEqual(parseBlobId(blobIdOf(input)), { ok: true, value: blobIdOf(input) })
}
