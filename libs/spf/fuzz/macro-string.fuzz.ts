// Law: a macro string is read or refused, and expands to text within its bound.

import assert from 'node:assert/strict'
import { parseIpAddress } from '@scop/identifiers'
import { decodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { expandMacroString, parseMacroString } from '../src/macro-string.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '%{ir}.%{v}._spf.%{d2}',
  '%{L2R+-/}%%%_%- %{c} %{r} %{t}',
  '%{p}.%{h}.%{o1r}.%{S}',
]

const values = {
  sender: { localPart: 'a+b', domain: 'example.com' },
  domain: 'example.com',
  client: expectOk(parseIpAddress('2001:db8::1'), 'read'),
  validatedName: 'unknown',
  helo: 'h'.repeat(255),
  receiver: 'mx.example',
  nowSeconds: 1_700_000_000,
}

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  for (const explanation of [false, true]) {
    const macro = parseMacroString(text, explanation)
    if (!macro.ok) {
      assert.ok(macro.error.at <= text.length)
      continue
    }
    assert.ok(expandMacroString(macro.value, values, 1000).length <= 1000 + Math.max(text.length, 1000))
    assert.deepEqual(parseMacroString(macro.value.source, explanation), macro)
  }
}
