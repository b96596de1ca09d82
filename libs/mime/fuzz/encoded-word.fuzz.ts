// Laws: any text and any octets are decoded to well-formed text; what is written as encoded words reads again the same.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import {
  decodeCharset,
  decodeComment,
  decodeEncodedWords,
  decodePhrase,
  decodeUnstructured,
  encodePhrase,
  encodeUnstructured,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '=?utf-8?q?=C3?= =?utf-8?b?qQ==?= x=?a?',
  '"a \\" b" (c) =?iso-2022-jp?b?GyRCRnwbKEI=?=',
  'a+ImIDkQ.+2D0-',
  'caf\u00e9 =? \u{1f600}',
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  for (const label of ['utf-7', 'utf-8', 'us-ascii', 'gb18030', 'iso-2022-jp']) {
    assert.ok(decodeCharset(input, label).text.isWellFormed())
  }
  const utf8 = decodeUtf8(input)
  const text = utf8.ok ? utf8.value : decodeLatin1(input)
  decodeEncodedWords(text)
  decodePhrase(text)
  decodeUnstructured(text)
  decodeComment(text)
  const plain = text.replace(/[\x00-\x1f\x7f]/g, ' ')
  assert.equal(decodeEncodedWords(encodeUnstructured(plain)).text, plain)
  assert.equal(decodePhrase(encodePhrase(plain)), plain)
  assert.equal(decodeUnstructured(encodeUnstructured(plain)), plain)
}
