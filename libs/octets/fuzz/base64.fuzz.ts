// Laws: base64 and hex are read or refused; what is read, written again, is the same text (hex: in lower case).

import assert from 'node:assert/strict'
import { decodeBase64, decodeHex, decodeLatin1, encodeBase64, encodeHex } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = ['Zm9vYg==', 'Zm9=', '666f6F']

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const base64 = decodeBase64(text)
  if (base64.ok) assert.equal(encodeBase64(base64.value), text)
  const hex = decodeHex(text)
  if (hex.ok) assert.equal(encodeHex(hex.value), text.toLowerCase())
}
