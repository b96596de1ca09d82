// A hash that is accepted is printed octet for octet; nothing throws.

import { deepStrictEqual } from 'node:assert'
import { formatPasswordHash, parsePasswordHash } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
]

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input)
  const hash = parsePasswordHash(text)
  if (hash.ok) deepStrictEqual(formatPasswordHash(hash.value), text)
}
