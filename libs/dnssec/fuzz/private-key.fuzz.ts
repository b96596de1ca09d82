// Laws of private key files: what is read is a key that writes itself, and is read again as the same one.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatPrivateKey, parseBindPrivateKey, parsePrivateKey } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=\n',
  'Private-key-format: v1.2\nAlgorithm: 15 (ED25519)\nPrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n',
  'Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\nModulus: qz9w\nPublicExponent: AQAB\n',
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDgyMjYwMzg0NjI4MDgwMTIyNjQ1MTkwMjA0MTQyMjYy\n-----END PRIVATE KEY-----\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const file = parseBindPrivateKey(text)
  const pem = parsePrivateKey(text)
  for (const key of [file.ok ? file.value.privateKey : undefined, pem.ok ? pem.value : undefined]) {
    if (key === undefined) continue
    const again = parsePrivateKey(formatPrivateKey(key))
    assert.ok(again.ok && again.value.equals(key))
  }
}
