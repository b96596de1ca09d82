// Laws: the facts are the same at any cut, and are those of the plain rules.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { TransportFactsReader } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'a\r\nbb\r\n',
  'a\nb\rc\r\r\n\0',
  '\r',
  Uint8Array.of(0xff, 13, 10),
]
export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const whole = factsOf([input])
  for (const size of [1, 3]) {
    const pieces: Uint8Array[] = []
    for (let at = 0; at < input.length; at += size) pieces.push(input.subarray(at, at + size))
    assert.deepEqual(factsOf(pieces), whole)
  }
  const text = decodeLatin1(input)
  assert.equal(whole.octets, text.length)
  assert.equal(whole.eightBit, /[\x80-\xff]/.test(text))
  assert.equal(whole.nul, text.includes('\0'))
  assert.equal(whole.bareCr, /\r(?!\n)/.test(text))
  assert.equal(whole.bareLf, /(?<!\r)\n/.test(text))
  assert.equal(whole.endsWithCrlf, text === '' || text.endsWith('\r\n'))
}

function factsOf(pieces: readonly Uint8Array[]): TransportFactsReader['facts'] {
  const reader = new TransportFactsReader()
  for (const piece of pieces) reader.feed(piece)
  return reader.facts
}
