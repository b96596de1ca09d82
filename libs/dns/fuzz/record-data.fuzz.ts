// Laws of record data, of every type, from octets and from text: what is read, written and read again, is the same; so
// are records one after the other, and the names of types and classes.

import assert from 'node:assert/strict'
import { decodeLatin1, decodeUtf8 } from '@scop/octets'
import {
  canonicalRdata,
  decodeRdata,
  decodeRecords,
  encodeRdata,
  encodeRecords,
  formatClass,
  formatRdata,
  formatType,
  isMetaType,
  parseClass,
  parseRdata,
  parseType,
  recordType,
} from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

export const seeds: readonly (string | Uint8Array)[] = [
  hex('01 c0000201'),
  hex('0f 000a 0161 00'),
  hex('10 026162 00'),
  hex('06 0161 00 0162 00 00000001 00000002 00000003 00000004 00000005'),
  '\u0001192.0.2.1',
  '\u000f10 a.example.',
  '\u0010"a b" c\\032d',
  '\u0021\\# 7 00010002000300',
  hex('0161 00 0001 0001 0000003c 0004 c0000201'),
  'CLASS32',
  'TYPE65280',
]

/** The first octet is the type, the rest its data. */
export function fuzz(input: Uint8Array): void {
  const records = decodeRecords(input)
  if (records.ok) assert.deepEqual(decodeRecords(encodeRecords(records.value)), records)
  const word = decodeLatin1(input)
  const klass = parseClass(word)
  if (klass !== undefined) assert.equal(parseClass(formatClass(klass)), klass)
  const named = parseType(word)
  if (named !== undefined) assert.equal(parseType(formatType(named)), named)
  const code = input[0] ?? 0
  const type = recordType(code)
  if (type === undefined || isMetaType(code)) return
  const octets = input.slice(1)
  const data = decodeRdata(type, octets)
  if (data.ok) {
    const written = encodeRdata(type, data.value)
    assert.deepEqual(decodeRdata(type, written), data)
    readsAgain(code, written)
    const canonical = canonicalRdata(code, octets)
    assert.deepEqual(canonicalRdata(code, canonical), canonical)
  }
  const text = decodeUtf8(octets)
  const parsed = text.ok ? parseRdata(code, text.value) : undefined
  if (parsed?.ok === true) readsAgain(code, parsed.value)
}

function readsAgain(code: number, rdata: Uint8Array): void {
  const again = parseRdata(code, formatRdata(code, rdata))
  assert.ok(again.ok, formatRdata(code, rdata))
  assert.deepEqual([...again.value], [...rdata])
}
