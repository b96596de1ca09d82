// Laws: any text is read; what the reader found is written or refused, and what is written reads back the same, with no defect
// but that of a mailbox without a domain.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import { formatAddressList, parseAddressList, readAddressList } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'John Doe <jdoe@machine.example>, "a \\" b" <c@d.test> (x (y) \\))',
  'A Group:Ed Jones <c@a.test>,joe@where.test;, <@a.test,@b.test:c@d.test>',
  '=?utf-8?q?a,b?= "=?utf-8?q?c?=" <a . b @ c . d>, a@[x\\]], a@b c@d; <<e@f>',
]

export function fuzz(input: Uint8Array): void {
  const utf8 = decodeUtf8(input)
  const text = utf8.ok ? utf8.value : decodeLatin1(input)
  const { addresses } = readAddressList(text)
  // Nothing that the strict reader takes is lost to this one.
  const strict = parseAddressList(text)
  if (strict.ok) assert.equal(strict.value.length, addresses.length)
  const written = formatAddressList(addresses)
  if (!written.ok) return
  const again = readAddressList(written.value)
  assert.deepEqual(again.addresses, addresses)
  for (const { kind } of again.defects) assert.equal(kind, 'no-at-sign')
}
