// Laws: what a reader of a field found is written or refused, and what is written reads back the same.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import type { Result } from '@scop/result'
import {
  type EntityReceived,
  formatAuthenticationResultsValue,
  formatContentDisposition,
  formatContentLanguage,
  formatContentType,
  formatKeywords,
  formatListCommand,
  formatListId,
  formatReceivedValue,
  formatReturnPath,
  parseAuthenticationResults,
  parseContentDisposition,
  parseContentLanguage,
  parseContentType,
  parseKeywords,
  parseListCommand,
  parseListId,
  parseReceived,
  parseReturnPath,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '<a@b.test> (c \\) "d")',
  'de, en-GB (x)',
  '=?utf-8?q?=C3=A9?= "a, b", c <list.example>',
  'from a.test (b.test [192.0.2.1]) by c.test with ESMTPS id x for <d@e.test>; Thu, 1 Jan 1970 00:00:00 -0000',
  'mx.test 1; dkim=pass (ok) reason="x" header.d=a.test; spf=none',
  'text/plain; charset=utf-8; name*0*=utf-8\'en\'%C3; name*1*=%A9; x="a \\" b"',
]

export function fuzz(input: Uint8Array): void {
  const utf8 = decodeUtf8(input)
  const text = utf8.ok ? utf8.value : decodeLatin1(input)
  pair(text, parseReturnPath, formatReturnPath)
  pair(text, parseContentLanguage, formatContentLanguage)
  pair(text, parseListCommand, formatListCommand)
  pair(text, parseListId, formatListId)
  pair(text, parseAuthenticationResults, formatAuthenticationResultsValue)
  pair(text, (value) => ok(parseKeywords(value)), formatKeywords)
  pair(text, (value) => ok(meaningOfReceived(value)), formatReceivedValue)
  pair(text, withoutDefectsOf(parseContentType), formatContentType)
  pair(text, withoutDefectsOf(parseContentDisposition), formatContentDisposition)
}

function pair<T>(
  text: string,
  parse: (text: string) => Result<T, unknown>,
  format: (value: T) => Result<string, unknown>,
): void {
  const value = parse(text)
  if (!value.ok) return
  const written = format(value.value)
  if (written.ok) assert.deepEqual(parse(written.value), value)
}

const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
function withoutDefects<T extends { readonly defects: unknown }>(read: T): Omit<T, 'defects'> {
  const { defects: _, ...value } = read
  return value
}
function meaningOfReceived(text: string): EntityReceived {
  const { date, ...clauses } = withoutDefects(parseReceived(text))
  if (date === undefined) return { ...clauses, date }
  const { quirks: _, ...meaning } = date
  return { ...clauses, date: meaning }
}
function withoutDefectsOf<T extends { readonly defects: unknown }>(
  parse: (text: string) => Result<T, unknown>,
): (text: string) => Result<Omit<T, 'defects'>, unknown> {
  return (text) => {
    const read = parse(text)
    return read.ok ? ok(withoutDefects(read.value)) : read
  }
}
