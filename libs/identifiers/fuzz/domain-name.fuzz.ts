// Laws: a name is read or refused; what is read is lower-case LDH and reads again the same.

import assert from 'node:assert/strict'
import { parseDomainName, parseInternationalDomainName } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'Example.ORG.',
  'bücher.例え',
  '127.0.0.0x1',
  'xn--bcher-kva.example',
  'a。b',
]

export function fuzz(input: Uint8Array): void {
  const text = new TextDecoder().decode(input)
  for (const read of [parseDomainName(text), parseInternationalDomainName(text)]) {
    if (!read.ok) continue
    assert.match(read.value, /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/)
    assert.deepEqual(parseDomainName(read.value), read)
    assert.deepEqual(parseInternationalDomainName(read.value), read)
  }
}
