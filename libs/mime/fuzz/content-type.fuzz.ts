// Law: Content-Type, Content-Disposition and their parameters are read or refused; what can be written reads again the same.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import {
  formatContentDisposition,
  formatContentType,
  parseContentDisposition,
  parseContentType,
  parseMimeVersion,
  parseTransferEncoding,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'text/plain; charset="utf-8"; format=flowed (c)',
  'a/b; x*0*=utf-8\'en\'%C3; x*1*=%A9; x*2="c\\""',
  'attachment; filename==?utf-8?q?=C3=A9?= .gif; size=3 x=my file (1',
  'a/b; x="y; z=w',
  '1.0 (c)',
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const utf8 = decodeUtf8(input)
  const text = utf8.ok ? utf8.value : decodeLatin1(input)
  parseTransferEncoding(text)
  parseMimeVersion(text)
  const type = parseContentType(text)
  if (type.ok) {
    const { defects: _, ...value } = type.value
    const written = formatContentType(value)
    if (written.ok) assert.deepEqual(parseContentType(written.value), { ok: true, value: { ...value, defects: [] } })
  }
  const disposition = parseContentDisposition(text)
  if (disposition.ok) {
    const { defects: _, ...value } = disposition.value
    const written = formatContentDisposition(value)
    if (written.ok)
      assert.deepEqual(parseContentDisposition(written.value), { ok: true, value: { ...value, defects: [] } })
  }
}
