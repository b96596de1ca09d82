// Laws: a canonical body is the same at any cut and equals the plain rule; canonicalized again it does not change.

import assert from 'node:assert/strict'
import { concatOctets, decodeLatin1, encodeLatin1, equalOctets } from '@scop/octets'
import { relaxValue } from '../src/canonical-header.ts'
import { canonicalizeBody } from '../src/canonical-body.ts'
import type { Canonicalization } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  ' C \r\nD \t E\r\n\r\n\r\n',
  'a  b\rc \r \r\n\t\r\nd\n e',
  `${'word '.repeat(40)}\r\n${'QUJD'.repeat(40)}\r\n  `,
]

export function fuzz(input: Uint8Array): void {
  const cut = input.length === 0 ? 0 : (input[input.length - 1] ?? 0) % input.length
  for (const canonicalization of ['simple', 'relaxed'] as const) {
    const whole = canonical(canonicalization, [input])
    assert.ok(equalOctets(whole, encodeLatin1(PLAIN[canonicalization](decodeLatin1(input)))))
    assert.ok(equalOctets(whole, canonical(canonicalization, [input.subarray(0, cut), input.subarray(cut)])))
    assert.ok(equalOctets(whole, canonical(canonicalization, [whole])))
  }
  const value = relaxValue(input)
  assert.ok(equalOctets(value, relaxValue(value)))
}

function canonical(canonicalization: Canonicalization, chunks: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = []
  const body = canonicalizeBody(canonicalization, (piece) => pieces.push(piece.slice()))
  for (const chunk of chunks) body.update(chunk)
  body.finish()
  return concatOctets(pieces)
}

const withoutEmptyEnd = (text: string): string => {
  let end = text.length
  while (text.startsWith('\r\n', end - 2) && end >= 2) end -= 2
  return text.slice(0, end)
}
const PLAIN = {
  simple: (text: string): string => `${withoutEmptyEnd(text)}\r\n`,
  relaxed: (text: string): string => {
    const reduced = withoutEmptyEnd(text.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n|$)/g, ''))
    return reduced === '' ? '' : `${reduced}\r\n`
  },
}
